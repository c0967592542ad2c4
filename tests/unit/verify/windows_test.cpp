// Links with a Windows end: the netsh scripts that compile writes, and one line changed.
#include <doctest/doctest.h>

#include "unit/verify/planted.hpp"

namespace meshctl::test {
namespace {

constexpr const char* kApply = "/ProgramData/meshctl/apply.cmd";
constexpr const char* kRule = "/ProgramData/meshctl/rules/a-10.0.0.2-10.0.0.1-any.add";
constexpr const char* kConf = "/etc/racoon/racoon.conf";
constexpr const char* kSwan = "/etc/swanctl/conf.d/meshctl.conf";

std::string pair_of(const std::string& a) {
  return "version: 1\nmesh: m\nhosts:\n  a: {addresses: [10.0.0.1], backend: " + a +
         "}\n  b: {addresses: [10.0.0.2], backend: windows}\nlinks:\n  - {between: [a, b], suite: windows}\n";
}

Hosts clean(const std::string& yaml) {
  Hosts hosts = compile_text(yaml);
  const verify::Report report = verify_hosts(hosts);
  INFO(shown(report));
  REQUIRE(report.errors + report.warnings == 0);
  REQUIRE(report.links == 1);
  REQUIRE(report.unknown == 0);
  return hosts;
}

}  // namespace

TEST_CASE("one-line faults between racoon and Windows") {
  const Hosts base = clean(pair_of("racoon"));
  const std::vector<Fault> faults = {
      {"another key exchange", kApply, "mmsecmethods dhgroup14", "dhgroup14", "ecdhp256", "E7103"},
      {"another cipher of main mode", kApply, "mmsecmethods dhgroup14", "aes256", "aes128", "E7103"},
      {"another lifetime of main mode", kApply, "mmkeylifetime 480min", "480min", "60min", "W7106"},
      {"the wrong peer", kRule, "endpoint2", "endpoint2=10.0.0.1", "endpoint2=10.0.0.9", "W7171"},
      {"another protocol", kRule, "protocol", "protocol=any", "protocol=tcp", "E7132"},
      {"one port", kRule, "protocol", "protocol=any", "protocol=tcp port2=443", "E7132"},
      {"another key", kRule, "auth1psk", "mk1-", "mk2-", "E7121"},
      {"no PFS", kRule, "qmpfs", "qmpfs=dhgroup14", "qmpfs=none", "E7143"},
      {"a shorter IPsec key", kRule, "qmsecmethods", "aes256", "aes128", "E7141"},
      {"another lifetime of quick mode", kRule, "qmsecmethods", "60min", "30min", "W7145"},
      {"SHA-256, which the kernel behind racoon cuts short", kRule, "qmsecmethods", "esp:sha1", "esp:sha256", "E7141"},
      {"asked for, not required", kRule, "action", "requireinrequireout", "requestinrequestout", "E7136"},
      {"AH", kRule, "qmsecmethods", "esp:sha1-aes256", "ah:sha1", "E7134"},
      {"another group at the other end", kConf, "dh_group", "modp2048", "modp3072", "E7103", "a"},
      {"a stricter proposal_check at the other end", kConf, "lifetime time 28800", "28800", "3600", "E7105", "a"},
      {"the other end begins in aggressive mode", kConf, "exchange_mode", "main", "aggressive", "E7102", "a"},
      {"no key at the other end", "/etc/racoon/psk.txt", "10.0.0.2 ", "", "", "E7120", "a"},
      {"no policy at the other end", "/etc/racoon/setkey.conf", "-P in prio def", "", "", "E7130", "a"},
      {"the other end expects another identity", kConf, "peers_identifier", "10.0.0.2", "10.0.0.7", "E7110", "a"},
  };
  for (const Fault& fault : faults) check_fault(base, fault);
}

TEST_CASE("one-line faults between strongSwan and Windows") {
  const Hosts base = clean(pair_of("strongswan"));
  const std::vector<Fault> faults = {
      {"IKEv2, which the rule does not speak", kSwan, "version", "1", "2", "E7101", "a"},
      {"another group", kSwan, " proposals", "modp2048", "modp3072", "E7103", "a"},
      {"a key of another link", "/etc/swanctl/conf.d/meshctl-secrets.conf", "secret = ", "mk1-", "mk1+", "E7121", "a"},
      {"no PFS", kRule, "qmpfs", "qmpfs=dhgroup14", "qmpfs=none", "E7143"},
  };
  for (const Fault& fault : faults) check_fault(base, fault);
}

TEST_CASE("a rule that is not between two addresses is told, not guessed at") {
  Hosts hosts = clean(pair_of("racoon"));
  std::string& rule = hosts["b"][kRule];
  rule.replace(rule.find("endpoint2=10.0.0.1"), 18, "endpoint2=10.0.0.0/24");
  bool told = false;
  for (const Diag& diag : verify_hosts(hosts).diags) told = told || diag.code == "W7023";
  CHECK(told);
}

}  // namespace meshctl::test
