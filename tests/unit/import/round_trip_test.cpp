// What meshctl compiles, it can import again: the same files, byte for byte.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "import/import.hpp"
#include "unit/import/kit.hpp"
#include "unit/mesh/generate.hpp"

namespace meshctl {
namespace {

namespace fs = std::filesystem;
using test::parsed;
using test::same_after_import;

constexpr const char* kHosts = R"(version: 1
mesh: office
hosts:
  alpha: {addresses: [192.0.2.1, "2001:db8::1"]}
  beta:  {addresses: ["2001:db8::2", 192.0.2.2, 192.0.2.22]}
  gamma: {addresses: [192.0.2.3]}
)";

}  // namespace

TEST_CASE("inventories of the documentation") {
  for (const char* name : {"minimal.yaml", "three-linux.yaml"}) {
    CAPTURE(name);
    same_after_import(test::documented(name));
  }
}

TEST_CASE("a full mesh, both families") { same_after_import(parsed(std::string(kHosts) + "links: [{among: all}]\n")); }

TEST_CASE("algorithms, lifetimes and DPD of each link") {
  const std::string yaml = same_after_import(parsed(std::string(kHosts) + R"(links:
  - {between: [alpha, beta], suite: {ike: aes128-sha256-modp2048, esp: aes192-sha1}, ike_lifetime: 4h, dpd: 0}
  - {between: [beta, gamma], suite: windows, child_lifetime: 1234, level: use}
  - {between: [alpha, gamma], suite: legacy-sha1}
)"));
  CHECK(yaml.find("suite: legacy-sha1") != std::string::npos);
  CHECK(yaml.find("child_lifetime: 1234") != std::string::npos);
}

TEST_CASE("selectors keep their ends") {
  const std::string yaml = same_after_import(parsed(std::string(kHosts) + R"(links:
  - {between: [alpha, beta], select: [{protocol: tcp, port: 443}, {protocol: udp, from_port: 53, port: 53}, {protocol: 47}]}
  - {from: gamma, to: alpha, select: [{protocol: tcp, port: 22}]}
)"));
  CHECK(yaml.find("{protocol: tcp, from_port: 22}") != std::string::npos);  // alpha sorts first, and has the port
}

TEST_CASE("bypasses") {
  same_after_import(parsed(std::string(kHosts) + "links: [{among: all}]\nbypass: []\n"));
  same_after_import(parsed(std::string(kHosts) + "links: [{among: all}]\nbypass: [ike]\n"));
  const std::string yaml = same_after_import(
      parsed(std::string(kHosts) +
             "links: [{among: all}]\nbypass: [nd, icmp-errors, ike, icmp, dhcp, ssh-controller, {protocol: udp, port: "
             "123}, {protocol: 89}]\n"));
  CHECK(yaml.find("ssh-controller, {protocol: udp, port: 123}, {protocol: 89}]") != std::string::npos);
  const std::string peers = same_after_import(parsed(
      std::string(kHosts) +
      "links: [{among: all}]\nbypass: [nd, icmp-errors, ike, {ssh-controller: [203.0.113.9, 203.0.113.64/26]}, "
      "{protocol: udp, port: 53, role: client, peers: [203.0.113.53]}, {protocol: 47, peers: [203.0.113.1]}]\n"));
  CHECK(peers.find("{ssh-controller: [203.0.113.9, 203.0.113.64/26]}") != std::string::npos);
  CHECK(peers.find("{protocol: udp, port: 53, role: client, peers: [203.0.113.53]}") != std::string::npos);
  CHECK(peers.find("{protocol: 47, peers: [203.0.113.1]}") != std::string::npos);
}

TEST_CASE("what all links have goes to defaults, and the default bypass is not written") {
  const std::string yaml = same_after_import(parsed(std::string(kHosts) + "links: [{among: all, dpd: 7}]\n"));
  CHECK(yaml.find("dpd: 7") == yaml.rfind("dpd: 7"));
  CHECK(yaml.find("bypass") == std::string::npos);
  CHECK(yaml.find("suite") == std::string::npos);
}

TEST_CASE("tunnels: of hosts, between networks, with other outer addresses, with exceptions") {
  const std::string sites = R"(version: 1
mesh: sites
defaults: {mode: tunnel}
hosts:
  hq:     {addresses: [192.0.2.1, "2001:db8::1"], subnets: [10.1.0.0/16, 10.99.0.0/24, "fd00:1::/48"]}
  branch: {addresses: [198.51.100.1, "2001:db8:b::1"], subnets: [10.2.0.0/16, "fd00:2::/48"]}
  home:   {addresses: [203.0.113.9]}
)";
  same_after_import(parsed(sites + "links: [[hq, branch], [hq, home]]\n"));
  same_after_import(parsed(R"(version: 1
mesh: sites
defaults: {mode: tunnel}
hosts:
  hq:     {addresses: [192.0.2.1], subnets: [10.1.0.0/16, 10.99.0.0/24], inner_addresses: [10.1.0.1]}
  branch: {addresses: [198.51.100.1], subnets: [10.2.0.0/16], boot: {kind: systemd, fail: closed}, firewall: nftables}
  home:   {addresses: [203.0.113.9]}
links:
  - {between: [branch, home], protect: esp+ah, level: unique}
  - {between: [branch, hq], select: [{protocol: tcp, port: 443, to: 10.1.4.0/24}, {protocol: any, from: 10.2.3.0/24, to: 10.1.0.0/16}, {protocol: icmp, type: 8, from: 10.2.3.0/24, to: 10.1.0.0/16, action: none}]}
)"));
}

TEST_CASE("hosts that only let pass or drop") {
  same_after_import(parsed(R"(version: 1
mesh: office
hosts:
  alpha: {addresses: [192.0.2.1]}
  beta:  {addresses: [192.0.2.2]}
  gamma: {addresses: [192.0.2.3]}
links:
  - [alpha, beta]
  - {between: [alpha, gamma], action: discard, priority: 7}
  - {between: [beta, gamma], action: none, select: [{protocol: icmp}, {protocol: tcp, port: 22, action: discard}]}
)"));
}

TEST_CASE("exceptions between nets of which a link protects nothing") {
  same_after_import(parsed(R"(version: 1
mesh: sites
defaults: {mode: tunnel, select: [{protocol: udp}]}
hosts:
  alpha: {addresses: [192.0.2.1], subnets: [172.16.0.0/24]}
  beta:  {addresses: [192.0.2.2]}
  gamma: {addresses: [192.0.2.3], subnets: [172.16.2.0/24]}
links:
  - {among: all, select: [{protocol: udp, port: 5432, action: none}]}
  - {among: all, select: [{protocol: udp, from_port: 22, port: 5432, to: host}]}
)"));
}

TEST_CASE("exceptions in a family of which a link protects nothing") {
  const std::string yaml = same_after_import(parsed(R"(version: 1
mesh: sites
defaults: {mode: tunnel}
hosts:
  alpha: {addresses: [192.0.2.1, "2001:db8::1"]}
  beta:  {addresses: [192.0.2.2], subnets: [172.16.1.0/24, "2001:db8:2::/48"]}
links:
  - {between: [alpha, beta], select: [{protocol: icmp, type: 8}, {protocol: udp, port: 22, action: discard}, {protocol: udp, port: 5432, action: none}]}
)"));
  CHECK(yaml.find("raw:") == std::string::npos);
}

TEST_CASE("settings that few links have") {
  const std::string yaml = same_after_import(parsed(std::string(kHosts) + R"(links:
  - {between: [alpha, beta], nat_traversal: force, natt_keepalive: 10, fragmentation: off, dpd_retry: 9, dpd_maxfail: 3}
  - {between: [beta, gamma], proposal_check: obey, initial_contact: false, nonce_size: 32, rekey: force, verify_identifier: false}
  - {between: [alpha, gamma], passive: true, initiator: to, protect: ah, ipcomp: true}
)"));
  CHECK(yaml.find("initiator: to") != std::string::npos);
}

TEST_CASE("a host's daemon and raw text") {
  same_after_import(parsed(R"(version: 1
mesh: office
defaults: {log: debug}
hosts:
  alpha: {addresses: [192.0.2.1, 192.0.2.7], listen: {addresses: [192.0.2.1], port: 501, natt_port: 4501}, log: info}
  beta:  {addresses: [192.0.2.2]}
  gamma: {addresses: [192.0.2.3]}
links: [{among: all}]
)"));
}

/// A net with exceptions from protection, and no protection: whose it is, no file tells.
static bool net_of_nobody(const std::string& policies) {
  std::set<std::string> excepted, told;
  std::istringstream lines(policies);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream words(line);
    for (std::string word; words >> word;) {
      if (word.starts_with("::/0") || word.starts_with("0.0.0.0/0") || word.find('/') == std::string::npos) continue;
      (line.find(" ipsec ") == std::string::npos ? excepted : told).insert(word.substr(0, word.find('[')));
    }
  }
  return !std::includes(told.begin(), told.end(), excepted.begin(), excepted.end());
}

TEST_CASE("random meshes of racoon hosts") {
  int compared = 0;  // not every random inventory is a good one
  const bool good = rc::check("compile, import, compile gives the same files", [&compared] {
    Inventory inventory = test::random_inventory();
    // What racoon's files do not tell again: addresses behind a NAT, and raw text that says what is said anyway.
    for (HostEntry& host : inventory.hosts) {
      host.backend = Marked<BackendKind>{BackendKind::Racoon, {}};
      host.behind_nat.reset();
      host.identity.reset();                               // with a key in main mode it is the address
      if (!inventory.defaults.mode) host.subnets.clear();  // without tunnels nothing shows them
    }
    const auto without_raw = [](LinkOptions& options) {
      if (!options.rare.empty()) options.rare.edit().raw.clear();
      if (!options.rare.empty()) options.rare.edit().child_bytes.reset();  // racoon has no such lifetime
      if (!options.rare.empty()) options.rare.edit().identity_to.reset();
    };
    without_raw(inventory.defaults);
    for (LinkEntry& link : inventory.links) without_raw(link.options);
    const test::TempDir dir;
    Sources sources;
    const test::Compiled first = test::compile_all(inventory, "/nowhere", sources);
    if (!first.faults.empty()) return;
    // Only racoon.conf tells addresses that no policy has.
    for (const auto& [host, files] : first.files) {
      if (!files.contains("/etc/racoon/racoon.conf")) return;
      if (net_of_nobody(files.at("/etc/racoon/setkey.conf"))) return;
    }
    ++compared;
    const test::RoundTrip second = test::import_and_compile(test::write_hosts(first, dir / "old"), dir / "new");
    RC_LOG() << write_inventory(inventory, {}) << "---- imported\n"
             << second.yaml << second.told << second.faults << test::difference(first.files, second.files);
    RC_ASSERT(second.faults.empty());
    RC_ASSERT(second.left_over == 0U);
    RC_ASSERT(test::difference(first.files, second.files).empty());
  });
  CHECK(good);
  CHECK(compared > 20);
}

}  // namespace meshctl
