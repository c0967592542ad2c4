// swanctl.conf of hosts, by hand and as compile writes it.
#include <doctest/doctest.h>

#include "unit/import/kit.hpp"

namespace meshctl {
namespace {

namespace fs = std::filesystem;
using test::has;
using test::imported;
using test::Told;

std::string by_hand(const std::string& own, const std::string& peer, const std::string& net, const std::string& far,
                    const std::string& more = {}) {
  return "connections {\n  site {\n    version = 2\n    local_addrs = " + own + "\n    remote_addrs = " + peer +
         "\n    proposals = aes256-sha256-modp2048, aes256-sha512-modp3072\n    rekey_time = 4h\n    dpd_delay = "
         "30s\n" +
         more + "    local {\n      auth = psk\n      id = " + own +
         "\n    }\n    remote {\n      auth = psk\n      id = " + peer +
         "\n    }\n    children {\n      net {\n        local_ts = " + net + "\n        remote_ts = " + far +
         "\n        esp_proposals = aes256-sha512-modp3072\n        life_time = 1h\n        start_action = trap\n      "
         "}\n"
         "    }\n  }\n}\nsecrets {\n  ike-1 {\n    id-1 = " +
         own + "\n    id-2 = " + peer + "\n    secret = \"a-rather-long-sample-key\"\n  }\n}\n";
}

}  // namespace

TEST_CASE("a tunnel of two strongSwan hosts, written by hand") {
  const test::TempDir dir;
  test::write_file(dir / "west/etc/swanctl/swanctl.conf",
                   by_hand("192.0.2.1", "192.0.2.2", "10.1.0.0/24", "10.2.0.0/24"), 0600);
  test::write_file(dir / "east/etc/swanctl/conf.d/site.conf",
                   by_hand("192.0.2.2", "192.0.2.1", "10.2.0.0/24", "10.1.0.0/24"), 0600);
  const Told out = imported({dir / "west", dir / "east"});
  INFO(out.yaml << out.text);
  CHECK(has(out.yaml, "backend: strongswan"));
  CHECK(has(out.yaml, "mode: tunnel"));
  CHECK(has(out.yaml, "subnets: [10.1.0.0/24]"));
  CHECK(has(out.yaml, "aes256-sha512-modp3072"));
  CHECK(has(out.yaml, "ike: 2"));
  REQUIRE(out.imported->keys.size() == 1);
  CHECK(out.imported->keys.front().content.reveal() == "a-rather-long-sample-key\n");
  CHECK(has(out.text, "W8005"));  // the weaker proposal
  CHECK(!has(out.text, "W8010"));
  CHECK(!has(out.text, "W8015"));
  CHECK(!has(out.text, "a-rather-long"));
}

TEST_CASE("what swanctl.conf says beyond that is named, with its line") {
  const test::TempDir dir;
  const std::string more = "    if_id_in = 5\n    pools = office\n";
  test::write_file(dir / "west/etc/swanctl/swanctl.conf",
                   by_hand("192.0.2.1", "192.0.2.2", "10.1.0.0/24", "10.2.0.0/24", more) +
                       "pools {\n  office {\n    addrs = 10.9.0.0/24\n  }\n}\n",
                   0600);
  const Told out = imported({dir / "west"});
  INFO(out.text);
  CHECK(has(out.text, "swanctl.conf:9: 'if_id_in' is left out"));
  CHECK(has(out.text, "'pools' is left out"));
  CHECK(has(out.text, "the section 'pools' is left out"));
  CHECK(has(out.yaml, "managed: false"));
}

TEST_CASE("strongSwan's files as compile writes them come back") {
  const std::string yaml =
      "version: 1\nmesh: m\ndefaults: {backend: strongswan}\nhosts:\n"
      "  a: {addresses: [192.0.2.1, \"2001:db8::1\"]}\n"
      "  b: {addresses: [192.0.2.2, \"2001:db8::2\"]}\n"
      "  c: {addresses: [192.0.2.3]}\nlinks:\n"
      "  - {between: [a, b], select: [{protocol: tcp, port: 443}, {protocol: udp}]}\n"
      "  - {between: [b, c], suite: {ike: aes128gcm16-prfsha256-ecp256, esp: aes128gcm16-ecp256}, dpd: 60s}\n";
  Sources sources;
  DiagSink sink;
  const auto inventory = parse_inventory("inv.yaml", yaml, sources, sink);
  REQUIRE(inventory);
  const KeyStore store = test::test_store("m");
  const test::Compiled first = test::compile_all(*inventory, "/nowhere", sources, store, BackendKind::Strongswan);
  REQUIRE_MESSAGE(first.faults.empty(), test::shown(first.faults, sources));
  const test::TempDir dir;
  const Told out = imported(test::write_hosts(first, dir / "old"));
  INFO(out.yaml << out.text);
  CHECK(out.text == "");
  for (const KeyFile& key : out.imported->keys) {
    test::write_file(dir / "new" / key.path, std::string(key.content.reveal()), 0600);
  }
  DiagSink again;
  const auto back = parse_inventory("back.yaml", out.yaml, sources, again);
  REQUIRE(back);
  const test::Compiled second = test::compile_all(*back, dir / "new", sources, store, BackendKind::Strongswan);
  CHECK(test::shown(second.faults, sources) == "");
  CHECK(test::difference(first.files, second.files) == "");
}

}  // namespace meshctl
