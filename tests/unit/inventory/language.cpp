// What the language accepts, beyond the shipped examples: line ends, marks, JSON, forms of values, order of files.
#include <doctest/doctest.h>

#include <string>

#include "inventory/load.hpp"

using namespace meshctl;

namespace {

constexpr const char* kHead =
    "version: 1\nmesh: m\nhosts: {a: {addresses: [192.0.2.1]}, b: {addresses: [192.0.2.2]}}\n";

Inventory load_text(const std::string& text) {
  Sources sources;
  DiagSink sink;
  auto inventory = parse_inventory("test.yaml", text, sources, sink);
  if (!inventory) {
    for (const Diag& diag : inventory.error()) MESSAGE(render(diag, sources, false));
  }
  REQUIRE(inventory);
  return std::move(*inventory);
}

LinkOptions options_of(const std::string& option) {
  return load_text(std::string(kHead) + "links: [{among: all, " + option + "}]\n").links.at(0).options;
}

}  // namespace

TEST_CASE("Windows line ends and a byte order mark") {
  const Inventory inventory =
      load_text("\xef\xbb\xbfversion: 1\r\nmesh: m\r\nhosts:\r\n  a: {addresses: [192.0.2.1]}\r\n");
  CHECK(inventory.mesh.value == "m");
  CHECK(inventory.mesh.where.line == 2);
  CHECK(inventory.mesh.where.col == 7);
  CHECK(inventory.hosts.at(0).name.value == "a");
}

TEST_CASE("JSON on one line, and indented with tabs") {
  CHECK(
      load_text(R"({"version":1,"mesh":"m","hosts":{"a":{"addresses":["192.0.2.1"],"managed":false}}})").hosts.size() ==
      1);
  CHECK(
      load_text("{\n\t\"version\": 1,\n\t\"mesh\": \"m\",\n\t\"hosts\": {\"a\": {\"addresses\": [\"192.0.2.1\"]}}\n}\n")
          .hosts.size() == 1);
}

TEST_CASE("without defaults, links and bypass nothing is invented") {
  const Inventory inventory = load_text(kHead);
  CHECK_FALSE(inventory.bypass);
  CHECK_FALSE(inventory.default_backend);
  CHECK_FALSE(inventory.defaults.suite);
  CHECK(inventory.links.empty());
  CHECK(inventory.hosts[0].managed);
  CHECK(load_text(std::string(kHead) + "bypass: []\n").bypass->empty());
}

TEST_CASE("times") {
  CHECK(options_of("ike_lifetime: 8h").ike_lifetime->value == 28800);
  CHECK(options_of("ike_lifetime: 300").ike_lifetime->value == 300);
  CHECK(options_of("child_lifetime: 5m").child_lifetime->value == 300);
  CHECK(options_of("child_lifetime: '86400s'").child_lifetime->value == 86400);
  CHECK(options_of("dpd: 0s").dpd_delay->value == 0);
}

TEST_CASE("a protocol number that has a name is that name") {
  const auto spec = [](const std::string& selector) {
    return options_of("select: [" + selector + "]").select.at(0).value;
  };
  CHECK(spec("{protocol: 6, port: 80}") == spec("{protocol: tcp, port: 80}"));
  CHECK(spec("{protocol: 58}") == SelectorSpec{"icmp6", 58, 0});
  CHECK(spec("{protocol: 50}") == SelectorSpec{"50", 50, 0});
  CHECK(spec("{protocol: any}") == SelectorSpec{"any", 0, 0});
}

TEST_CASE("words print as they are written") {
  CHECK(text(BackendKind::Auto) == "auto");
  CHECK(text(BackendKind::Strongswan) == "strongswan");
  CHECK(text(Mode::Tunnel) == "tunnel");
  CHECK(text(Level::Use) == "use");
  CHECK(text(Auth::X509) == "x509");
}

TEST_CASE("settings that can never be used are a warning, and the inventory loads") {
  Sources sources;
  DiagSink sink;
  const auto inventory = parse_inventory(
      "test.yaml", "version: 1\nmesh: m\nhosts: {a: {addresses: [192.0.2.1], managed: false, ssh: {port: 22}}}\n",
      sources, sink);
  REQUIRE(inventory);
  REQUIRE(sink.all().size() == 1);
  CHECK(sink.all()[0].code == "W0201");
  CHECK(sink.ok());
}

TEST_CASE("nothing can be included from memory") {
  Sources sources;
  DiagSink sink;
  const auto inventory = parse_inventory("test.yaml", std::string(kHead) + "include: [x.yaml]\n", sources, sink);
  REQUIRE_FALSE(inventory);
  CHECK(inventory.error().at(0).code == "E0215");
}

TEST_CASE("more errors than people read are counted") {
  std::string text = std::string(kHead) + "links:\n";
  for (int i = 0; i < 250; ++i) text += "  - [a]\n";
  Sources sources;
  DiagSink sink;
  const auto inventory = parse_inventory("test.yaml", text, sources, sink);
  REQUIRE_FALSE(inventory);
  REQUIRE(inventory.error().size() == 101);
  CHECK(inventory.error().back().text == "and 150 more errors");
}
