// Files of `certificate_type plain_rsa` and `peers_certfile plain_rsa`: RSA keys without certificates.
//
//   : RSA { Modulus: 0x… PublicExponent: 0x… PrivateExponent: 0x… … }     private: Prime1 … Coefficient all or none
//   192.0.2.2 : PUB 0s…                                                   public, for the peer at this address
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backend/racoon/place.hpp"
#include "base/diag.hpp"
#include "base/secret.hpp"
#include "net/address.hpp"

namespace meshctl::racoon {

/// Numbers are big-endian bytes without leading zero bytes. That they make a key is for OpenSSL to say.
struct PlainRsaKey {
  std::optional<Prefix> local;  // nullopt: any
  std::optional<Prefix> peer;   // nullopt: any
  bool has_private = false;
  std::string modulus;
  std::string public_exponent;
  // Of a private key; the last five are all there or all empty.
  Secret private_exponent;
  Secret prime1, prime2, exponent1, exponent2, coefficient;
  Place where;
};

/// What the file is for decides what racoon takes. Unknown: whatever the file's own first entry says.
enum class PlainRsaUse : std::uint8_t { Unknown, Private, Public };

struct PlainRsaFile {
  PlainRsaUse use = PlainRsaUse::Unknown;
  std::vector<PlainRsaKey> keys;
};

/// Errors: what racoon refuses. Warnings: taken in another sense. `file` must have been added to Sources without its
/// text. An entry with an error is left out.
PlainRsaFile parse_plainrsa(FileId file, std::string_view text, PlainRsaUse use, DiagSink& sink);

}  // namespace meshctl::racoon
