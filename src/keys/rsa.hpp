// RSA keys: making them, checking them, and their forms. plainrsa is racoon's text form (docs/keys.md).
//
//   auto pair = generate_rsa(3072);
//   Secret file = plainrsa_private(*pair);            // ": RSA\t{ … }\n"
//   std::string pub = plainrsa_public(pair->spki);    // "0sAQPN…", behind ": PUB "
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/diag.hpp"
#include "base/secret.hpp"
#include "keys/material.hpp"

namespace meshctl {

inline constexpr unsigned kRsaBits = 3072;
inline constexpr unsigned kRsaMinBits = 2048;
inline constexpr unsigned kRsaMaxBits = 8192;

/// The numbers of a key, big-endian. The CRT five all or none.
struct RsaNumbers {
  std::string modulus;
  std::string public_exponent;
  Secret private_exponent;
  Secret prime1;
  Secret prime2;
  Secret exponent1;
  Secret exponent2;
  Secret coefficient;
};

/// e = 65537. E3030: `bits` is not 2048 to 8192 in steps of 8.
Result<KeyPair> generate_rsa(unsigned bits = kRsaBits);

// Forms of a whole key pair. It must be an RSA one with its private half.

RsaNumbers rsa_numbers(const KeyPair& pair);
/// The file that `certificate_type plain_rsa` names: `: RSA`, the numbers in braces, a line end.
Secret plainrsa_private(const KeyPair& pair);
/// PKCS#8, PEM. For keys of any kind.
Secret private_pem(const KeyPair& pair);

// Forms of a public key (DER of SubjectPublicKeyInfo), which must be an RSA one.

/// "0s" and the base64 of RFC 3110's short form.
std::string plainrsa_public(std::string_view spki);
unsigned key_bits(std::string_view spki);
bool is_rsa(std::string_view spki);
/// For keys of any kind.
std::string public_pem(std::string_view spki);
/// SHA-256 of the DER, 64 hex digits. For keys of any kind.
std::string key_fingerprint(std::string_view spki);

// Reading. E3031: not a key that can be used, with the reason; `name` says where it came from. Content is never quoted.

/// Checks that the numbers belong together, and makes the CRT five where they are missing.
Result<KeyPair> rsa_from_numbers(const RsaNumbers& numbers, std::string_view name);
/// That a public key of any kind is an RSA one.
Result<void> must_be_rsa(std::string_view spki, std::string_view name);
/// DER of SubjectPublicKeyInfo.
Result<std::string> rsa_public_from_numbers(std::string_view modulus, std::string_view exponent, std::string_view name);
/// What stands behind PUB: "0s" base64 or "0x" hex of RFC 3110's short form.
Result<std::string> rsa_public_from_text(std::string_view text, std::string_view name);
/// An unencrypted PEM private key, PKCS#1 or PKCS#8, of any kind.
Result<KeyPair> private_from_pem(const Secret& pem, std::string_view name);
/// Of a PKCS#12 file with an empty password (keys/pkcs12.hpp). E3031.
Result<KeyPair> private_from_pkcs12(const Secret& der, std::string_view name);
/// A PEM public key: SubjectPublicKeyInfo. DER back.
Result<std::string> public_from_pem(std::string_view pem, std::string_view name);

}  // namespace meshctl
