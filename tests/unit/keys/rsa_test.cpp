#include "keys/rsa.hpp"

#include <doctest/doctest.h>
#include <fmt/core.h>
#include <rapidcheck.h>

#include <algorithm>

#include "io/file.hpp"
#include "keys/base64.hpp"
#include "keys/hex.hpp"
#include "unit/io/temp_dir.hpp"
#include "unit/rsa_vector.hpp"

using namespace meshctl;
using test::shell;
using test::TempDir;

namespace {

KeyPair known_pair() { return private_from_pem(Secret(test::kVectorPrivatePem), "vector").value(); }

std::string raw(std::string_view hex) { return std::string(parse_hex(hex).value().reveal()); }

RsaNumbers copy(const RsaNumbers& in) {
  return {in.modulus,        in.public_exponent,   in.private_exponent.clone(), in.prime1.clone(),
          in.prime2.clone(), in.exponent1.clone(), in.exponent2.clone(),        in.coefficient.clone()};
}

}  // namespace

TEST_CASE("plainrsa forms equal the test vector") {
  const KeyPair pair = known_pair();
  CHECK(plainrsa_private(pair).reveal() == test::kVectorPlainrsa);
  CHECK(plainrsa_public(pair.spki) == test::kVectorPublic);
  CHECK(public_pem(pair.spki) == test::kVectorPublicPem);
  CHECK(private_pem(pair).reveal() == test::kVectorPrivatePem);
  CHECK(key_fingerprint(pair.spki) == test::kVectorFingerprint);
  CHECK(key_bits(pair.spki) == 512);
  CHECK(is_rsa(pair.spki));
  // The page shows the same key.
  const std::string page = read_file(MESHCTL_SOURCE_DIR "/docs/keys.md").value();
  CHECK(page.find(test::kVectorPublic) != page.npos);
}

TEST_CASE("a public key is read from its texts") {
  const KeyPair pair = known_pair();
  CHECK(rsa_public_from_text(test::kVectorPublic, "f").value() == pair.spki);
  const RsaNumbers numbers = rsa_numbers(pair);
  std::string hex = "0x0103";
  append_hex(numbers.modulus, hex);
  CHECK(rsa_public_from_text(hex, "f").value() == pair.spki);
  for (char& c : hex) c = c == 'x' ? c : static_cast<char>(std::toupper(c));
  CHECK(rsa_public_from_text(hex, "f").value() == pair.spki);
  CHECK(rsa_public_from_numbers(numbers.modulus, "\x03", "f").value() == pair.spki);
  CHECK(public_from_pem(test::kVectorPublicPem, "f").value() == pair.spki);
}

TEST_CASE("public keys that are none are refused") {
  const auto why = [](std::string_view text) {
    const auto read = rsa_public_from_text(text, "f");
    REQUIRE(!read);
    CHECK(read.error()[0].code == "E3031");
    return read.error()[0].text;
  };
  const std::string form = "the key in 'f' cannot be used: it is neither 0s and base64 nor 0x and hex digits";
  CHECK(why("") == form);
  CHECK(why("AQPNZ4U=") == form);
  CHECK(why("0sAQPNZ4U") == form);
  CHECK(why("0sAQPN Z4U") == form);
  CHECK(why("0s====") == form);
  CHECK(why("0x010") == form);
  CHECK(why("0x") == "the key in 'f' cannot be used: its length byte does not fit (RFC 3110)");
  CHECK(why("0x0503") == "the key in 'f' cannot be used: its length byte does not fit (RFC 3110)");
  CHECK(why("0x0003") == "the key in 'f' cannot be used: its length byte does not fit (RFC 3110)");
  CHECK(why("0x010381") == "the key in 'f' cannot be used: the modulus is not an RSA modulus");
  const RsaNumbers numbers = rsa_numbers(known_pair());
  for (const std::string_view exponent :
       {std::string_view("\x01", 1), std::string_view("\x04", 1), std::string_view("\0", 1)}) {
    CHECK(rsa_public_from_numbers(numbers.modulus, exponent, "f").error()[0].text ==
          "the key in 'f' cannot be used: the public exponent is not an RSA exponent");
  }
}

TEST_CASE("numbers become a key only when they belong together") {
  const KeyPair pair = known_pair();
  const RsaNumbers good = rsa_numbers(pair);
  CHECK(rsa_from_numbers(good, "f").value().pkcs8 == pair.pkcs8);
  // Without the CRT five, they are found.
  RsaNumbers few = copy(good);
  for (Secret* number : {&few.prime1, &few.prime2, &few.exponent1, &few.exponent2, &few.coefficient}) number->clear();
  const auto found = rsa_from_numbers(few, "f");
  REQUIRE(found);
  CHECK(found->pkcs8 == pair.pkcs8);
  for (Secret RsaNumbers::*number : {&RsaNumbers::private_exponent, &RsaNumbers::prime1, &RsaNumbers::prime2,
                                     &RsaNumbers::exponent1, &RsaNumbers::exponent2, &RsaNumbers::coefficient}) {
    RsaNumbers bad = copy(good);
    std::string bytes((bad.*number).reveal());
    bytes[5] = static_cast<char>(bytes[5] ^ 1);
    bad.*number = Secret(bytes);
    const auto refused = rsa_from_numbers(bad, "f");
    REQUIRE(!refused);
    CHECK(refused.error()[0].text == "the key in 'f' cannot be used: its numbers do not belong together");
  }
  RsaNumbers lie = copy(few);
  lie.private_exponent = Secret(raw("05"));
  CHECK(!rsa_from_numbers(lie, "f"));
}

TEST_CASE("made keys pass OpenSSL's own check and come back from their forms") {
  const TempDir dir;
  CHECK(generate_rsa(1024).error()[0].code == "E3030");
  CHECK(generate_rsa(2047).error()[0].code == "E3030");
  CHECK(generate_rsa(8200).error()[0].code == "E3030");
  const KeyPair pair = generate_rsa(2048).value();
  CHECK(key_bits(pair.spki) == 2048);
  CHECK(rsa_numbers(pair).public_exponent == raw("010001"));
  REQUIRE(write_atomic(dir / "key.pem", private_pem(pair).reveal(), 0600U));
  CHECK(shell(fmt::format("openssl rsa -check -noout -in '{}'", (dir / "key.pem").native())).second == "RSA key ok\n");
  CHECK(shell(fmt::format("openssl pkey -pubout -in '{}'", (dir / "key.pem").native())).second ==
        public_pem(pair.spki));
  CHECK(rsa_public_from_text(plainrsa_public(pair.spki), "f").value() == pair.spki);
  CHECK(private_from_pem(private_pem(pair), "f").value().pkcs8 == pair.pkcs8);
  REQUIRE(shell(fmt::format("openssl rsa -traditional -in '{0}/key.pem' -out '{0}/pkcs1.pem' 2>/dev/null",
                            dir.path().native()))
              .first == 0);
  const std::string pkcs1 = read_file(dir / "pkcs1.pem").value();
  CHECK(pkcs1.starts_with("-----BEGIN RSA PRIVATE KEY-----"));
  CHECK(private_from_pem(Secret(pkcs1), "f").value().pkcs8 == pair.pkcs8);
}

TEST_CASE("racoon's own generator writes the same text for the same key") {
  if (shell("command -v plainrsa-gen").first != 0) {
    MESSAGE("skipped: there is no plainrsa-gen here");
    return;
  }
  const TempDir dir;
  for (const unsigned bits : {2048U, 3072U}) {
    const KeyPair pair = generate_rsa(bits).value();
    REQUIRE(write_atomic(dir / "key.pem", private_pem(pair).reveal(), 0600U));
    const auto [status, out] = shell(fmt::format("plainrsa-gen -i '{}' 2>/dev/null", (dir / "key.pem").native()));
    REQUIRE(status == 0);
    // Behind the public form there may be stray bytes: its base64 is printed without an end.
    CHECK(out.starts_with("# : PUB " + plainrsa_public(pair.spki)));
    std::string numbers;
    for (std::size_t at = 0; at < out.size();) {
      const std::size_t end = std::min(out.find('\n', at), out.size());
      const std::string_view line = std::string_view(out).substr(at, end - at);
      if (line.find('#') == line.npos) numbers += std::string(line) + '\n';
      at = end + 1;
    }
    CHECK(numbers.find(plainrsa_private(pair).reveal()) != numbers.npos);
  }
}

TEST_CASE("an encrypted private key is refused without a question") {
  const TempDir dir;
  REQUIRE(shell(fmt::format("openssl genrsa -aes128 -passout pass:abcd 2048 > '{}' 2>/dev/null", (dir / "k").native()))
              .first == 0);
  const auto refused = private_from_pem(Secret(read_file(dir / "k").value()), "k");
  REQUIRE(!refused);
  CHECK(refused.error()[0].text == "the key in 'k' cannot be used: it is not an unencrypted PEM private key");
}

TEST_CASE("base64 comes back, and nothing else is taken") {
  CHECK(rc::check([] {
    const auto bytes = *rc::gen::arbitrary<std::string>();
    std::string text;
    append_base64(bytes, text);
    const auto back = parse_base64(text);
    RC_ASSERT(back.has_value());
    RC_ASSERT(back->reveal() == bytes);
  }));
  CHECK(parse_base64("")->empty());
  for (const std::string_view bad : {"a", "ab", "abc", "ab=c", "a===", "====", "ab c", "ab\n=", "ab-_", "abcd="}) {
    CHECK(!parse_base64(bad));
  }
}
