// RSA keys and certificates go into the vault, or it is said why not.
#include <doctest/doctest.h>

#include "keys/certify.hpp"
#include "keys/rsa.hpp"
#include "unit/import/kit.hpp"

namespace meshctl {
namespace {

namespace fs = std::filesystem;
using test::has;
using test::parsed;

constexpr std::int64_t kNow = 1800000000;  // 2027

Inventory pair_of(const std::string& auth) {
  return parsed("version: 1\nmesh: m\ndefaults: {backend: racoon, auth: " + auth +
                "}\nhosts:\n  a: {addresses: [192.0.2.1]}\n  b: {addresses: [192.0.2.2]}\nlinks:\n  - [a, b]\n");
}

KeyStore with_rsa() {
  KeyStore store = test::test_store("m");
  for (const char* host : {"a", "b"}) {
    auto pair = generate_rsa(2048);
    REQUIRE(pair);
    store.rsa[host] = std::move(*pair);
  }
  return store;
}

KeyStore with_certificates() {
  KeyStore store = test::test_store("m");
  REQUIRE(init_authority(store, CaKind::EcP384, {kNow, 3650}));
  for (const auto& [host, address] :
       {std::pair{"a", "IP:192.0.2.1"}, {"b", "IP:192.0.2.2"}, {"gone", "IP:192.0.2.3"}}) {
    REQUIRE(issue_for(store, host, {std::string("CN=") + host, {address}}, {{kNow, 365}, false, 2048}));
  }
  REQUIRE(revoke(store, "gone", {kNow, 30}));  // so that there is a list
  return store;
}

struct Adopted {
  test::Files wanted, found;
  std::string told;
  KeyStore vault = test::test_store("m");
};

/// Compiles, imports with a vault of its own, and compiles with that. `alter`: what happens to the files in between.
template <class Alter>
Adopted adopted(const Inventory& inventory, const KeyStore& store, Adopted out, Alter alter) {
  const test::TempDir dir;
  Sources sources;
  const test::Compiled first = test::compile_all(inventory, "/nowhere", sources, store);
  REQUIRE_MESSAGE(first.faults.empty(), test::shown(first.faults, sources));
  out.wanted = first.files;
  const auto folders = test::write_hosts(first, dir / "old");
  alter(dir / "old");
  DiagSink sink;
  ImportOptions options;
  options.vault = &out.vault;
  const auto imported = import_hosts(folders, options, sources, sink);
  const Diags told = sink.take();
  out.told = test::told_shortly(told, sources);
  REQUIRE_MESSAGE(imported, out.told);
  const test::Compiled second =
      test::compile_all(parsed(write_inventory(imported->inventory, "t")), dir.path(), sources, out.vault);
  out.told += test::shown(second.faults, sources);
  out.found = second.files;
  return out;
}

}  // namespace

TEST_CASE("plain RSA keys come back to the byte") {
  const Adopted out = adopted(pair_of("rsa"), with_rsa(), {}, [](const fs::path&) {});
  CHECK(out.told == "");
  CHECK(test::difference(out.wanted, out.found) == "");
}

TEST_CASE("certificates, CA and revocation list come back to the byte") {
  const Adopted out = adopted(pair_of("x509"), with_certificates(), {}, [](const fs::path&) {});
  CHECK(out.told == "");
  CHECK(test::difference(out.wanted, out.found) == "");
  REQUIRE(out.vault.authorities.size() == 1);
  CHECK(out.vault.authorities.front().role == AuthorityRole::External);
  CHECK(!out.vault.authorities.front().crl.empty());
}

TEST_CASE("a private key that was not copied stays on its host") {
  const Adopted out = adopted(pair_of("x509"), with_certificates(), {}, [](const fs::path& dir) {
    REQUIRE(fs::remove(dir / "b/files/etc/racoon/certs/key.pem"));
  });
  CHECK(has(out.told, "W8013"));
  CHECK(has(out.told, "/etc/racoon/certs/key.pem"));
  CHECK(out.vault.certificates.at("b").key.held());
  CHECK(!out.vault.certificates.at("a").key.held());
}

TEST_CASE("a file that is not there, or is none, is named") {
  const Adopted gone = adopted(pair_of("rsa"), with_rsa(), {}, [](const fs::path& dir) {
    REQUIRE(fs::remove(dir / "a/files/etc/racoon/certs/a.key"));
  });
  CHECK(has(gone.told, "W8013"));
  CHECK(has(gone.told, "a.key"));
  CHECK(!gone.vault.rsa.contains("a"));
  const Adopted broken = adopted(pair_of("x509"), with_certificates(), {}, [](const fs::path& dir) {
    test::write_file(dir / "a/files/etc/racoon/certs/cert.pem", "no certificate\n");
  });
  CHECK(has(broken.told, "W8013"));
  CHECK(!broken.vault.certificates.contains("a"));
}

TEST_CASE("the vault's own key of a host is kept, and that is said") {
  Adopted before;
  before.vault = with_rsa();
  const std::string own = before.vault.rsa.at("a").spki;
  const Adopted out = adopted(pair_of("rsa"), with_rsa(), std::move(before), [](const fs::path&) {});
  CHECK(has(out.told, "W8010"));
  CHECK(out.vault.rsa.at("a").spki == own);
}

TEST_CASE("two road warriors and a host of fixed address at one gateway come back to the byte") {
  const std::string yaml =
      "version: 1\nmesh: m\ndefaults: {backend: racoon, auth: x509, mode: tunnel}\nhosts:\n"
      "  a: {addresses: dynamic, ssh: {address: a}}\n"
      "  b: {addresses: dynamic, ssh: {address: b}, inner_addresses: [172.20.0.2]}\n"
      "  c: {addresses: [192.0.2.3], subnets: [10.3.0.0/24], inner_addresses: [10.3.0.1]}\n"
      "  gw: {addresses: [192.0.2.9], subnets: [10.8.0.0/24, 10.9.0.0/24], inner_addresses: [10.9.0.1]}\nlinks:\n"
      "  - {from: a, to: gw, generate_policy: unique, passive: true}\n"
      "  - {from: b, to: gw, generate_policy: unique, passive: true}\n  - {from: c, to: gw}\n";
  KeyStore store = test::test_store("m");
  REQUIRE(init_authority(store, CaKind::EcP384, {kNow, 3650}));
  for (const char* host : {"a", "b", "c", "gw"}) {
    REQUIRE(
        issue_for(store, host, {std::string("CN=") + host, {std::string("DNS:") + host}}, {{kNow, 365}, false, 2048}));
  }
  const Adopted out = adopted(parsed(yaml), store, {}, [](const fs::path&) {});
  CHECK(test::difference(out.wanted, out.found) == "");
  CHECK(!has(out.told, "W8010"));
  CHECK(!has(out.told, "W8004"));
  CHECK(!has(out.told, "W8016"));
}

}  // namespace meshctl
