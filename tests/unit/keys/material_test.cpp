// Whole key stores through their JSON, and manual SAs.
#include <doctest/doctest.h>
#include <fmt/core.h>
#include <rapidcheck.h>

#include <ctime>
#include <set>

#include "keys/authority.hpp"
#include "keys/base64.hpp"
#include "keys/hex.hpp"
#include "keys/manual.hpp"
#include "keys/rsa.hpp"
#include "keys/secret_json.hpp"
#include "keys/store_json.hpp"
#include "unit/rsa_vector.hpp"

using namespace meshctl;

namespace {

KeyPair vector_pair() { return private_from_pem(Secret(test::kVectorPrivatePem), "vector").value(); }

KeyStore full() {
  KeyStore store;
  store.mesh = "office";
  store.master = random_bytes(32);
  store.rsa["sfere"] = vector_pair();
  store.rsa["master"] = {Secret(), "/etc/racoon/certs/own.key", vector_pair().spki};  // a host may have any name
  const std::int64_t now = std::time(nullptr);
  store.authorities.push_back(make_authority("office", 1, CaKind::EcP384, {now, 3650}));
  store.authorities.push_back(store.authorities[0].role == AuthorityRole::Current
                                  ? make_authority("office", 2, CaKind::EcP384, {now, 3650})
                                  : Authority{});
  store.authorities[1].role = AuthorityRole::Next;
  Authority& ca = store.authorities[0];
  CertifiedKey& host = store.certificates["private_key"];
  host.key = vector_pair();
  host.certificate = issue_certificate(ca, {"CN=sfere", {"DNS:sfere"}}, host.key.spki, {now, 30});
  host.chain = {ca.certificate};
  host.requested = vector_pair();
  store.certificates["asked"].requested = vector_pair();
  ca.revoked = {{"01ab", now, "gone"}};
  renew_crl(ca, {now, 30});
  REQUIRE(allocate_manual(store.manual, {{"a b", "192.0.2.1", "192.0.2.2", "esp", 32, 64},
                                         {"a b", "192.0.2.2", "192.0.2.1", "ah", 0, 20}}));
  return store;
}

std::string text_of(const KeyStore& store) { return std::string(write_store(store).reveal()); }

}  // namespace

TEST_CASE("a key store with everything comes back from its JSON") {
  const KeyStore store = full();
  const auto parsed = parse_store(write_store(store), "v");
  REQUIRE(parsed);
  CHECK(text_of(*parsed) == text_of(store));
  CHECK(parsed->rsa.at("sfere").pkcs8 == store.rsa.at("sfere").pkcs8);
  CHECK(parsed->rsa.at("master").held());
  CHECK(parsed->authorities[1].role == AuthorityRole::Next);
  CHECK(parsed->authorities[0].crl == store.authorities[0].crl);
  CHECK(parsed->certificates.at("private_key").chain == store.certificates.at("private_key").chain);
  CHECK(parsed->manual.sas[1].authentication == store.manual.sas[1].authentication);
  CHECK(parsed->manual.next_spi == 0x1002);
}

TEST_CASE("no secret reaches the JSON library") {
  const KeyStore store = full();
  const Secret text = write_store(store);
  const CutJson cut = cut_secrets(text.reveal());
  CHECK(cut.secrets.size() == 1 + 1 + 2 + 2 + 1 + 4 - 0);  // master, rsa, CAs, host twice, asked, two SAs' two keys
  for (const Secret& secret : cut.secrets) {
    if (!secret.empty()) CHECK(cut.text.find(secret.reveal()) == cut.text.npos);
  }
  // Nor does one from a text that is no JSON at all, however it is cut off.
  for (const std::string_view bad :
       {R"({"master":"abcdef)", R"("master" : "abcdef")", R"({"private_key":	"abcdef"}})",
        R"(x"\""master":"abcdef")", R"({"encryption_key":"abc\"def")"}) {
    const CutJson rest = cut_secrets(bad);
    INFO(bad);
    CHECK((rest.text.find("abcdef") == rest.text.npos || rest.secrets.empty()));
  }
}

TEST_CASE("a key store with a fault anywhere is refused, and the text says which field") {
  const std::string good = text_of(full());
  const auto why = [&](std::string_view from, std::string_view to) -> std::string {
    std::string bad = good;
    const std::size_t at = bad.find(from);
    REQUIRE(at != bad.npos);
    bad.replace(at, from.size(), to);
    const auto parsed = parse_store(Secret(bad), "v");
    if (parsed) return "taken";
    CHECK(parsed.error()[0].code == "E3004");
    return parsed.error()[0].text.substr(std::string_view("the content of 'v' is not a key store: ").size());
  };
  CHECK(why("\"role\":\"next\"", "\"role\":\"prince\"") == "a CA has an unknown role");
  CHECK(why("\"role\":\"next\"", "\"more\":1,\"role\":\"next\"") == "a CA has an unknown key");
  CHECK(why("\"protocol\":\"ah\"", "\"protocol\":\"ax\"") == "a manual SA.protocol is not esp or ah");
  CHECK(why("\"spi\":4097", "\"spi\":4096") == "an SPI is below 256 or used twice");
  CHECK(why("\"spi\":4097", "\"spi\":255") == "an SPI is below 256 or used twice");
  CHECK(why("\"spi\":4097", "\"spi\":4294967296") == "a manual SA.spi is not a number of 32 bits");
  CHECK(why("\"held\":\"/etc", "\"held\":\"etc") == "a key.held is not an absolute path");
  CHECK(why("\"serial\":\"01ab\"", "\"serial\":\"01a\"") == "a revocation.serial is not hex digits");
  CHECK(why("\"public_key\":\"M", "\"public_key\":\"N") == "a public key cannot be read");
  CHECK(why("\"public_key\":\"M", "\"public_key\":\"") == "what should be base64 is not");
  CHECK(why("\"private_key\":\"M", "\"private_key\":\"N") != "taken");
  CHECK(why("\"certificate\":\"M", "\"certificate\":\"N") == "a certificate cannot be read");
  CHECK(why("\"crl\":\"M", "\"crl\":\"N") == "a CRL cannot be read");
  CHECK(why("\"sas\":[", "\"sas\":[3,") == "a manual SA is not an object");
}

TEST_CASE("cutting off a key store anywhere never crashes its reader") {
  const std::string good = text_of(full());
  for (std::size_t size = 0; size < good.size(); size += 7) CHECK(!parse_store(Secret(good.substr(0, size)), "v"));
}

TEST_CASE("SPIs are never used twice, keys fit, and what fits is kept") {
  CHECK(rc::check([] {
    ManualKeys keys;
    std::set<std::uint32_t> ever;
    const auto rounds = *rc::gen::inRange(1, 6);
    for (int round = 0; round < rounds; ++round) {
      std::vector<ManualWish> wishes;
      for (int a = 0; a < 4; ++a) {
        for (int b = 0; b < 4; ++b) {
          if (a == b || !*rc::gen::arbitrary<bool>()) continue;
          const bool esp = *rc::gen::arbitrary<bool>();
          wishes.push_back({"link", fmt::format("192.0.2.{}", a), fmt::format("192.0.2.{}", b), esp ? "esp" : "ah",
                            esp ? *rc::gen::element<std::size_t>(16, 24, 32) : 0,
                            *rc::gen::element<std::size_t>(20, 32, 48, 64)});
        }
      }
      std::map<std::uint32_t, std::string> before;
      for (const ManualKey& sa : keys.sas) before[sa.spi] = std::string(sa.authentication.reveal());
      const auto change = allocate_manual(keys, wishes);
      RC_ASSERT(change.has_value());
      RC_ASSERT(keys.sas.size() == wishes.size());
      RC_ASSERT(change->kept + change->made == wishes.size());
      std::set<std::uint32_t> now;
      for (std::size_t i = 0; i < wishes.size(); ++i) {
        const ManualKey& sa = keys.sas[i];
        RC_ASSERT(sa.spi >= 256U);
        RC_ASSERT(now.insert(sa.spi).second);
        RC_ASSERT(sa.encryption.size() == wishes[i].encryption_bytes);
        RC_ASSERT(sa.authentication.size() == wishes[i].authentication_bytes);
        if (before.contains(sa.spi)) {
          RC_ASSERT(before[sa.spi] == sa.authentication.reveal());
        } else {
          RC_ASSERT(ever.insert(sa.spi).second);  // not even one that was dropped
        }
      }
      // The same again changes nothing.
      RC_ASSERT(allocate_manual(keys, wishes)->kept == wishes.size());
    }
  }));
  ManualKeys last;
  last.next_spi = 0x0FFFFFFF;
  CHECK(allocate_manual(last, {{"a b", "192.0.2.1", "192.0.2.2", "esp", 32, 64}}));
  CHECK(allocate_manual(last, {{"a b", "192.0.2.1", "192.0.2.3", "esp", 32, 64}}).error()[0].code == "E3040");
}

TEST_CASE("a forgotten link's SAs are made anew") {
  ManualKeys keys;
  const std::vector<ManualWish> wishes{{"a b", "192.0.2.1", "192.0.2.2", "esp", 32, 64},
                                       {"a c", "192.0.2.1", "192.0.2.3", "esp", 32, 64}};
  REQUIRE(allocate_manual(keys, wishes));
  CHECK(forget_manual(keys, "a b") == 1);
  const auto change = allocate_manual(keys, wishes);
  CHECK(change->made == 1);
  CHECK(change->kept == 1);
  CHECK(keys.sas[0].spi == 0x1002);
  CHECK(forget_manual(keys, "") == 2);
}
