// Key material as the vault keeps it: DER and raw bytes, by value. What is made of it: rsa.hpp, certificate.hpp,
// authority.hpp, manual.hpp.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.hpp"

namespace meshctl {

/// An asymmetric key pair. The private half is in the vault, or on its host and we know only where, or a third party's.
struct KeyPair {
  Secret pkcs8;           // DER of PrivateKeyInfo (RFC 5208); empty when the vault does not have it
  std::string held_path;  // absolute path on the host; else empty
  std::string spki;       // DER of SubjectPublicKeyInfo

  [[nodiscard]] bool held() const { return !held_path.empty(); }
  [[nodiscard]] bool there() const { return !spki.empty(); }
  [[nodiscard]] KeyPair clone() const { return {pkcs8.clone(), held_path, spki}; }
};

/// What a host shows to others under `auth: x509`.
struct CertifiedKey {
  KeyPair key;
  std::string certificate;         // DER; empty until the first one was issued or installed
  std::vector<std::string> chain;  // DER; its issuer first, without the root
  KeyPair requested;               // of a request that went to an external CA and was not answered yet
};

struct Revocation {
  std::string serial;     // lower-case hex digits, no leading "00"
  std::int64_t when = 0;  // seconds since 1970
  std::string host;       // its id then, for people
};

/// Which part a CA plays. Certificates of all of them are trusted on every host.
enum class AuthorityRole : std::uint8_t {
  Current,   // issues; at most one
  Next,      // trusted already, issues from the second phase of a roll-over on; at most one
  Former,    // trusted until the third phase, issues no more
  External,  // somebody else's
};

std::string_view text(AuthorityRole role);  // "current"

struct Authority {
  AuthorityRole role = AuthorityRole::Current;
  std::string certificate;   // DER
  Secret pkcs8;              // empty for an external CA
  std::uint32_t issued = 0;  // counts up: the first four bytes of each serial number
  std::string crl;           // DER of the last one; empty: none made or imported
  std::uint32_t crl_number = 0;
  std::vector<Revocation> revoked;
};

/// RFC 4303, 2.1: 1 to 255 are reserved.
inline constexpr std::uint32_t kLowestSpi = 256;

/// One manual SA: one direction, one protocol. The link's two hosts share it.
struct ManualKey {
  std::string link;    // link_key() of its hosts
  std::string source;  // canonical addresses
  std::string destination;
  std::string protocol;  // "esp" or "ah"
  std::uint32_t spi = 0;
  Secret encryption;  // raw bytes
  Secret authentication;
};

struct ManualKeys {
  /// Never goes back, so that a new SA never meets an old one that is still on a host.
  std::uint32_t next_spi = 0x1000;
  std::vector<ManualKey> sas;
};

}  // namespace meshctl
