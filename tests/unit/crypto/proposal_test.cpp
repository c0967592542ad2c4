// Proposal texts both ways, over everything the vocabulary can say.
#include <doctest/doctest.h>

#include "crypto/names.hpp"
#include "crypto/suite.hpp"

using namespace meshctl;

TEST_CASE("every phase 1 proposal survives its text") {
  std::size_t seen = 0;
  for (const auto& cipher : cipher_names()) {
    for (const auto& hash : hash_names()) {
      for (const auto& group : group_names()) {
        const IkeProposal proposal{cipher.cipher, cipher.key_bits, hash.hash, group.group};
        std::string why;
        const auto back = parse_ike(text(proposal), why);
        CAPTURE(text(proposal));
        if (cipher.cipher == Cipher::None) {
          CHECK_FALSE(back.has_value());
        } else {
          CHECK(back == proposal);
          ++seen;
        }
      }
    }
  }
  CHECK(seen == 15 * 5 * 12);
}

TEST_CASE("every ESP proposal survives its text, with and without PFS") {
  std::size_t seen = 0;
  for (const auto& cipher : cipher_names()) {
    for (const auto& hash : hash_names()) {
      EspProposal proposal{cipher.cipher, cipher.key_bits, is_aead(cipher.cipher) ? Hash::None : hash.hash,
                           DhGroup::None};
      std::string why;
      CHECK(parse_esp(text(proposal), why) == proposal);
      for (const auto& group : group_names()) {
        proposal.pfs = group.group;
        CAPTURE(text(proposal));
        CHECK(parse_esp(text(proposal), why) == proposal);
        ++seen;
      }
    }
  }
  CHECK(seen == 16 * 5 * 12);
}

TEST_CASE("texts look as strongSwan writes them") {
  CHECK(text(IkeProposal{Cipher::AesGcm16, 256, Hash::Sha384, DhGroup::Ecp384}) == "aes256gcm16-prfsha384-ecp384");
  CHECK(text(EspProposal{Cipher::AesGcm16, 256, Hash::None, DhGroup::Ecp384}) == "aes256gcm16-ecp384");
  CHECK(text(EspProposal{Cipher::AesGcm16, 128, Hash::None, DhGroup::None}) == "aes128gcm16");
  CHECK(text(IkeProposal{}) == "aes256-sha512-modp3072");
  CHECK(text(EspProposal{Cipher::TripleDes, 0, Hash::Md5, DhGroup::None}) == "3des-md5");
  CHECK(text(DhGroup::None) == "none");
}

namespace {
std::string why_ike(std::string_view text) {
  std::string why;
  CHECK_FALSE(parse_ike(text, why).has_value());
  return why;
}
std::string why_esp(std::string_view text) {
  std::string why;
  CHECK_FALSE(parse_esp(text, why).has_value());
  return why;
}
}  // namespace

TEST_CASE("a wrong phase 1 text says which part is wrong and what would be right") {
  CHECK(why_ike("aes-sha512-modp3072") == "unknown cipher 'aes': write aes128, aes192 or aes256");
  CHECK(why_ike("aes256-sha2_256-modp3072") == "unknown hash 'sha2_256': write sha256");
  CHECK(why_ike("aes256-sha3-modp3072") == "unknown hash 'sha3': known are sha512, sha384, sha256, sha1, md5");
  CHECK(why_ike("aes256-sha512-dh14") == "unknown Diffie-Hellman group 'dh14': write modp2048");
  CHECK(why_ike("aes256-sha512") == "phase 1 needs a cipher, a hash and a group, as in aes256-sha512-modp3072");
  CHECK(why_ike("aes256gcm16-prfsha384") ==
        "phase 1 needs a cipher, a PRF and a group, as in aes256gcm16-prfsha384-ecp384");
  CHECK(why_ike("aes256gcm16-sha384-ecp384") == "'aes256gcm16' has its own integrity and wants a PRF: write prfsha384");
  CHECK(why_ike("aes256-prfsha384-ecp384") == "'aes256' wants a hash, not a PRF: write sha384");
  CHECK(why_ike("null-sha1-modp2048") == "phase 1 cannot go without encryption: 'null' is for ESP");
  CHECK(why_ike("aes256-sha512-modp3072,aes128-sha1-modp2048") ==
        "one proposal is wanted, not a list: both ends must agree on exactly one");
  CHECK(why_ike("aes256-sha512-prfsha512-modp3072") == "more than a cipher, a hash and a group");
  for (const char* text : {"", "-", "--", "aes256--modp3072", "AES256-sha512-modp3072", "aes256-sha512-modp3072-",
                           " aes256-sha512-modp3072", "aes256-sha512-modp3072!"}) {
    CAPTURE(text);
    CHECK_FALSE(why_ike(text).empty());
  }
}

TEST_CASE("a wrong ESP text says which part is wrong and what would be right") {
  CHECK(why_esp("aes256") == "ESP needs integrity as well, as in aes256-sha512");
  CHECK(why_esp("aes256gcm16-sha384-ecp384") == "'aes256gcm16' has its own integrity: leave 'sha384' out");
  CHECK(why_esp("aes256gcm16-sha384").starts_with("unknown Diffie-Hellman group 'sha384': known are x25519"));
  CHECK(why_esp("aes256-modp2048").starts_with("unknown hash 'modp2048'"));
  CHECK(why_esp("aes256-sha512-curve25519") == "unknown Diffie-Hellman group 'curve25519': write x25519");
  CHECK(why_esp("").starts_with("unknown cipher '': known are aes256gcm16"));
}

TEST_CASE("strength grows with the group") {
  const DhGroup modp[] = {DhGroup::None,     DhGroup::Modp768,  DhGroup::Modp1024, DhGroup::Modp1536, DhGroup::Modp2048,
                          DhGroup::Modp3072, DhGroup::Modp4096, DhGroup::Modp6144, DhGroup::Modp8192};
  for (std::size_t i = 1; i < std::size(modp); ++i) CHECK(strength_bits(modp[i - 1]) < strength_bits(modp[i]));
  CHECK(strength_bits(DhGroup::Modp2048) == 112);
  CHECK(strength_bits(DhGroup::Ecp256) == 128);
  CHECK(strength_bits(DhGroup::Ecp384) == 192);
  CHECK(strength_bits(DhGroup::X25519) == 128);
}
