// psk.txt and plain RSA files: where racoon 0.9.1 refuses, and where it takes something else than one reads.
#include <doctest/doctest.h>

#include "backend/racoon/plainrsa_file.hpp"
#include "unit/racoon/deviations.hpp"

namespace meshctl {
namespace {

using racoon_test::check;
using racoon_test::found;

// 512 bits, exponent 3: for tests only.
constexpr std::string_view kModulus =
    "cd6785276ce133bef6c7b18a95e2afa7521412aef46e7ec512c7988dff526d48cbe54196a5b6ba7b7c31705944463c4b36133a8a2442b903f1"
    "32d473446b7be3";
const std::string kPublic =
    "0sAQPNZ4UnbOEzvvbHsYqV4q+nUhQSrvRufsUSx5iN/1JtSMvlQZaltrp7fDFwWURGPEs2EzqKJEK5A/Ey1HNEa3vj";
const std::string kPrivate =
    "RSA {\n\tModulus: 0x" + std::string(kModulus) + "\n\tPublicExponent: 0x03\n\tPrivateExponent: 0x88ef\n";
const std::string kCrt = "Prime1: 0xe5 Prime2: 0xe4 Exponent1: 0x99 Exponent2: 0x98 Coefficient: 0x47";

racoon::PlainRsaFile parse(std::string_view text, racoon::PlainRsaUse use, DiagSink& sink) {
  return racoon::parse_plainrsa(FileId::None, text, use, sink);
}

}  // namespace

TEST_CASE("psk.txt: lines and keys") {
  check(Format::Psk, {
                         {"10.0.0.1 mk1-0123456789abcdef\n", ""},
                         {"10.0.0.1\t a key with blanks in it\n", ""},
                         {"# comment\n\n10.0.0.1 mk1-0123456789abcdef", ""},
                         {" # no comment\n", "1:1 W2601"},
                         {"10.0.0.1 0x00112233445566778899aabbccddeeff\n", ""},
                         {"10.0.0.1 0x0011223344 5566778899 aabbccddeeff\n", ""},
                         {"10.0.0.1 0x001122334455667788990\n", "1:10 E2604"},
                         {"10.0.0.1 0xyz1122334455667788\n", "1:10 E2604"},
                         {"10.0.0.1 0X00112233445566778899\n", "1:10 W2608"},
                         {"10.0.0.1 mk1-0123456789abcdef \n", "1:10 W2606"},
                         {"10.0.0.1 mk1-0123456789abcdef\r\n", "1:10 W2605"},
                         {"10.0.0.1\n", "1:1 E2603"},
                         {"10.0.0.1 short\n", "1:10 W2607"},
                         {"2001:DB8::1 mk1-0123456789abcdef\n", "1:1 W2604"},
                         {"fe80::1%eth0 mk1-0123456789abcdef\n", ""},
                         {"fe80::1 mk1-0123456789abcdef\n", "1:1 W2609"},
                         {"b.example mk1-0123456789abcdef\n", "1:1 N2601"},
                         {"10.0.0.1 mk1-0123456789abcdef\n10.0.0.1 mk1-0123456789abcdeX\n", "2:1 W2602"},
                         {"* mk1-0123456789abcdef\n10.0.0.1 mk1-0123456789abcdef\n", "1:1 W2603, 2:1 W2602"},
                         {"10.0.0.1 mk1-0123456789abcdef\n* mk1-0123456789abcdef\n", "2:1 W2603"},
                         {std::string("10.0.0.1 ") + std::string(1100, 'k') + "\n", "1:1 E2601"},
                         {std::string("10.0.0.1 ab\0cdefghijklmnopqrst\n", 31), "1:1 E2602"},
                         {"\xef\xbb\xbf"
                          "10.0.0.1 mk1-0123456789abcdef\n",
                          "1:1 W2610"},
                     });
}

TEST_CASE("plain RSA: accepted and refused") {
  check(Format::PlainRsa,
        {
            {": PUB " + kPublic + "\n", ""},
            {"10.0.0.2 : PUB " + kPublic + "\n2001:db8::/32 any : PUB " + kPublic + "\n", ""},
            {": " + kPrivate + "}\n", ""},
            {": " + kPrivate + kCrt + "}\n", ""},
            {": " + kPrivate + "Prime1: 0xe5}\n", "1:3 W2804"},
            {": " + kPrivate + "Modulus: 0x01}\n", "5:1 E2806"},
            {": RSA {Modulus: 0x01 PublicExponent: 0x03}\n", "1:3 E2807"},
            {": RSA {Modulus: 0x01 Exponent: 0x03}\n", "1:22 W2801, 1:30 E2802"},
            {": " + kPrivate, "5:1 E2802"},
            {"# : PUB " + kPublic + "\n", "2:1 E2801"},
            {": PUB " + kPublic + "\n: " + kPrivate + "}\n", "2:3 W2803"},
            {": " + kPrivate + "}\n: PUB " + kPublic + "\n", "6:3 E2803"},
            // plainrsa-gen's stray bytes behind the base64: some are base64 themselves, others racoon passes over.
            {": PUB " + kPublic + "Q\n", "1:7 E2804"},
            {": PUB " + kPublic + "\x01\x7f\n", "1:97 W2801"},
            {": PUB 0sAQ==\n", "1:7 E2805"},
            {": PUB 0s\n", "1:7 E2802, 1:8 W2801"},
            {": PUB 0x0103" + std::string(kModulus) + "\n", ""},
            {": PSK abc\n", "1:3 E2802, 1:7 W2801"},
            {"10.0.0.1 10.0.0.2 10.0.0.3 : PUB " + kPublic + "\n", "1:19 E2802"},
            {"10.0.0.1/33 : PUB " + kPublic + "\n", "1:10 E2802"},
            {"10.0.0.1/24 : PUB " + kPublic + "\n", "1:1 W2802"},
        });
}

TEST_CASE("plain RSA: the same public key, however it is written") {
  DiagSink sink;
  const auto base64 = parse("10.0.0.2 : PUB " + kPublic, racoon::PlainRsaUse::Public, sink);
  const auto hex = parse(": PUB 0x0103" + std::string(kModulus), racoon::PlainRsaUse::Public, sink);
  const auto full = parse(": " + kPrivate + kCrt + "}", racoon::PlainRsaUse::Private, sink);
  CHECK(sink.all().empty());
  REQUIRE((base64.keys.size() == 1 && hex.keys.size() == 1 && full.keys.size() == 1));
  CHECK(base64.keys[0].modulus == hex.keys[0].modulus);
  CHECK(base64.keys[0].modulus == full.keys[0].modulus);
  CHECK(base64.keys[0].modulus.size() == 64);
  CHECK(base64.keys[0].public_exponent == "\x03");
  CHECK(hex.keys[0].public_exponent == "\x03");
  REQUIRE(base64.keys[0].peer);
  CHECK(base64.keys[0].peer->text() == "10.0.0.2");
  CHECK_FALSE(base64.keys[0].has_private);
  CHECK(full.keys[0].private_exponent.reveal() == "\x88\xef");
  CHECK(full.keys[0].coefficient.reveal() == "\x47");
}

TEST_CASE("plain RSA: a public key in a private key's file is refused") {
  DiagSink sink;
  parse(": PUB " + kPublic, racoon::PlainRsaUse::Private, sink);
  REQUIRE(sink.errors() == 1);
  CHECK(sink.all()[0].code == "E2803");
}

TEST_CASE("plain RSA: no diagnostic shows a number") {
  Sources sources;
  std::string all;
  for (const Diag& diag :
       check_file("f", ": " + kPrivate + "Prime1: 0xdeadbeef junk 0xdeadbeef}\n", Format::PlainRsa, sources)) {
    all += render(diag, sources, false);
  }
  CHECK_FALSE(all.empty());
  CHECK(all.find("deadbeef") == std::string::npos);
}

}  // namespace meshctl
