// Two daemons' words for algorithms, made one.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "verify/view.hpp"

namespace meshctl::verify {

struct CipherWord {
  std::string_view name;
  std::uint16_t key_bits = 0;
};

/// racoon.conf's: "rijndael" is "aes", and a length that is not written is 128 where there is a choice.
CipherWord racoon_cipher(std::string_view word, std::uint16_t bits);
/// "hmac_sha2_256" and "sha2_256" are "sha256"; "non_auth" is nothing. `word` outlives the result.
std::string_view racoon_hash(std::string_view word);
Auth racoon_auth(std::string_view word);

/// What PF_KEY's kernel sends for this HMAC: SHA-256 is cut at 96 bits.
std::uint16_t icv_bits(std::string_view hash, bool short_sha256);

/// "aes256-sha512-modp3072, aes256gcm16-prfsha384-ecp384": every combination, best first. At most kMaxOffers.
inline constexpr std::size_t kMaxOffers = 256;
std::vector<IkeOffer> swan_ike_offers(std::string_view text);
std::vector<ChildOffer> swan_child_offers(std::string_view text, bool short_sha256);

/// "C=DE, O=Office, CN=a" however its parts were separated; types in capitals. Anything else comes back as it is.
std::string canonical_dn(std::string_view text);

/// "aes 256, sha512, modp3072" for people.
std::string text(const IkeOffer& offer);
std::string text(const ChildOffer& offer);
std::string group_text(std::uint16_t group);

}  // namespace meshctl::verify
