// Meshes made by hand, for the racoon tests.
#pragma once
#include <string>
#include <vector>

#include "backend/backend.hpp"
#include "mesh/hostplan.hpp"
#include "unit/fake_keys.hpp"

namespace meshctl::racoon_test {

/// "mk1-link0" …: enough to see which key went where.
class FakePsks final : public test::FakeKeys {
 public:
  void append(LinkIndex link, std::string& out) const override { out += "mk1-key-of-link-" + std::to_string(link); }
  [[nodiscard]] unsigned epoch(LinkIndex) const override { return 1; }
};

inline Terms terms() {
  Terms out;
  out.ike_version = IkeVersion::V1;
  out.suite = "modern";
  out.selectors = {Selector{}};
  return out;
}

inline Host host(std::string name, const std::vector<std::string>& addresses) {
  Host out;
  out.name = out.id = std::move(name);
  for (const std::string& text : addresses) out.addresses.push_back(*Address::parse(text));
  return out;
}

inline void link(Mesh& mesh, HostIndex a, HostIndex b, std::uint32_t terms_index) {
  const auto index = static_cast<LinkIndex>(mesh.links.size());
  mesh.links.push_back({a, b, terms_index, {}});
  mesh.links_of.resize(mesh.hosts.size());
  mesh.links_of[a].push_back(index);
  mesh.links_of[b].push_back(index);
}

/// Three hosts, both families, a link by selectors, a tunnel, every bypass word.
inline Mesh sample() {
  Mesh mesh;
  mesh.name = "office";
  mesh.hosts = {host("alpha", {"192.0.2.1", "2001:db8::1"}), host("beta", {"192.0.2.2", "2001:db8::2"}),
                host("gamma", {"192.0.2.3", "192.0.2.33"})};
  Terms web = terms();
  web.level = Level::Use;
  web.dpd_delay = 0;
  web.proposals.esp.pfs = DhGroup::None;
  web.selectors = {{6, 0, 443}, {6, 0, 80}, {17, 53, 53}, {1, 0, 0}};
  Terms tunnel = terms();
  tunnel.mode = Mode::Tunnel;
  mesh.terms = {terms(), web, tunnel};
  link(mesh, 0, 1, 0);
  link(mesh, 0, 2, 1);
  link(mesh, 1, 2, 2);
  for (const BypassWord word : {BypassWord::Nd, BypassWord::IcmpErrors, BypassWord::Ike, BypassWord::Icmp,
                                BypassWord::Dhcp, BypassWord::SshController}) {
    mesh.bypasses.push_back({word, 0, 0, {}});
  }
  mesh.bypasses.push_back({BypassWord::Selector, 6, 22, {}});
  mesh.bypasses.push_back({BypassWord::Selector, 17, 123, {}});
  mesh.bypasses.push_back(
      {BypassWord::SshController, 0, 0, {}, BypassRole::Server, {Prefix::host(mesh.hosts[1].addresses[0])}});
  mesh.bypasses.push_back({BypassWord::Selector,
                           17,
                           53,
                           {},
                           BypassRole::Client,
                           {*Prefix::parse("203.0.113.0/24"), *Prefix::parse("203.0.113.53")}});
  return mesh;
}

inline Host gateway(std::string name, const std::vector<std::string>& addresses, const std::vector<std::string>& nets,
                    const std::vector<std::string>& inner) {
  Host out = host(std::move(name), addresses);
  out.subject_identity = {IdentityKind::Asn1Dn, "O=sites, CN=" + out.name};
  for (const std::string& net : nets) out.subnets.push_back(*Prefix::parse(net));
  for (const std::string& address : inner) out.inner_addresses.push_back(*Address::parse(address));
  return out;
}

/// Gateways with nets behind them, a road warrior, keys by hand, plain RSA keys, X.509, a NAT; all that stands around
/// it.
inline Mesh sites() {
  Mesh mesh;
  mesh.name = "sites";
  mesh.hosts = {gateway("branch", {"198.51.100.2", "2001:db8:f2::2"}, {"10.2.0.0/16", "2001:db8:2::/48"},
                        {"10.2.0.1", "2001:db8:2::1"}),
                gateway("hq", {"203.0.113.1", "2001:db8:f1::1"}, {"10.1.0.0/16", "2001:db8:1::/48"},
                        {"10.1.0.1", "2001:db8:1::1"}),
                gateway("inside", {"192.168.7.7"}, {}, {}), gateway("roamer", {}, {}, {"10.9.0.9"}),
                gateway("store", {"203.0.113.9", "2001:db8:9::9"}, {}, {})};
  Host& branch = mesh.hosts[0];
  branch.daemon.boot = Boot::Ifupdown;
  branch.daemon.firewall = Firewall::Iptables;
  branch.interface = "eth1";
  branch.identity = {IdentityKind::Fqdn, "branch.example.net"};
  Host& hq = mesh.hosts[1];
  hq.daemon.boot = Boot::Systemd;
  hq.daemon.firewall = Firewall::Nftables;
  hq.daemon.log = LogLevel::Info;
  hq.daemon.raw_racoon = "padding {\n\tmaximum_length 20;\n}\n";
  hq.daemon.raw_setkey = "spdupdate 10.1.0.0/16 10.1.0.0/16 any -P out prio low none;\n";
  mesh.hosts[2].public_address = *Address::parse("192.0.2.77");
  mesh.hosts[3].dynamic = true;
  mesh.hosts[3].daemon.boot = Boot::Ifupdown;
  mesh.hosts[4].daemon.boot = Boot::Rc;
  mesh.hosts[4].daemon.port = 5000;

  Terms site = terms();
  site.mode = Mode::Tunnel;
  site.auth = Auth::X509;
  site.nat_traversal = NatTraversal::On;
  site.natt_keepalive = 15;
  site.raw_remote = "\tweak_phase1_check off;\n";
  Selector printers;
  printers.action = FlowAction::None;
  printers.a_net = NetSpec{false, *Prefix::parse("10.2.3.0/24")};
  printers.b_net = NetSpec{true, {}};
  site.selectors.push_back(printers);
  Terms road = site;
  road.generate_policy = GeneratePolicy::Unique;
  road.selectors = {Selector{}};
  Terms by_hand = terms();
  by_hand.auth = Auth::Manual;
  by_hand.protect = Protect::EspAh;
  Terms plain = terms();
  plain.auth = Auth::Rsa;
  plain.level = Level::Unique;
  plain.ipcomp = true;
  plain.priority = 5;
  Terms nat = terms();
  nat.mode = Mode::Tunnel;
  nat.nat_traversal = NatTraversal::Force;
  nat.exchange_mode = ExchangeMode::Aggressive;
  nat.a_identity = Identity{IdentityKind::Fqdn, "branch.example.net"};
  nat.b_identity = Identity{IdentityKind::UserFqdn, "inside@example.net"};
  mesh.terms = {site, road, by_hand, plain, nat};
  link(mesh, 0, 1, 0);
  link(mesh, 0, 2, 4);
  link(mesh, 0, 4, 3);
  link(mesh, 1, 3, 1);
  link(mesh, 1, 4, 2);
  mesh.bypasses.push_back({BypassWord::Nd, 0, 0, {}});
  mesh.bypasses.push_back({BypassWord::Ike, 0, 0, {}});
  return mesh;
}

/// A gateway whose policies and IKE settings are in racoon-tool.conf as well, with peers of every kind that fit.
inline Mesh with_tool() {
  Mesh mesh;
  mesh.name = "tool";
  mesh.hosts = {gateway("centre", {"192.0.2.1", "2001:db8::1"}, {"10.1.0.0/16", "10.3.0.0/16"}, {"10.1.0.1"}),
                gateway("East.Side", {"198.51.100.2"}, {"10.2.0.0/16"}, {"10.2.0.1"}),
                gateway("rider", {}, {}, {"10.9.0.9"}), gateway("shop", {"203.0.113.9", "2001:db8:9::9"}, {}, {})};
  Host& centre = mesh.hosts[0];
  centre.daemon.form = RacoonForm::RacoonTool;
  centre.daemon.raw_racoon = "padding {\n\tmaximum_length 20;\n}\n";
  centre.daemon.raw_setkey = "spdupdate 10.1.0.0/16 10.1.0.0/16 any -P out prio low none;\n";
  mesh.hosts[2].dynamic = true;
  mesh.hosts[3].daemon.port = 5000;
  Terms site = terms();
  site.mode = Mode::Tunnel;
  site.nat_traversal = NatTraversal::On;
  site.selectors = {{6, 0, 443}, {6, 0, 80}, {17, 53, 53}, {1, 0, 0}};
  site.selectors[1].action = FlowAction::None;
  Terms road = terms();
  road.mode = Mode::Tunnel;
  road.auth = Auth::X509;
  road.raw_remote = "\tweak_phase1_check off;\n";
  Terms plain = terms();
  plain.auth = Auth::Rsa;
  plain.level = Level::Unique;
  plain.protect = Protect::EspAh;
  plain.ipcomp = true;
  mesh.terms = {site, road, plain};
  link(mesh, 0, 1, 0);
  link(mesh, 0, 2, 1);
  link(mesh, 0, 3, 2);
  return mesh;
}

}  // namespace meshctl::racoon_test
