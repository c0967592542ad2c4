// Key material: the vault, derived pre-shared keys, digests. src/keys/ is the only folder that includes OpenSSL.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/diag.hpp"
#include "base/secret.hpp"
#include "keys/material.hpp"

namespace meshctl {

/// Of the library that runs: "3.0.17".
std::string openssl_version();

/// SHA-256 as 64 lower-case hex digits.
std::string sha256_hex(std::string_view bytes);
/// Cryptographic random bytes (RAND_bytes).
Secret random_bytes(std::size_t count);

/// A keyed HMAC-SHA-256 context that is set up once and reused: one per thread.
class Hmac {
 public:
  explicit Hmac(const Secret& key);
  ~Hmac();
  Hmac(Hmac&&) noexcept;
  Hmac& operator=(Hmac&&) noexcept;
  /// 32 bytes.
  void digest(std::string_view message, std::uint8_t (&out)[32]);
  std::string hex(std::string_view message);
  /// A context of its own for another thread, without the key schedule's cost.
  [[nodiscard]] Hmac clone() const;

 private:
  struct State;
  Hmac() = default;
  std::unique_ptr<State> state_;
};

/// What the vault keeps for one mesh. JSON inside the CMS envelope.
struct KeyStore {
  std::string mesh;
  Secret master;                                     // 32 bytes
  unsigned mesh_epoch = 1;                           // lowest epoch of every link
  std::map<std::string, unsigned> host_epochs;       // by host id
  std::map<std::string, unsigned> link_epochs;       // by "idA idB", ids sorted
  std::map<std::string, KeyPair> rsa;                // raw RSA keys, by host id
  std::map<std::string, CertifiedKey> certificates;  // by host id
  std::vector<Authority> authorities;
  ManualKeys manual;
  /// max(mesh, both hosts', the link's)
  [[nodiscard]] unsigned epoch(std::string_view id_a, std::string_view id_b) const;
};

/// The name of a link in KeyStore::link_epochs: "idA idB", sorted.
std::string link_key(std::string_view id_a, std::string_view id_b);

/// Derives PSKs (docs/keys.md, with a test vector):
///   PRK = HKDF-Extract(salt = "meshctl v1", IKM = master)                               (RFC 5869, 2.2)
///   key = HMAC-SHA-256(PRK, lp("meshctl psk v1") lp(mesh) lp(id1) lp(id2) be32(epoch) 0x01), ids sorted,
///   lp(x) = be32 length, then x; text = "mk1-" + base64url(key) without padding: 47 characters.
class PskDeriver {
 public:
  explicit PskDeriver(const KeyStore& store);
  ~PskDeriver();
  /// Appends the 47 characters. Not thread safe: one deriver per thread (clone()).
  void append(std::string_view id_a, std::string_view id_b, unsigned epoch, std::string& out);
  [[nodiscard]] std::unique_ptr<PskDeriver> clone() const;

 private:
  struct State;
  explicit PskDeriver(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Key for digests of secret artefacts: HKDF-Expand(PRK, "meshctl digest v1").
Secret digest_key(const KeyStore& store);

/// How a vault is opened: a pass phrase (from MESHCTL_PASSPHRASE_FILE, a path or "fd:N", or typed), or a key file.
struct Unlock {
  Secret passphrase;               // empty when a key file is used
  std::filesystem::path key_file;  // 32 random bytes as 64 hex digits, 0600 (key-encryption-key recipient)
};

/// CMS AuthEnvelopedData, AES-256-GCM; PWRI with PBKDF2-HMAC-SHA-256 at 600,000 rounds and/or KEK recipients.
/// `openssl cms -decrypt -inform DER …` opens it (docs/keys.md). Written atomically, mode 0600, never over an existing
/// vault unless `replace`; then `unlock` must cover all ways in which the old one opens (E3012). Opened again before it
/// takes its name (E3011).
Result<void> save_vault(const std::filesystem::path& file, const KeyStore& store, const Unlock& unlock, bool replace);
/// E3xxx: missing, wrong mode or owner, wrong pass phrase, damaged, wrong schema.
Result<KeyStore> load_vault(const std::filesystem::path& file, const Unlock& unlock);

/// Reads MESHCTL_PASSPHRASE_FILE's value ("fd:N" or a path, 0600): one line, without its line end, 1..1024 bytes.
Result<Secret> read_passphrase(std::string_view source);

}  // namespace meshctl
