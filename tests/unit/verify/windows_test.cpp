// Links with a Windows end: the netsh scripts that compile writes, and one line changed.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>

#include "io/file.hpp"
#include "keys/certificate.hpp"
#include "unit/io/temp_dir.hpp"
#include "unit/verify/certified.hpp"
#include "unit/verify/planted.hpp"

namespace meshctl::test {
namespace {

constexpr const char* kApply = "/ProgramData/meshctl/apply.cmd";
constexpr const char* kPs = "/ProgramData/meshctl/apply.ps1";
constexpr const char* kRule = "/ProgramData/meshctl/rules/a-10.0.0.2-10.0.0.1-any.add";

std::string windows_pair_of(const std::string& a) {
  return "version: 1\nmesh: m\nhosts:\n  a: {addresses: [10.0.0.1], backend: " + a +
         "}\n  b: {addresses: [10.0.0.2], backend: windows}\nlinks:\n  - {between: [a, b], suite: windows}\n";
}

Hosts clean_pair(const std::string& yaml, const KeyStore& store = sample_keys("m")) {
  Hosts hosts = compile_text(yaml, store);
  verify::Options options;
  options.at = kNow;
  const verify::Report report = verify_hosts(hosts, options);
  INFO(shown(report));
  REQUIRE(report.errors + report.warnings == 0);
  REQUIRE(report.links == 1);
  REQUIRE(report.unknown == 0);
  return hosts;
}

/// Every `from` in the file becomes `to`, and that is found.
bool found_everywhere(const Hosts& base, const char* host, const char* file, std::string_view from, std::string_view to,
                      std::string_view code) {
  Hosts hosts = base;
  std::string& text = hosts[host][file];
  REQUIRE(text.find(from) != std::string::npos);
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  const verify::Report report = verify_hosts(hosts);
  INFO(std::string(from) << " -> " << std::string(to) << "\n" << shown(report));
  CHECK(shown(report).find("mk1-") == std::string::npos);
  const bool found =
      std::any_of(report.diags.begin(), report.diags.end(), [&](const Diag& diag) { return diag.code == code; });
  CHECK(found);
  return found;
}

}  // namespace

TEST_CASE("one-line faults between racoon and Windows") {
  const Hosts base = clean_pair(windows_pair_of("racoon"));
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
  const Hosts base = clean_pair(windows_pair_of("strongswan"));
  const std::vector<Fault> faults = {
      {"IKEv2, which the rule does not speak", kSwan, "version", "1", "2", "E7101", "a"},
      {"another group", kSwan, " proposals", "modp2048", "modp3072", "E7103", "a"},
      {"a key of another link", "/etc/swanctl/conf.d/meshctl-secrets.conf", "secret = ", "mk1-", "mk1+", "E7121", "a"},
      {"no PFS", kRule, "qmpfs", "qmpfs=dhgroup14", "qmpfs=none", "E7143"},
  };
  for (const Fault& fault : faults) check_fault(base, fault);
}

TEST_CASE("one-line faults in a PowerShell script") {
  const std::string with_form = windows_pair_of("racoon");
  std::string yaml = with_form;
  yaml.replace(yaml.find("backend: windows"), 16, "backend: windows, windows: {form: powershell}");
  const Hosts base = clean_pair(yaml);
  const std::vector<Fault> faults = {
      {"another key exchange", kPs, "-KeyExchange", "DH14", "DH20", "E7103"},
      {"another cipher of main mode", kPs, "-KeyExchange", "AES256", "AES128", "E7103"},
      {"another lifetime of main mode", kPs, "MaxMinutes = ", "480", "60", "W7106"},
      {"main mode for another peer", kPs, "RemoteAddress = '10.0.0.1'", "10.0.0.1", "10.0.0.9", "E7103"},
      {"another protocol", kPs, "Protocol = ", "any", "tcp", "E7132"},
      {"no PFS", kPs, "PerfectForwardSecrecyGroup", "DH14", "None", "E7143"},
      {"a shorter IPsec key", kPs, "-Encapsulation", "AES256", "AES128", "E7141"},
      {"another lifetime of quick mode", kPs, "-Encapsulation", "-MaxMinutes 60", "-MaxMinutes 30", "W7145"},
      {"IKEv2", kPs, "KeyModule", "IKEv1", "IKEv2", "E2055"},
      {"no rule", kPs, "Write-Object NetIPsecRule", "", "", "E7130"},
      {"another group at the other end", kConf, "dh_group", "modp2048", "modp3072", "E7103", "a"},
  };
  for (const Fault& fault : faults) check_fault(base, fault, false);
  CHECK(found_everywhere(base, "b", kPs, "Security = 'Require'", "Security = 'Request'", "E7136"));
  CHECK(found_everywhere(base, "b", kPs, "RemoteAddress = '10.0.0.1'", "RemoteAddress = '10.0.0.9'", "W7171"));
  CHECK(found_everywhere(base, "b", "/ProgramData/meshctl/keys/a.psk", "mk1-", "mk2-", "E7121"));
}

TEST_CASE("one-line faults in a policy of netsh ipsec static") {
  const Hosts base = compile_text(
      "version: 1\nmesh: m\ndefaults: {profile: legacy}\nhosts:\n  a: {addresses: [10.0.0.1], backend: racoon}\n"
      "  b: {addresses: [10.0.0.2], backend: windows, windows: {form: ipsec-static}}\nlinks:\n"
      "  - {between: [a, b], suite: {ike: 3des-sha1-modp2048, esp: 3des-sha1-modp2048}}\n");
  const verify::Report report = verify_hosts(base);
  INFO(shown(report));
  REQUIRE(report.errors + report.unknown == 0);  // racoon's file has warnings: 3DES is obsolete
  REQUIRE(report.links == 1);
  const char* rule = "/ProgramData/meshctl/rules/a-10.0.0.2-10.0.0.1-any.b";
  const std::vector<Fault> faults = {
      {"another key", rule, "psk=", "mk1-", "mk2-", "E7121"},
      {"another key on the other side", "/ProgramData/meshctl/rules/a-10.0.0.2-10.0.0.1-any.a", "psk=", "mk1-", "mk2-",
       "E7192"},
      {"no PFS on one side", kApply, "qmpfs=yes", "yes", "no", "E7192"},
      {"another protocol on one side", kApply, "protocol=", "any", "tcp", "E7192"},
      {"another list", rule, "filterlist", "filterlist=\"meshctl", "filterlist=\"other", "E7192"},
      {"another cipher at the other end", kConf, "encryption_algorithm", "3des", "aes 128", "E7103", "a"},
      {"no PFS at the other end", kConf, "pfs_group", "", "", "E7143", "a"},
  };
  for (const Fault& fault : faults) check_fault(base, fault, false);

  // The script makes its policy on one of two sides: a fault on both is one against the other end.
  const std::vector<std::array<const char*, 3>> both = {
      {"protocol=any", "protocol=tcp", "E7132"},
      {"mmsecmethods=\"3DES-SHA1-3", "mmsecmethods=\"3DES-MD5-3", "E7103"},
      {"mmlifetime=480", "mmlifetime=60", "W7106"},
      {"ESP[3DES,SHA1]", "ESP[3DES,MD5]", "E7141"},
      {"k/3600s", "k/1800s", "W7145"},
      {"qmpfs=yes", "qmpfs=no", "E7143"},
      {"soft=no", "soft=yes", "E7136"},
      {"dstaddr=10.0.0.1", "dstaddr=10.0.0.9", "W7171"}};
  for (const auto& [from, to, code] : both) CHECK(found_everywhere(base, "b", kApply, from, to, code));
}

TEST_CASE("certificates of a Windows host: the CA that its rules name, dates, and whose the other end's is") {
  const KeyStore store = certified();
  const std::string yaml = windows_pair_of("strongswan");
  const Hosts base = clean_pair(
      yaml.substr(0, yaml.find("links:")) + "links:\n  - {between: [a, b], suite: windows, auth: x509}\n", store);
  const auto said = [&](const Hosts& hosts, std::int64_t at, std::string_view code) {
    verify::Options options;
    options.at = at;
    const verify::Report report = verify_hosts(hosts, options);
    INFO(shown(report));
    return std::any_of(report.diags.begin(), report.diags.end(), [&](const Diag& diag) { return diag.code == code; });
  };
  CHECK(said(base, kNow + 400LL * 86400, "E7163"));
  const std::string ca = base.at("b").at("/ProgramData/meshctl/ca-1.cer");

  Hosts renamed = base;
  for (std::string* text = &renamed["b"][kApply]; text->find("CA 1\"") != std::string::npos;)
    text->replace(text->find("CA 1\""), 5, "CA 2\"");
  CHECK(said(renamed, kNow, "E7190"));

  KeyStore other = sample_keys("m");
  REQUIRE(init_authority(other, CaKind::EcP384, {kNow, 3650}));
  REQUIRE(issue_for(other, "b", {"CN=b", {"IP:10.0.0.2"}}, {{kNow, 365}, false, 2048}));
  Hosts foreign = base;
  foreign["b"]["/ProgramData/meshctl/host.cer"] = certificate_pem(other.certificates.at("b").certificate);
  CHECK(said(foreign, kNow, "E7191"));
  CHECK(said(foreign, kNow, "E7127"));  // of which host.pfx has no key
  CHECK(said(foreign, kNow, "E7162"));  // and the other end does not take it

  Hosts named = base;
  REQUIRE(issue_for(other = certified(), "b", {"CN=c", {"IP:10.0.0.2"}}, {{kNow, 365}, true, 2048}));
  named["b"]["/ProgramData/meshctl/host.cer"] = certificate_pem(other.certificates.at("b").certificate);
  CHECK(said(named, kNow, "E7110"));
}

TEST_CASE("a CA between the one that a rule names and the Windows host") {
  KeyStore store = certified();
  const TempDir dir;
  const auto write = [&](const char* name, std::string_view text) { REQUIRE(write_atomic(dir / name, text, 0600)); };
  write("root.key", store.authorities.front().pkcs8.reveal());
  write("root.pem", certificate_pem(store.authorities.front().certificate));
  CertifiedKey& own = store.certificates.at("b");
  write("b.csr", certificate_request(own.key, {"CN=b", {"IP:10.0.0.2"}}));
  write("sub.cnf", "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign,cRLSign\n");
  const auto [exit, told] = shell("cd '" + dir.path().native() + R"(' && set -e
      openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -keyout sub.key -out sub.csr -subj '/CN=Sub'
      openssl x509 -req -in sub.csr -CA root.pem -CAkey root.key -CAkeyform DER -set_serial 7 -days 400 -extfile sub.cnf -out sub.pem
      openssl x509 -req -in b.csr -CA sub.pem -CAkey sub.key -set_serial 8 -days 400 -copy_extensions copyall -out b.pem
      cat b.pem sub.pem > all.pem)");
  REQUIRE_MESSAGE(exit == 0, told);
  const auto all = read_certificates(read_file(dir / "all.pem").value(), "all.pem").value();
  own.certificate = all[0];
  own.chain = {all[1]};
  const std::string yaml = windows_pair_of("strongswan");
  Hosts hosts = clean_pair(
      yaml.substr(0, yaml.find("links:")) + "links:\n  - {between: [a, b], suite: windows, auth: x509}\n", store);
  CHECK(hosts.at("b").erase("/ProgramData/meshctl/chain-1.cer") == 1);
  const verify::Report report = verify_hosts(hosts);
  CHECK(std::any_of(report.diags.begin(), report.diags.end(), [](const Diag& diag) { return diag.code == "E7191"; }));
}

TEST_CASE("exemptions are those of the Linux end, and the other way round") {
  const std::string mesh = "version: 1\nmesh: m\nhosts:\n  a: {addresses: [10.0.0.1, \"2001:db8::1\"], backend: ";
  const std::string windows =
      "}\n  b: {addresses: [10.0.0.2, \"2001:db8::2\"], backend: windows}\nlinks:\n"
      "  - {between: [a, b], suite: windows}\nbypass: ";
  for (const char* backend : {"racoon", "strongswan"}) {
    INFO(std::string(backend));
    const auto clean_with = [&](const char* bypass) {
      const Hosts hosts = compile_text(mesh + backend + windows + bypass + "\n");
      const verify::Report report = verify_hosts(hosts);
      INFO(std::string(bypass) << "\n" << shown(report));
      CHECK(report.errors + report.warnings == 0);
      CHECK(report.links == 2);
      return hosts;
    };
    clean_with("[]");
    clean_with("[ike]");
    clean_with("[nd, icmp-errors, ike]");
    const Hosts all = clean_with("[nd, icmp-errors, ike, icmp, dhcp, ssh-controller, {protocol: udp, port: 123}]");
    CHECK(found_everywhere(all, "b", kApply, "exemptions neighbordiscovery,icmp,dhcp",
                           "exemptions neighbordiscovery,dhcp", "E7150"));
    CHECK(found_everywhere(all, "b", kApply, "exemptions neighbordiscovery,icmp,dhcp", "exemptions icmp", "E7150"));
    const Hosts peers = clean_with(
        "[nd, icmp-errors, ike, {ssh-controller: [10.0.0.2]}, {protocol: udp, port: 123, peers: [10.0.0.1]}]");
    CHECK(found_everywhere(peers, "b", kApply, "port1=123 port2=any", "port1=124 port2=any", "E7151"));
    CHECK(found_everywhere(peers, "b", kApply, "port1=any port2=22", "port1=any port2=23", "E7151"));
    const Hosts few = clean_with("[nd, icmp-errors, ike]");
    CHECK(found_everywhere(few, "b", kApply, "exemptions neighbordiscovery", "exemptions neighbordiscovery,icmp",
                           "E7150"));
    CHECK(found_everywhere(few, "b", kApply, "exemptions neighbordiscovery", "exemptions none", "E7151"));
  }
}

TEST_CASE("a rule that is gone, where another one shows who the host is") {
  const Hosts base = compile_text(
      "version: 1\nmesh: m\nhosts:\n  a: {addresses: [10.0.0.1], backend: racoon}\n  b: {addresses: [10.0.0.2], "
      "backend: windows}\n  c: {addresses: [10.0.0.3], backend: windows}\nlinks: [{among: all, suite: windows}]\n");
  const verify::Report clean_report = verify_hosts(base);
  INFO(shown(clean_report));
  REQUIRE(clean_report.errors + clean_report.warnings + clean_report.unknown == 0);
  Hosts hosts = base;
  hosts["b"].erase(kRule);
  hosts["b"].erase("/ProgramData/meshctl/rules/a-10.0.0.2-10.0.0.1-any.set");
  const verify::Report report = verify_hosts(hosts);
  INFO(shown(report));
  CHECK(std::any_of(report.diags.begin(), report.diags.end(), [](const Diag& d) { return d.code == "E7130"; }));
}

TEST_CASE("a rule that is changed to something else than what it is made as") {
  Hosts hosts = clean_pair(windows_pair_of("racoon"));
  std::string& set = hosts["b"]["/ProgramData/meshctl/rules/a-10.0.0.2-10.0.0.1-any.set"];
  set.replace(set.find("qmpfs=dhgroup14"), 15, "qmpfs=none");
  const verify::Report report = verify_hosts(hosts);
  INFO(shown(report));
  CHECK(std::any_of(report.diags.begin(), report.diags.end(), [](const Diag& diag) { return diag.code == "E7192"; }));
  CHECK(shown(report).find("mk1-") == std::string::npos);
}

TEST_CASE("a rule that is not between two addresses is told, not guessed at") {
  Hosts hosts = clean_pair(windows_pair_of("racoon"));
  std::string& rule = hosts["b"][kRule];
  rule.replace(rule.find("endpoint2=10.0.0.1"), 18, "endpoint2=10.0.0.0/24");
  bool told = false;
  for (const Diag& diag : verify_hosts(hosts).diags) told = told || diag.code == "W7023";
  CHECK(told);
}

}  // namespace meshctl::test
