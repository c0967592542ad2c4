// A gateway with sites, a host of its own and a road warrior at once: "IPSEC Guide" as one company, and gateways.yaml.
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "unit/verify/certified.hpp"
#include "unit/verify/planted.hpp"

namespace meshctl::test {
namespace {

struct Certified {
  const char *host, *subject;
  std::vector<std::string> names;
};

/// Certificates on one RSA key, since making one is slow.
KeyStore certified(const std::string& mesh, const std::vector<Certified>& hosts) {
  static const KeyPair pair = generate_rsa(2048).value();
  KeyStore store = sample_keys(mesh);
  REQUIRE(init_authority(store, CaKind::EcP384, {kNow, 3650}));
  for (const auto& [host, subject, names] : hosts) {
    store.certificates[host].key = pair.clone();
    REQUIRE(issue_for(store, host, {subject, names}, {{kNow, 365}, false, 2048}));
  }
  return store;
}

/// The headquarters `a`, the warehouse, George at home, and George on the road: `b`.
struct Company {
  const char *gateway, *warehouse, *home, *road;
  const char* inner = ", inner_addresses: [172.16.30.5]";
  bool both_families = false;

  [[nodiscard]] std::string yaml() const {
    const bool racoon = gateway == std::string_view("racoon");
    const auto also = [&](const char* v6) { return both_families ? std::string(", \"") + v6 + "\"" : std::string(); };
    return std::string("version: 1\nmesh: m\ndefaults: {auth: x509, mode: tunnel}\nhosts:\n") +
           "  a: {backend: " + gateway + ", addresses: [10.10.10.10" + also("2001:db8:1::1") +
           "], subnets: [172.16.10.0/24" + also("fd00:1::/48") + "], inner_addresses: [172.16.10.1" +
           also("fd00:1::1") + "]}\n  warehouse: {backend: " + warehouse + ", addresses: [10.20.20.20" +
           also("2001:db8:2::1") + "], subnets: [172.16.20.0/24" + also("fd00:2::/48") +
           "], inner_addresses: [172.16.20.1" + also("fd00:2::1") + "]}\n  home: {backend: " + home +
           ", addresses: [10.30.30.30" + also("2001:db8:3::1") + "]}\n  b: {backend: " + road +
           ", addresses: dynamic, managed: true, ssh: {address: b.example.com}" + inner +
           "}\nlinks:\n  - [a, warehouse]\n  - [home, a]\n  - {from: b, to: a" +
           (racoon ? ", generate_policy: unique, passive: true" : "") + "}\n";
  }
  [[nodiscard]] Hosts compiled() const {
    static const KeyStore store =
        certified("m", {{"a", "CN=a", {"IP:10.10.10.10", "IP:2001:db8:1::1", "DNS:a"}},
                        {"warehouse", "CN=warehouse", {"IP:10.20.20.20", "IP:2001:db8:2::1", "DNS:warehouse"}},
                        {"home", "CN=home", {"IP:10.30.30.30", "IP:2001:db8:3::1", "DNS:home"}},
                        {"b", "CN=b", {"DNS:b"}}});
    return compile_text(yaml(), store);
  }
};

constexpr Company kCompanies[] = {
    {"racoon", "racoon", "racoon", "racoon"},         {"strongswan", "strongswan", "strongswan", "strongswan"},
    {"racoon", "strongswan", "racoon", "strongswan"}, {"strongswan", "racoon", "strongswan", "racoon"},
    {"racoon", "strongswan", "strongswan", "racoon"},
};

verify::Report verified(const Hosts& hosts) { return verify_hosts(hosts, {0, kNow + 86400}); }

}  // namespace

TEST_CASE("a gateway with sites and a road warrior verifies clean, whatever the back ends") {
  for (Company company : kCompanies) {
    for (const char* inner : {company.inner, ""}) {
      for (const bool both : {false, true}) {
        company.inner = inner;
        company.both_families = both;
        const verify::Report report = verified(company.compiled());
        INFO(company.yaml() << shown(report));
        CHECK(report.errors + report.warnings == 0);
        CHECK(report.links >= 3);
        CHECK(report.unknown == 0);
      }
    }
  }
}

TEST_CASE("faults at a gateway with sites and a road warrior are found") {
  Company company = kCompanies[0];
  company.both_families = true;
  const Hosts racoon = company.compiled();
  const char* to_warehouse = "172.16.10.0/24 172.16.20.0/24 any -P out";
  const Fault of_racoon[] = {
      {"a dropped policy", kSetkey, to_warehouse, "", "", "E7130", "a"},
      {"a swapped selector", kSetkey, to_warehouse, "172.16.10.0/24 172.16.20.0/24", "172.16.20.0/24 172.16.10.0/24",
       "E7131", "a"},
      {"another level", kSetkey, to_warehouse, "/require", "/use", "E7136", "a"},
      {"another id", kConf, "peers_identifier asn1dn \"CN=b", "CN=b", "CN=c", "E7110", "a"},
      {"a hole before the warehouse's tunnel", kSetkey, "1 3,0 -P out", "high + 600", "high + 300000000", "E7150",
       "warehouse"},
      {"a hole before the warrior's tunnel", kSetkey, "1 3,0 -P out", "high + 600", "high + 300000000", "E7150", "b"},
      {"the gateway's hole is for all", kSetkey, "1 3,0 -P in", "10.10.10.10", "0.0.0.0/0", "E7151", "a"},
      {"the warrior comes from elsewhere", kRoaming, "-P out", "172.16.30.5", "172.16.20.5", "E7140", "b"},
      {"the warehouse's tunnel takes the warrior's packets", kSetkey, "172.16.20.0/24 172.16.10.0/24 any -P in",
       "172.16.20.0/24", "172.16.0.0/16", "E7152", "a"},
  };
  for (const Fault& fault : of_racoon) check_fault(racoon, fault, false);
  company = kCompanies[1];
  company.both_families = true;
  const Hosts swan = company.compiled();
  const char* from_warehouse = "src 172.16.20.0/24 dst 172.16.10.0/24 dir in";
  const Fault of_swan[] = {
      {"a dropped policy", kXfrm, from_warehouse, "", "", "E7130", "a"},
      {"another level", kXfrm, from_warehouse, "level required", "level use", "E7136", "a"},
      {"another id", kSwan, "id = \"CN=b", "CN=b", "CN=c", "E7110", "a"},
      {"another address inside", kSwan, "remote_ts = 172.16.30.5", "172.16.30.5", "172.16.30.6", "E7130", "a"},
      {"a hole before the warrior's tunnel", kXfrm, "proto 1 type 3 dir out", "400000000", "100", "E7150", "b"},
      {"a hole before the gateway's tunnels", kXfrm, "proto 1 type 3 dir in", "400000000", "100", "E7151", "a"},
  };
  for (const Fault& fault : of_swan) check_fault(swan, fault, false);
}

TEST_CASE("a hole that one end lacks is found where it can be used: neighbour discovery between neighbours") {
  for (const char* mode : {"transport", "tunnel"}) {
    const std::string yaml = std::string("version: 1\nmesh: m\ndefaults: {mode: ") + mode +
                             "}\nhosts:\n  a: {addresses: [\"2001:db8::1\"]}\n  b: {addresses: [\"2001:db8::2\"]}\n"
                             "links:\n  - [a, b]\n";
    check_fault(compile_text(yaml), {"no neighbour discovery", kSetkey, "icmp6 135,0 -P in", "", "", "E7150"});
    check_fault(compile_text(yaml), {"no errors", kSetkey, "icmp6 1,0 -P in", "", "", "E7150"});
  }
}

TEST_CASE("inventories/gateways.yaml verifies clean with keys") {
  std::ifstream file(std::string(MESHCTL_SOURCE_DIR) + "/inventories/gateways.yaml");
  std::string yaml{std::istreambuf_iterator<char>(file), {}};
  // The partners' files are theirs; keys of our own make in their place.
  for (const auto& [from, to] :
       {std::pair<std::string, std::string>{"{ca_file: keys/partner-ca.pem, crl_file: keys/partner.crl}",
                                            "{subject: \"C=ES, O=Partner, CN=vpn\"}"},
        {"    rsa_public_key: keys/old-partner.pub\n", ""}}) {
    const std::size_t at = yaml.find(from);
    REQUIRE(at != std::string::npos);
    yaml.replace(at, from.size(), to);
  }
  KeyStore store = certified("gateways", {{"hq", "C=DE, O=Example, CN=hq.example.com", {"DNS:hq.example.com"}},
                                          {"laptop", "C=DE, O=Example, CN=laptop", {"DNS:laptop"}},
                                          {"partner", "C=ES, O=Partner, CN=vpn", {"DNS:partner"}}});
  for (const char* host : {"hq", "old-partner"}) store.rsa[host] = generate_rsa(2048).value();
  const verify::Report report = verified(compile_text(yaml, store));
  INFO(shown(report));
  CHECK(report.errors + report.warnings == 0);
  CHECK(report.links == 9);
  CHECK(report.unknown == 0);
}

}  // namespace meshctl::test
