// What one host gets: files with modes and owners, a manifest, and the generation id that names the whole.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diag.hpp"

namespace meshctl {

/// One file. `content` of a secret one is wiped when the Artefact is cleared or freed.
struct Artefact {
  std::string path;      // absolute live path on the host: "/etc/racoon/psk.txt"
  unsigned mode = 0644;  // permission bits
  std::string owner = "root:root";
  bool secret = false;
  std::string content;

  Artefact() = default;
  Artefact(std::string path_, unsigned mode_, bool secret_) : path(std::move(path_)), mode(mode_), secret(secret_) {}
  Artefact(const Artefact&) = delete;
  Artefact& operator=(const Artefact&) = delete;
  Artefact(Artefact&& other) noexcept : Artefact() { *this = std::move(other); }
  Artefact& operator=(Artefact&& other) noexcept;
  ~Artefact();
  /// Wipes a secret content and empties it; keeps the buffer for reuse.
  void forget() noexcept;
};

/// One line of a plan: what is agreed with a peer, in words, and a digest that changes when anything about it does.
struct LinkRecord {
  std::string peer;
  std::string terms;  // summary(Terms) + " epoch N"; no key material
  /// "LOCAL REMOTE" address pairs, for probes
  std::vector<std::string> pairs;
  bool initiator = false;
  bool answers = true;            // false: the peer may drop pings, as Windows' own firewall does
  std::string level = "require";  // "require", "use" or "unique"
  friend bool operator==(const LinkRecord&, const LinkRecord&) = default;
};

/// Digests of secret files are HMACs under a key of the vault: a plain digest of a human PSK is a guessing oracle.
struct FileRecord {
  std::string path;
  unsigned mode = 0;
  std::string owner;
  bool secret = false;
  std::uint64_t size = 0;
  std::string digest;  // 64 hex digits: SHA-256, or HMAC-SHA-256 for a secret file
  friend bool operator==(const FileRecord&, const FileRecord&) = default;
};

struct Manifest {
  static constexpr int kSchemaVersion = 1;
  std::string mesh;
  std::string host;
  std::string backend;
  std::string generation;         // 32 hex digits: hash over everything else here
  std::vector<FileRecord> files;  // sorted by path
  std::vector<LinkRecord> links;  // sorted by peer
  friend bool operator==(const Manifest&, const Manifest&) = default;
};

struct Bundle {
  Manifest manifest;
  std::vector<Artefact> artefacts;  // sorted by path
};

class Hmac;  // keys/keys.hpp

/// Sorts artefacts and links, fills the file records and the generation id. `digests` is keyed with digest_key().
void seal(Bundle& bundle, Hmac& digests);

/// JSON, one line a file and a link; the same manifest gives the same bytes everywhere.
std::string write_manifest(const Manifest& manifest);

/// Strict: only what write_manifest() writes passes, byte for byte (but for the last line end), its generation id
/// included. E4030: not of this form; E4031: another schema version. `name` says in the texts where it came from.
Result<Manifest> parse_manifest(std::string_view json, std::string_view name);

}  // namespace meshctl
