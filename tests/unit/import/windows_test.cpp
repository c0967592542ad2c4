// Windows hosts: what compile writes comes back, alone and beside the hosts that it talks to; and scripts by hand.
#include <doctest/doctest.h>

#include "keys/certify.hpp"
#include "keys/rsa.hpp"
#include "unit/import/kit.hpp"

namespace meshctl {
namespace {

namespace fs = std::filesystem;
using test::has;
using test::imported;
using test::parsed;
using test::Told;

/// All hosts' files, of whatever back end, are those that were imported.
std::string same_files_after_import(const Inventory& inventory) {
  return test::same_after_import(inventory, std::nullopt);
}

constexpr const char* kMixed = R"(version: 1
mesh: office
hosts:
  alpha: {addresses: [192.0.2.1, "2001:db8::1"], backend: racoon}
  beta:  {addresses: [192.0.2.2, "2001:db8::2"], backend: strongswan}
  win:   {addresses: [192.0.2.8, "2001:db8::8"], backend: windows}
  won:   {addresses: [192.0.2.9], backend: windows}
)";

/// A host's own script, in a folder of its name.
fs::path by_hand(const test::TempDir& dir, const std::string& host, const std::string& file, const std::string& text) {
  test::write_file(dir / host / file, text, 0600);
  return dir / host;
}

}  // namespace

TEST_CASE("inventories of the documentation with a Windows end") {
  for (const char* name : {"windows/home-network.yaml", "windows/domain.yaml", "windows/old-guide.yaml",
                           "seeds/linux-to-windows.yaml", "seeds/linux-windows-host-to-host.yaml"}) {
    CAPTURE(name);
    same_files_after_import(test::documented(name));
  }
}

TEST_CASE("a mixed mesh comes back, each link once") {
  const std::string yaml = same_files_after_import(parsed(std::string(kMixed) + R"(links:
  - {between: [alpha, win], suite: windows}
  - {between: [beta, win], suite: windows, ike_lifetime: 2h, select: [{protocol: tcp, port: 443}, {protocol: udp, from_port: 53}]}
  - {between: [alpha, beta]}
  - {between: [win, won], suite: {ike: aes128-sha1-modp1024, esp: aes128-sha1}, profile: legacy, level: use}
)"));
  std::size_t links = 0;
  for (std::size_t at = yaml.find("[alpha, win]"); at != std::string::npos; at = yaml.find("[alpha, win]", at + 1))
    ++links;
  CHECK(links == 1);
}

TEST_CASE("the other forms of scripts come back") {
  std::string powershell = kMixed;
  for (std::size_t at = powershell.find("windows}"); at != std::string::npos; at = powershell.find("windows}", at + 20))
    powershell.replace(at, 8, "windows, windows: {form: powershell}}");
  const std::string yaml = same_files_after_import(parsed(powershell + R"(links:
  - {between: [alpha, win], suite: windows}
  - {between: [beta, win], ike_lifetime: 2h, select: [{protocol: tcp, port: 443}, {protocol: udp, from_port: 53}]}
  - {between: [win, won], level: use, child_bytes: 1GiB, select: [{protocol: any}, {protocol: tcp, port: 80, action: none}]}
bypass: [nd, icmp-errors, ike, ssh-controller]
)"));
  CHECK(has(yaml, "windows: {form: powershell}"));
}

TEST_CASE("Windows alone: lifetimes, PFS, volumes, AH, exceptions, bypasses") {
  const std::string hosts = std::string(kMixed);
  const std::string two = hosts.substr(0, hosts.find("  alpha:")) + hosts.substr(hosts.find("  win:"));
  same_files_after_import(parsed(two + "links: [[win, won]]\n"));
  same_files_after_import(parsed(two + "links:\n  - {between: [win, won], child_lifetime: 30m, child_bytes: 512MiB, "
                                       "nat_traversal: off}\nbypass: []\n"));
  same_files_after_import(parsed(two +
                                 "links:\n  - {between: [win, won], suite: {ike: aes256-sha256-modp2048, esp: "
                                 "aes256-sha256}, protect: esp+ah}\nbypass: [nd, dhcp, ssh-controller, {protocol: "
                                 "udp, port: 123}, {protocol: 89}]\n"));
  same_files_after_import(parsed(two + "links:\n  - {between: [win, won], suite: {ike: aes256-sha256-modp2048, esp: "
                                       "aes256-sha1-modp2048}, protect: ah, select: [{protocol: any}, {protocol: tcp, "
                                       "port: 80, action: none}]}\nbypass: [icmp]\n"));
}

TEST_CASE("certificates of Windows and of strongSwan come back with a vault of their own") {
  constexpr std::int64_t now = 1800000000;  // 2027
  Sources sources;
  DiagSink loading;
  const auto inventory =
      load_inventory(fs::path(MESHCTL_SOURCE_DIR) / "inventories/windows/mixed-certificates.yaml", sources, loading);
  REQUIRE(inventory);
  KeyStore store = test::test_store("mixed");
  REQUIRE(init_authority(store, CaKind::EcP384, {now, 3650}));
  for (const HostEntry& host : inventory->hosts) {
    const std::string& name = host.name.value;
    REQUIRE(issue_for(store, name, {"CN=" + name, {"IP:" + host.addresses.front().value}}, {{now, 365}, false, 2048}));
  }
  const test::Compiled first = test::compile_all(*inventory, "/nowhere", sources, store, std::nullopt);
  REQUIRE_MESSAGE(first.faults.empty(), test::shown(first.faults, sources));
  const test::TempDir dir;
  const auto folders = test::write_hosts(first, dir / "old");
  DiagSink sink;
  KeyStore vault = test::test_store("mixed");
  ImportOptions options;
  options.vault = &vault;
  const auto out = import_hosts(folders, options, sources, sink);
  const std::string told = test::told_shortly(sink.take(), sources);
  REQUIRE_MESSAGE(out, told);
  const std::string yaml = write_inventory(out->inventory, "t");
  INFO(yaml << told);
  CHECK(told == "");
  CHECK(vault.certificates.size() == 4);
  CHECK(vault.authorities.size() == 1);
  const test::Compiled second = test::compile_all(parsed(yaml), dir / "new", sources, vault, std::nullopt);
  CHECK(test::shown(second.faults, sources) == "");
  CHECK(test::difference(first.files, second.files) == "");

  // A host whose file with the key was not copied.
  REQUIRE(fs::remove(dir / "old/win7/files/ProgramData/meshctl/host.pfx"));
  vault = test::test_store("mixed");
  DiagSink again;
  REQUIRE(import_hosts(folders, options, sources, again));
  CHECK(has(test::told_shortly(again.take(), sources), "host.pfx' is not in the folder of 'win7': it is held"));
  CHECK(vault.certificates.at("win7").key.held());
}

TEST_CASE("a script by hand: one link with its Linux end, whatever each of them says") {
  const test::TempDir dir;
  const fs::path windows = by_hand(dir, "win10", "ipsec.cmd",
                                   "@echo off\r\nrem by hand\r\n"
                                   "netsh advfirewall set global mainmode mmsecmethods "
                                   "dhgroup14:aes128-sha256,dhgroup14:3des-sha1\r\n"
                                   "netsh advfirewall set global mainmode mmkeylifetime 480min,0sess\r\n"
                                   "netsh advfirewall consec delete rule name=\"deodand\"\r\n"
                                   "netsh advfirewall consec add rule name=\"deodand\" endpoint1=172.17.207.66 "
                                   "endpoint2=172.17.207.12 action=requireinrequireout auth1=computerpsk "
                                   "auth1psk=\"a-rather-long-sample-key\" qmpfs=dhgroup14 "
                                   "qmsecmethods=esp:sha1-aes128+60min+100000kb,esp:sha1-3des+60min+100000kb\r\n");
  test::write_file(dir / "deodand/etc/racoon/racoon.conf",
                   "path pre_shared_key \"/etc/racoon/psk.txt\";\nremote 172.17.207.66 {\n  exchange_mode main;\n  "
                   "proposal {\n    encryption_algorithm aes 128;\n    hash_algorithm sha256;\n    "
                   "authentication_method pre_shared_key;\n    dh_group modp2048;\n    lifetime time 480 min;\n  }\n}\n"
                   "sainfo address 172.17.207.12 any address 172.17.207.66 any {\n  pfs_group modp2048;\n  lifetime "
                   "time 1 hour;\n  encryption_algorithm aes 128;\n  authentication_algorithm hmac_sha1;\n  "
                   "compression_algorithm deflate;\n}\n",
                   0600);
  test::write_file(dir / "deodand/etc/racoon/psk.txt", "172.17.207.66 a-rather-long-sample-key\n", 0600);
  test::write_file(dir / "deodand/etc/ipsec-tools.conf",
                   "#!/usr/sbin/setkey -f\nspdadd 172.17.207.12 172.17.207.66 any -P out ipsec "
                   "esp/transport//require;\nspdadd 172.17.207.66 172.17.207.12 any -P in ipsec "
                   "esp/transport//require;\n");
  const Told out = imported({windows, dir / "deodand"});
  INFO(out.yaml << out.text);
  REQUIRE(out.imported->inventory.links.size() == 1);
  CHECK(has(out.yaml, "win10: {addresses: [172.17.207.66], backend: windows}"));
  CHECK(has(out.yaml, "deodand: {addresses: [172.17.207.12]}"));
  CHECK(has(out.yaml, "aes128-sha256-modp2048"));
  CHECK(has(out.text, "ipsec.cmd:3: of 2 proposals only the strongest is taken: aes128-sha256-modp2048"));
  CHECK(has(out.text, "ipsec.cmd:6: of 2 proposals only the strongest is taken: aes128-sha1-modp2048"));
  CHECK(has(out.text, "W8020"));  // the rule is not meshctl's
  CHECK(!has(out.text, "W8010"));
  CHECK(!has(out.text, "a-rather"));
  REQUIRE(out.imported->keys.size() == 1);
  CHECK(out.imported->keys.front().content.reveal() == "a-rather-long-sample-key\n");
}

TEST_CASE("PowerShell by hand: proposals in variables, a key in the script, cmdlets that change what was made") {
  const test::TempDir dir;
  const Told out = imported({by_hand(
      dir, "win", "ipsec.ps1",
      "$auth = New-NetIPsecAuthProposal -Machine -PreSharedKey 'a-rather-long-sample-key'\n"
      "$main = New-NetIPsecMainModeCryptoProposal -Encryption AES256 -Hash SHA256 -KeyExchange DH14\n"
      "$quick = New-NetIPsecQuickModeCryptoProposal -Encapsulation ESP -ESPHash SHA256 -Encryption AES256 -MaxMinutes "
      "30 -MaxKiloBytes 100000\n"
      "New-NetIPsecPhase1AuthSet -Name auth -DisplayName auth -Proposal $auth\n"
      "New-NetIPsecMainModeCryptoSet -Name main -DisplayName main -MaxMinutes 60 -Proposal $main\n"
      "New-NetIPsecQuickModeCryptoSet -Name quick -DisplayName quick -PerfectForwardSecrecyGroup DH14 -Proposal "
      "@($quick)\n"
      "New-NetIPsecMainModeRule -Name mm -DisplayName mm -LocalAddress 192.0.2.8 -RemoteAddress 192.0.2.1 "
      "-MainModeCryptoSet main -Phase1AuthSet auth\n"
      "New-NetIPsecRule -Name web -DisplayName web -LocalAddress 192.0.2.8 -RemoteAddress 192.0.2.1 -Protocol TCP "
      "-RemotePort 443 -InboundSecurity Require -OutboundSecurity Require -KeyModule IKEv1 -QuickModeCryptoSet quick "
      "-Phase1AuthSet auth\n"
      "Set-NetIPsecRule -Name other -Enabled False\n")});
  INFO(out.yaml << out.text);
  CHECK(has(out.yaml, "win: {addresses: [192.0.2.8], windows: {form: powershell}}"));
  CHECK(has(out.yaml, "select: [{protocol: tcp, from_port: 443}]"));  // peer-192.0.2.1 sorts first
  CHECK(has(out.yaml, "{ike: aes256-sha256-modp2048, esp: aes256-sha256-modp2048}"));
  CHECK(has(out.yaml, "ike_lifetime: 1h"));
  CHECK(has(out.yaml, "child_lifetime: 30m"));
  CHECK(has(out.text, "ipsec.ps1:9: 'Set-NetIPsecRule' changes what this script does not show"));
  CHECK(has(out.text, "W8020"));
  CHECK(!has(out.text, "a-rather"));
  REQUIRE(out.imported->keys.size() == 1);
  CHECK(out.imported->keys.front().content.reveal() == "a-rather-long-sample-key\n");
}

TEST_CASE("an IP Security Policy by hand: me, permits, one direction, and a policy that is not assigned") {
  const test::TempDir dir;
  const auto line = [](const std::string& text) { return "netsh ipsec static " + text + "\r\n"; };
  const std::string policy =
      "@echo off\r\n" + line("add policy name=p mmsecmethods=\"3DES-SHA1-3\" mmlifetime=480") +
      line("add filterlist name=l") + line("add filter filterlist=l srcaddr=192.0.2.8 dstaddr=192.0.2.1 protocol=any") +
      line("add filterlist name=m") +
      line("add filter filterlist=m srcaddr=192.0.2.2 dstaddr=me protocol=TCP srcport=25") +
      line("add filter filterlist=m srcaddr=192.0.2.3 dstaddr=me protocol=any mirrored=no") +
      line("add filteraction name=n action=negotiate qmpfs=yes qmsecmethods=\"ESP[3DES,SHA1]:100000k/3600s\"") +
      line("add rule name=r policy=p filterlist=l filteraction=n kerberos=no psk=a-rather-long-sample-key") +
      line("add rule name=s policy=p filterlist=m filteraction=n kerberos=no psk=a-rather-long-sample-key");
  const Told out = imported({by_hand(dir, "old", "policy.bat", policy + line("set policy name=p assign=yes"))});
  INFO(out.yaml << out.text);
  CHECK(has(out.yaml, "windows: {form: ipsec-static}"));
  CHECK(has(out.yaml, "suite: {ike: \"3des-sha1-modp2048\", esp: \"3des-sha1-modp2048\"}"));
  CHECK(!has(out.text, "W8020"));  // assigning meshctl's policy replaces this one
  CHECK(has(out.yaml, "select: [{protocol: tcp, port: 25}]"));
  CHECK(out.imported->inventory.links.size() == 2);
  CHECK(out.imported->keys.size() == 1);
  CHECK(has(out.text, "policy.bat:7: a filter for one direction (mirrored=no): it is left out"));
  CHECK(!has(out.text, "a-rather"));

  Sources sources;
  DiagSink sink;
  import_hosts({by_hand(dir, "idle", "policy.bat", policy)}, {}, sources, sink);
  CHECK(has(test::told_shortly(sink.take(), sources), "the policy 'p', which is not assigned"));
}

TEST_CASE("what a script says beyond that is named, with its line") {
  const test::TempDir dir;
  const fs::path folder =
      by_hand(dir, "win", "rules.txt",
              "advfirewall set global ipsec saidletimemin 5\r\n"
              "advfirewall set allprofiles state on\r\n"
              "advfirewall consec add rule name=net endpoint1=10.0.0.0/24 endpoint2=any action=requestinrequestout "
              "auth1=computerkerb\r\n"
              "advfirewall consec add rule name=b endpoint1=192.0.2.8 endpoint2=192.0.2.1,192.0.2.2 "
              "action=requireinrequestout profile=domain auth1=computercert auth1ca=\"O=office, CN=office CA 1\"\r\n"
              "advfirewall consec set rule name=gone new enable=no\r\n"
              "advfirewall consec add rule name=off endpoint1=192.0.2.8 endpoint2=192.0.2.3 action=requireinrequireout "
              "enable=no auth1=computerkerb\r\n"
              "advfirewall mainmode add rule name=mm endpoint1=192.0.2.8 endpoint2=192.0.2.7 auth1=computerkerb\r\n");
  const Told out = imported({folder});
  INFO(out.yaml << out.text);
  CHECK(has(out.text, "rules.txt:1: the setting 'ipsec saidletimemin'"));
  CHECK(has(out.text, "rules.txt:2: 'advfirewall set allprofiles"));
  CHECK(has(out.text, "W8019"));
  CHECK(has(out.text, "rules.txt:3: the rule 'net' is left out"));
  CHECK(has(out.text, "rules.txt:4: 'b': profile left out"));
  CHECK(has(out.text, "inwards this traffic has level require, outwards use"));
  CHECK(has(out.text, "rules.txt:5: this changes the rule 'gone', which no line here makes"));
  CHECK(has(out.text, "rules.txt:6: the rule 'off' is not enabled"));
  CHECK(has(out.text, "rules.txt:7: the rule 'mm' is left out"));
  CHECK(has(out.yaml, "auth: x509"));
  CHECK(out.imported->inventory.links.size() == 2);  // a list is several pairs
  CHECK(out.imported->inventory.hosts.size() == 3);
}

TEST_CASE("any on one side is the host itself, as far as other rules know it") {
  const test::TempDir dir;
  const std::string rule = "advfirewall consec add rule action=requireinrequireout auth1=computerkerb name=";
  const Told known = imported({by_hand(dir, "win", "rules.txt",
                                       rule + "a endpoint1=any endpoint2=192.0.2.1\r\n" + rule +
                                           "b endpoint1=192.0.2.2 endpoint2=192.0.2.8\r\n" + rule +
                                           "c endpoint1=192.0.2.8 endpoint2=192.0.2.3\r\n")});
  INFO(known.yaml << known.text);
  CHECK(has(known.yaml, "win: {addresses: [192.0.2.8]}"));
  CHECK(has(known.text, "N8003"));
  CHECK(!has(known.text, "W8019"));
  CHECK(known.imported->inventory.links.size() == 3);
  const Told unknown = imported({by_hand(dir, "alone", "rules.txt", rule + "a endpoint1=any endpoint2=192.0.2.1\r\n")});
  INFO(unknown.text);
  CHECK(has(unknown.text, "W8019"));
  CHECK(has(unknown.text, "W8018"));
}

TEST_CASE("a script that netsh would refuse is refused") {
  const test::TempDir dir;
  Sources sources;
  DiagSink sink;
  const auto folder = by_hand(dir, "win", "a.cmd",
                              "netsh advfirewall consec add rule name=x endpoint1=192.0.2.8 endpoint2=192.0.2.1 "
                              "action=requireinrequireout auth1=computerpsk auth1psk=%KEY%\r\n");
  CHECK(!import_hosts({folder}, {}, sources, sink));
  CHECK(!sink.ok());
}

}  // namespace meshctl
