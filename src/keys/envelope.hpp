// The vault's envelope: CMS AuthEnvelopedData (RFC 5083), AES-256-GCM (RFC 5084). Internal to src/keys/.
//
// Written by us, read by OpenSSL's CMS functions: OpenSSL 3.0 can write password recipients only with PBKDF2 over
// HMAC-SHA-1, and we want HMAC-SHA-256. So that no vault can be written that could not be read again, save_vault()
// opens each envelope with OpenSSL before it replaces a file.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/diag.hpp"
#include "base/secret.hpp"

namespace meshctl::envelope {

/// OWASP's figure for PBKDF2-HMAC-SHA-256.
inline constexpr std::uint32_t kRounds = 600'000;

/// What opens an envelope: each recipient carries the content key under its own key.
struct Opener {
  Secret passphrase;  // empty: none
  Secret kek;         // 32 bytes, or empty: none
};

/// Public name of a key-encryption key: 16 hex digits of a SHA-256 over it. Not a guessing oracle, since the key is
/// 256 random bits.
std::string kek_id(const Secret& kek);

/// DER. At least one way to open must be given.
std::string seal(std::string_view content, const Opener& opener);

/// E3003: opened by none of `opener`'s keys; E3004: damaged or no envelope of this kind. `name` is for the texts.
Result<Secret> open(std::string_view der, const Opener& opener, std::string_view name);

/// Who can open an envelope, as far as anybody can see.
struct Recipients {
  unsigned passwords = 0;
  std::vector<std::string> kek_ids;
};

/// E3004: no envelope of this kind.
Result<Recipients> recipients(std::string_view der, std::string_view name);

}  // namespace meshctl::envelope
