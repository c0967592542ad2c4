// Ends that do not know each other's address: road warriors and NATs.
#include <doctest/doctest.h>

#include "unit/verify/certified.hpp"
#include "unit/verify/planted.hpp"

namespace meshctl::test {
namespace {

/// a is the gateway, b is behind a NAT (`b`: its own words), or has no address.
std::string mesh_of(const std::string& defaults, const std::string& b, const std::string& link) {
  return "version: 1\nmesh: m\ndefaults: {mode: tunnel, " + defaults +
         "}\nhosts:\n  a: {addresses: [10.0.0.1], subnets: [10.1.0.0/24], inner_addresses: [10.1.0.1]}\n  b: {" + b +
         "}\nlinks:\n  - {from: b, to: a" + link + "}\n";
}

std::string warrior(const std::string& defaults, const std::string& inner = {}) {
  return mesh_of(defaults, "addresses: dynamic, managed: true, ssh: {address: b.example.com}" + inner,
                 defaults.find("racoon") != std::string::npos ? ", generate_policy: unique, passive: true" : "");
}

std::string behind_nat(const std::string& defaults) {
  return mesh_of(defaults,
                 "addresses: [192.168.7.2], behind_nat: 203.0.113.80, subnets: [10.7.0.0/24], inner_addresses: "
                 "[10.7.0.1]",
                 "");
}

Hosts clean(const std::string& yaml, const KeyStore& store = sample_keys("m")) {
  Hosts hosts = compile_text(yaml, store);
  verify::Options at;
  at.at = kNow + 86400;
  const verify::Report report = verify_hosts(hosts, at);
  INFO(shown(report));
  REQUIRE(report.errors + report.warnings == 0);
  REQUIRE(report.links == 1);
  REQUIRE(report.unknown == 0);
  return hosts;
}

void check_faults(const Hosts& base, const std::vector<Fault>& faults) {
  for (const Fault& fault : faults) check_fault(base, fault);
}

}  // namespace

TEST_CASE("a racoon gateway and a road warrior with a certificate") {
  const Hosts base = clean(warrior("backend: racoon, auth: x509"), certified());
  check_faults(
      base,
      {
          {"another DH group", kConf, "dh_group", "modp3072", "modp2048", "E7103", "a"},
          {"a shorter IKE lifetime", kConf, "lifetime time 28800", "28800", "3600", "E7105", "a"},
          {"another warrior is expected", kConf, "peers_identifier", "CN=b", "CN=c", "E7110", "a"},
          {"the warrior expects another gateway", kConf, "peers_identifier", "CN=a", "CN=c", "E7110"},
          {"no generate_policy", kConf, "generate_policy", "unique", "off", "E7170", "a"},
          {"both ends wait", kConf, "passive", "off", "on", "E7108"},
          {"the sainfo is for another net", kConf, "sainfo address", "10.1.0.0/24", "10.1.0.0/16", "E7140", "a"},
          {"the sainfo is for another warrior", kConf, "sainfo address", "CN=b", "CN=c", "E7140", "a"},
          {"another PFS group", kConf, "pfs_group", "modp3072", "modp2048", "E7143", "a"},
          {"another IPsec cipher", kConf, "encryption_algorithm aes 256;\n\tauth", "aes", "camellia", "E7141", "a"},
          {"the warrior asks for a wider net", kRoaming, "-P out", "10.1.0.0/24", "10.1.0.0/16", "E7140"},
      });
}

TEST_CASE("a road warrior's packets go through both ends' holes") {
  for (const char* inner : {"", ", inner_addresses: [10.9.0.2]"}) {
    const Hosts racoon = clean(warrior("backend: racoon, auth: x509", inner), certified());
    check_faults(
        racoon,
        {
            {"the warrior's hole is ahead", kSetkey, "1 3,0 -P out", "high + 600", "high + 250000000", "E7150"},
            {"the gateway's hole is wider", kSetkey, "1 3,0 -P in", "10.0.0.1", "0.0.0.0/0", "E7151", "a"},
            {"a block in the way", kSetkey, "1 3,0 -P in", "high + 600 none", "high + 250000000 discard", "E7151"},
        });
    const Hosts swan = clean(warrior("backend: strongswan, auth: x509", inner), certified());
    check_faults(swan,
                 {
                     {"the warrior's hole is ahead", kXfrm, "proto 1 type 3 dir out", "400000000", "100", "E7150"},
                     {"the gateway's hole is ahead", kXfrm, "proto 1 type 3 dir in", "400000000", "100", "E7151", "a"},
                 });
  }
  for (const char* backend : {"racoon", "strongswan"}) {
    std::string yaml = warrior("backend: " + std::string(backend) + ", auth: x509");
    for (const std::string_view out : {"mode: tunnel", ", subnets: [10.1.0.0/24], inner_addresses: [10.1.0.1]"}) {
      yaml.replace(yaml.find(out), out.size(), out.starts_with("mode") ? "mode: transport" : "");
    }
    const Hosts base = clean(yaml, certified());
    const bool swan = backend == std::string_view("strongswan");
    check_fault(base, {"no hole at the gateway", swan ? kXfrm : kSetkey, swan ? "proto 1 type 3 dir in" : "1 3,0 -P in",
                       "", "", "E7150", "a"});
  }
}

TEST_CASE("the order of racoon's sainfos decides") {
  const Hosts base = clean(warrior("backend: racoon, auth: x509"), certified());
  const std::string other =
      "sainfo anonymous address 10.1.0.0/24 any {\n\tpfs_group modp2048;\n\tlifetime time 3600 sec;\n"
      "\tencryption_algorithm aes 256;\n\tauthentication_algorithm hmac_sha512;\n\tcompression_algorithm deflate;\n}\n";
  Hosts behind = base;  // at the warrior: two sainfos of one rank, the first is taken
  behind["b"][kConf] += other;
  const verify::Report good = verify_hosts(behind, {0, kNow + 86400});
  INFO(shown(good));
  CHECK(good.errors == 0);
  const Fault fault{"an earlier sainfo of the same rank", kConf, "sainfo anonymous", "sainfo", "sainfo", "E7143"};
  Hosts before = base;
  std::string& conf = before["b"][kConf];
  const std::size_t at = conf.find("sainfo anonymous");
  REQUIRE(at != std::string::npos);
  conf.insert(at, other);
  bool found = false;
  const verify::Report report = verify_hosts(before, {0, kNow + 86400});
  INFO(shown(report));
  for (const Diag& diag : report.diags) {
    found = found || (diag.code == fault.code && names_both(diag) && points_at_both(diag, report.sources));
  }
  CHECK(found);
}

TEST_CASE("a strongSwan gateway and a road warrior") {
  const std::string name = ", identity: {fqdn: b.example.com}";
  for (const char* inner : {"", ", inner_addresses: [10.9.0.2]"}) {
    const Hosts base = clean(warrior("backend: strongswan, auth: psk", name + inner));
    std::vector<Fault> faults = {
        {"another IKE cipher", kSwan, " proposals", "aes256gcm16", "aes128gcm16", "E7103", "a"},
        {"another IKE version", kSwan, "version", "2", "1", "E7101"},
        {"another identity is expected", kSwan, "fqdn:b.example.com", "b.example", "c.example", "E7110", "a"},
        {"no secret for the warrior", kSecrets, "fqdn:b.example.com", "b.example", "c.example", "E7120", "a"},
        {"another secret", kSecrets, "secret = ", "mk1-", "mk1+", "E7121", "a"},
        {"another net behind the gateway", kSwan, "local_ts", "10.1.0.0/24", "10.1.0.0/16", "E7132", "a"},
        {"another PFS group", kSwan, "esp_proposals", "ecp384", "ecp256", "E7143", "a"},
        {"the child is in transport mode", kSwan, "mode = tunnel", "tunnel", "transport", "E7134", "a"},
        {"charon is to make no policies", kSwan, "priority = ", "priority", "policies = no\n priority", "E7170", "a"},
    };
    check_faults(base, faults);
  }
  const Hosts base = clean(warrior("backend: strongswan, auth: psk", name + ", inner_addresses: [10.9.0.2]"));
  check_fault(base, {"another address inside", kSwan, "remote_ts", "10.9.0.2", "10.9.0.3", "E7130", "a"});
}

TEST_CASE("several road warriors: the identity decides which connection is taken") {
  const std::string yaml =
      "version: 1\nmesh: m\ndefaults: {mode: tunnel, backend: strongswan, auth: psk}\nhosts:\n  a: {addresses: "
      "[10.0.0.1], subnets: [10.1.0.0/24]}\n  b: {addresses: dynamic, ssh: {address: b.example}, identity: {fqdn: "
      "b.example}}\n  c: {addresses: dynamic, ssh: {address: c.example}, identity: {fqdn: c.example}}\nlinks:\n"
      "  - {from: b, to: a}\n  - {from: c, to: a, suite: {ike: aes128gcm16-prfsha256-ecp256, esp: "
      "aes128gcm16-ecp256}}\n";
  const Hosts base = compile_text(yaml);
  const verify::Report report = verify_hosts(base);
  INFO(shown(report));
  CHECK(report.links == 2);
  CHECK(report.errors + report.warnings == 0);
}

TEST_CASE("behind a NAT") {
  const Hosts racoon = clean(behind_nat("backend: racoon"));
  check_faults(
      racoon, {
                  {"another key", kPsk, "203.0.113.80 ", "mk1-", "mk2-", "E7121", "a"},
                  {"the identity is the NAT's address", kConf, "my_identifier", "192.168.7.2", "203.0.113.80", "E7110"},
                  {"no NAT traversal", kConf, "nat_traversal", "on", "off", "W7171"},
                  {"another net", kSetkey, "-P out", "10.7.0.0/24", "10.7.0.0/16", "E7132"},
                  {"another DH group", kConf, "dh_group", "modp3072", "modp2048", "E7103"},
                  {"the sainfo is for another net", kConf, "sainfo", "10.1.0.0/24", "10.1.0.0/16", "E7140"},
              });
  const Hosts swan = clean(behind_nat("backend: strongswan"));
  check_faults(swan, {
                         {"another secret", kSecrets, "secret = ", "mk1-", "mk1+", "E7121"},
                         {"another identity", kSwan, "id = \"192.168.7.2", "192.168.7.2", "192.168.7.3", "E7110"},
                         {"another PFS group", kSwan, "esp_proposals", "ecp384", "ecp256", "E7143"},
                         {"another level", kXfrm, "dir in ", "level required", "level use", "E7136"},
                     });
}

TEST_CASE("nobody there for an end behind a NAT") {
  Hosts hosts = clean(behind_nat("backend: racoon"));
  for (const char* file : {kConf, kPsk, kSetkey}) {  // the gateway speaks of another peer altogether
    std::string& text = hosts["a"][file];
    for (const auto& [from, to] : {std::pair{"203.0.113.80 mk1-", "203.0.113.80 mk2-"},
                                   {"192.168.7.2", "192.168.7.9"},
                                   {"10.7.0.0/24", "10.8.0.0/24"}}) {
      for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from)) {
        text.replace(at, std::string(from).size(), to);
      }
    }
  }
  const verify::Report report = verify_hosts(hosts);
  INFO(shown(report));
  bool found = false;
  for (const Diag& diag : report.diags) found = found || (diag.code == "E7130" && names_both(diag));
  CHECK(found);
  CHECK(report.unknown == 1);
}

TEST_CASE("fwd policies of a strongSwan gateway") {
  const Hosts base = clean(behind_nat("backend: strongswan"));
  check_faults(base, {
                         {"no fwd policy", kXfrm, "dir fwd", "", "", "E7137"},
                         {"a fwd policy in clear", kXfrm, "dir fwd", "level required", "level use", "E7137"},
                         {"a fwd policy for another net", kXfrm, "dir fwd", "10.7.0.0/24", "10.7.0.0/25", "E7137"},
                     });
}

}  // namespace meshctl::test
