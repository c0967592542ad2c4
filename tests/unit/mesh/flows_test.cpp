// Which policies a link means: tunnels of nets, 6-in-4, NAT, ends of unknown address, exceptions.
#include <filesystem>

#include "kit.hpp"
#include "mesh/hostplan.hpp"

using namespace meshctl;
using namespace meshctl::test;

namespace {

std::string shown(std::uint16_t port) { return port == 0 ? "" : "[" + std::to_string(port) + "]"; }

/// "10.1.0.0/16 - 10.2.0.0/16 via 192.0.2.1 - 192.0.2.2": each flow of `host`, in order, one a line.
std::string flows(const Resolved& r, std::string_view host) {
  REQUIRE_MESSAGE(r.mesh.has_value(), shown(r));
  HostPlan plan;
  project(*r.mesh, r.index(host), plan);
  std::string out;
  for (const PeerPlan& peer : plan.peers) {
    for (const Flow& flow : plan.flows_of(peer)) {
      const AddressPair& outer = plan.outer(peer, flow);
      out += flow.local.text() + shown(flow.local_port) + " - " + flow.remote.text() + shown(flow.remote_port);
      if (flow.protocol != 0) out += " proto " + std::to_string(flow.protocol);
      if (flow.icmp_type != kAnyIcmp) out += " type " + std::to_string(flow.icmp_type);
      if (flow.action != FlowAction::Protect) out += " " + std::string(text(flow.action));
      if (peer.terms->mode == Mode::Tunnel) out += " via " + outer.local.text() + " - " + outer.remote.text();
      out += "\n";
    }
  }
  return out;
}
Resolved mesh(const std::string& rest) { return resolve_text("version: 1\nmesh: m\n" + rest); }

PeerPlan first_peer(const Resolved& r, std::string_view host) {
  static HostPlan plan;
  project(*r.mesh, r.index(host), plan);
  REQUIRE_FALSE(plan.peers.empty());
  return plan.peers.front();
}

}  // namespace

TEST_CASE("net to net: each pair of subnets of one family, through the first addresses") {
  const auto r = mesh(
      "hosts:\n"
      "  hq: {addresses: [192.0.2.1, 192.0.2.9], subnets: [10.1.0.0/16, '2001:db8:1::/48'], inner_addresses: "
      "[10.1.0.1]}\n"
      "  wh: {addresses: [198.51.100.1], subnets: [10.2.0.0/16, 10.3.0.0/16], inner_addresses: [10.2.0.1]}\n"
      "links:\n  - {between: [hq, wh], mode: tunnel}\n");
  CHECK(flows(r, "hq") ==
        "10.1.0.0/16 - 10.2.0.0/16 via 192.0.2.1 - 198.51.100.1\n"
        "10.1.0.0/16 - 10.3.0.0/16 via 192.0.2.1 - 198.51.100.1\n");
  CHECK(flows(r, "wh") ==
        "10.2.0.0/16 - 10.1.0.0/16 via 198.51.100.1 - 192.0.2.1\n"
        "10.3.0.0/16 - 10.1.0.0/16 via 198.51.100.1 - 192.0.2.1\n");
}

TEST_CASE("host to net, and hosts for themselves") {
  const auto r = mesh(
      "hosts:\n"
      "  gw: {addresses: [192.0.2.1], subnets: [10.1.0.0/16], inner_addresses: [10.1.0.1]}\n"
      "  h1: {addresses: [198.51.100.1, '2001:db8::1']}\n"
      "  h2: {addresses: [198.51.100.2, '2001:db8::2']}\n"
      "links:\n  - {between: [gw, h1], mode: tunnel}\n  - {between: [h1, h2], mode: tunnel}\n");
  CHECK(flows(r, "gw") == "10.1.0.0/16 - 198.51.100.1 via 192.0.2.1 - 198.51.100.1\n");
  CHECK(flows(r, "h2") ==
        "198.51.100.2 - 198.51.100.1 via 198.51.100.2 - 198.51.100.1\n"
        "2001:db8::2 - 2001:db8::1 via 2001:db8::2 - 2001:db8::1\n");
}

TEST_CASE("6-in-4 where IPv6 has no way of its own, 4-in-6 where it is asked for") {
  const std::string nets =
      "hosts:\n"
      "  a: {addresses: [192.0.2.1, '2001:db8::a'], subnets: ['fd00:a::/48', 10.1.0.0/16], inner_addresses: "
      "['fd00:a::1', 10.1.0.1]}\n"
      "  b: {addresses: [192.0.2.2B], subnets: ['fd00:b::/48', 10.2.0.0/16], inner_addresses: ['fd00:b::1', "
      "10.2.0.1]}\n";
  const auto with = [&](const std::string& more, const std::string& option) {
    std::string text = nets;
    text.replace(text.find("192.0.2.2B"), 10, "192.0.2.2" + more);
    return mesh(text + "links:\n  - {between: [a, b], mode: tunnel" + option + "}\n");
  };
  CHECK(flows(with("", ""), "a") ==
        "fd00:a::/48 - fd00:b::/48 via 192.0.2.1 - 192.0.2.2\n"
        "10.1.0.0/16 - 10.2.0.0/16 via 192.0.2.1 - 192.0.2.2\n");
  CHECK(flows(with(", '2001:db8::b'", ""), "a") ==
        "10.1.0.0/16 - 10.2.0.0/16 via 192.0.2.1 - 192.0.2.2\n"
        "fd00:a::/48 - fd00:b::/48 via 2001:db8::a - 2001:db8::b\n");
  CHECK(flows(with(", '2001:db8::b'", ", outer: ipv6"), "a") ==
        "fd00:a::/48 - fd00:b::/48 via 2001:db8::a - 2001:db8::b\n"
        "10.1.0.0/16 - 10.2.0.0/16 via 2001:db8::a - 2001:db8::b\n");
}

TEST_CASE("several selectors of one link, most specific first at both ends") {
  const auto r = mesh(
      "hosts:\n"
      "  hq: {addresses: [192.0.2.1], subnets: [10.1.0.0/16], inner_addresses: [10.1.0.1]}\n"
      "  wh: {addresses: [192.0.2.2], subnets: [10.2.0.0/16], inner_addresses: [10.2.0.1]}\n"
      "links:\n  - from: wh\n    to: hq\n    mode: tunnel\n    select:\n"
      "      - {protocol: any}\n"
      "      - {protocol: tcp, port: 5432, to: 10.1.4.0/24}\n"
      "      - {protocol: icmp, type: 8, action: none}\n"
      "      - {protocol: udp, from_port: 1024, port: 514, from: host, to: 0.0.0.0/0, action: discard}\n");
  CHECK(flows(r, "hq") ==
        "10.1.4.0/24[5432] - 10.2.0.0/16 proto 6 via 192.0.2.1 - 192.0.2.2\n"
        "10.1.0.0/16 - 10.2.0.0/16 proto 1 type 8 none via 192.0.2.1 - 192.0.2.2\n"
        "10.1.0.0/16 - 10.2.0.0/16 via 192.0.2.1 - 192.0.2.2\n"
        "0.0.0.0/0[514] - 10.2.0.1[1024] proto 17 discard via 192.0.2.1 - 192.0.2.2\n");
}

TEST_CASE("past a NAT the other end sees the public address") {
  const auto r = mesh(
      "hosts:\n"
      "  srv: {addresses: [192.0.2.1]}\n"
      "  in:  {addresses: [10.0.0.5, 10.0.0.6], behind_nat: 203.0.113.1}\n"
      "links:\n  - [srv, in]\n");
  CHECK(flows(r, "srv") == "192.0.2.1 - 203.0.113.1\n");
  CHECK(flows(r, "in") == "10.0.0.5 - 192.0.2.1\n");
  CHECK(r.terms("srv", "in").nat_traversal == NatTraversal::On);
  // It calls itself what it is, not what the NAT makes of it.
  CHECK(first_peer(r, "srv").remote_identity->value == "10.0.0.5");
  CHECK(first_peer(r, "in").remote_identity->value.empty());
}

TEST_CASE("two hosts behind one NAT reach each other without it") {
  const auto r = mesh(
      "hosts:\n"
      "  a: {addresses: [10.0.0.5], behind_nat: 203.0.113.1}\n"
      "  b: {addresses: [10.0.0.6], behind_nat: 203.0.113.1}\n"
      "links:\n  - [a, b]\n");
  CHECK(flows(r, "a") == "10.0.0.5 - 10.0.0.6\n");
}

TEST_CASE("a road warrior starts; its address is not known at the gateway") {
  const auto r = mesh(
      "defaults: {auth: x509, mode: tunnel}\n"
      "hosts:\n"
      "  gw: {addresses: [192.0.2.1], subnets: [10.1.0.0/16], inner_addresses: [10.1.0.1], certificate: {subject: "
      "'O=X, CN=gw'}}\n"
      "  rw: {addresses: dynamic, managed: false}\n"
      "links:\n  - [gw, rw]\n");
  CHECK(flows(r, "gw") == "10.1.0.0/16 - 0.0.0.0 via 192.0.2.1 - 0.0.0.0\n");
  CHECK(flows(r, "rw") == "0.0.0.0 - 10.1.0.0/16 via 0.0.0.0 - 192.0.2.1\n");
  const PeerPlan gw = first_peer(r, "gw");
  CHECK(gw.passive);
  CHECK_FALSE(gw.initiator);
  CHECK(*gw.local_identity == Identity{IdentityKind::Asn1Dn, "O=X, CN=gw"});
  CHECK(*gw.remote_identity == Identity{IdentityKind::Asn1Dn, "CN=rw"});
  const PeerPlan rw = first_peer(r, "rw");
  CHECK(rw.initiator);
  CHECK_FALSE(rw.passive);
}

TEST_CASE("a road warrior with an address inside") {
  const auto r = mesh(
      "defaults: {auth: x509, mode: tunnel}\n"
      "hosts:\n"
      "  gw: {addresses: [192.0.2.1], subnets: [0.0.0.0/0], inner_addresses: [10.1.0.1]}\n"
      "  rw: {addresses: dynamic, managed: false, inner_addresses: [10.8.0.2]}\n"
      "links:\n  - [gw, rw]\n");
  CHECK(flows(r, "gw") == "0.0.0.0/0 - 10.8.0.2 via 192.0.2.1 - 0.0.0.0\n");
}

TEST_CASE("an exception does not narrow what is protected, and the later entry wins") {
  const auto flows_of = [](const std::string& links) {
    return flows(mesh("hosts: {a: {addresses: [10.0.0.1]}, b: {addresses: [10.0.0.2]}}\nlinks:\n" + links), "a");
  };
  CHECK(flows_of("  - {between: [a, b], select: [{protocol: tcp, port: 22, action: none}]}\n") ==
        "10.0.0.1 - 10.0.0.2[22] proto 6 none\n10.0.0.1 - 10.0.0.2\n");
  CHECK(flows_of("  - {among: all}\n  - {between: [a, b], action: none}\n") == "10.0.0.1 - 10.0.0.2 none\n");
  CHECK(flows_of("  - {between: [a, b], select: [{protocol: udp}]}\n  - {between: [a, b], action: discard}\n") ==
        "10.0.0.1 - 10.0.0.2 proto 17\n10.0.0.1 - 10.0.0.2 discard\n");
  CHECK(flows_of("  - {between: [a, b], select: [{protocol: tcp, port: 22, action: none}]}\n"
                 "  - {between: [a, b], select: [{protocol: tcp, port: 22}]}\n") ==
        "10.0.0.1 - 10.0.0.2[22] proto 6\n");
}

TEST_CASE("identities and roles of one link, whichever way round it is written") {
  for (const std::string ends : {"from: a, to: b", "between: [a, b]"}) {
    const auto r = mesh(
        "hosts: {a: {addresses: [10.0.0.1]}, b: {addresses: [10.0.0.2], identity: {keyid: bee}}}\n"
        "links:\n  - {" +
        ends + ", initiator: to, passive: true, identity: {from: {fqdn: a.example.com}}}\n");
    REQUIRE_MESSAGE(r.mesh.has_value(), shown(r));
    const PeerPlan a = first_peer(r, "a");
    CHECK(a.local_identity->value == "a.example.com");
    CHECK(a.remote_identity->value == "bee");
    CHECK_FALSE(a.initiator);
    CHECK(a.passive);
    CHECK(first_peer(r, "b").initiator);
  }
  const auto turned = mesh(
      "hosts: {a: {addresses: [10.0.0.1]}, b: {addresses: [10.0.0.2]}}\n"
      "links:\n  - {between: [b, a], initiator: from, identity: {to: {fqdn: a.example.com}}}\n");
  CHECK(first_peer(turned, "b").initiator);
  CHECK(first_peer(turned, "a").local_identity->value == "a.example.com");
}

TEST_CASE("Windows lets the other end start, unless it is told to") {
  for (const std::string name : {"a", "c", "d", "e", "f", "g"}) {
    const std::string hosts =
        "hosts: {" + name + ": {addresses: [10.0.0.1]}, b: {addresses: [10.0.0.2], backend: windows}}\n";
    CHECK(first_peer(mesh(hosts + "links: [[b, " + name + "]]\n"), name).initiator);
    CHECK(first_peer(mesh(hosts + "links: [{from: b, to: " + name + ", initiator: from}]\n"), "b").initiator);
  }
}

TEST_CASE("icmp is of IPv4, icmp6 of IPv6") {
  const auto r = mesh(
      "hosts: {a: {addresses: [10.0.0.1, '2001:db8::1']}, b: {addresses: [10.0.0.2, '2001:db8::2']}}\n"
      "links:\n  - {between: [a, b], select: [{protocol: icmp}, {protocol: icmp6}]}\n");
  CHECK(flows(r, "a") == "10.0.0.1 - 10.0.0.2 proto 1\n2001:db8::1 - 2001:db8::2 proto 58\n");
}

TEST_CASE(
    "a wide tunnel beside a link of hosts within it: the narrow one is asked first, the priority turns it round") {
  const auto ranks = [](const std::string& option) {
    const auto r = mesh(
        "hosts:\n"
        "  a:  {addresses: [10.0.0.1]}\n"
        "  b:  {addresses: [10.2.0.7]}\n"
        "  gw: {addresses: [192.0.2.1], subnets: [10.2.0.0/16], inner_addresses: [10.2.0.1]}\n"
        "links:\n  - [a, b]\n  - {between: [a, gw], mode: tunnel" +
        option + "}\n");
    REQUIRE_MESSAGE(r.mesh.has_value(), shown(r));
    HostPlan plan;
    project(*r.mesh, r.index("a"), plan);
    REQUIRE(plan.flows.size() == 2);
    return std::pair(plan.flows[0].rank, plan.flows[1].rank);
  };
  const auto usual = ranks("");
  CHECK(usual.first < usual.second);
  const auto turned = ranks(", priority: 1");
  CHECK(turned.first > turned.second);
}

TEST_CASE("which flows are asked before the bypasses: one answer at both ends") {
  struct Row {
    const char* why;
    const char* a;
    const char* b;
    const char* options;
    const char* of_a;  // "<" before, ">" behind, in the order of a's flows
  };
  const char* const gate = "addresses: [192.0.2.1], subnets: [10.1.0.0/16], inner_addresses: [10.1.0.1]";
  const char* const wide = "addresses: [192.0.2.1], subnets: [0.0.0.0/0], inner_addresses: [10.1.0.1]";
  const char* const host = "addresses: [198.51.100.7]";
  const Row rows[] = {
      {"transport", host, "addresses: [192.0.2.1]", "", ">"},
      {"a tunnel of two hosts", host, "addresses: [192.0.2.1]", "mode: tunnel", ">"},
      {"a tunnel of two hosts through a NAT", "addresses: [192.168.7.2], behind_nat: 198.51.100.8",
       "addresses: [192.0.2.1]", "mode: tunnel", ">"},
      {"host to net", host, gate, "mode: tunnel", "<"},
      {"host behind a NAT to net", "addresses: [192.168.7.2], behind_nat: 198.51.100.8", gate, "mode: tunnel", "<"},
      {"a host within the net", "addresses: [10.1.5.5]", gate, "mode: tunnel", ">"},
      {"host to everywhere: its router is there", host, wide, "mode: tunnel", ">"},
      {"net to net", "addresses: [198.51.100.1], subnets: [10.2.0.0/16]", gate, "mode: tunnel", "<"},
      {"nets that the gateways are in", "addresses: ['2001:db8:2::1'], subnets: ['2001:db8:2::/48']",
       "addresses: ['2001:db8:1::1'], subnets: ['2001:db8:1::/48']", "mode: tunnel", "<"},
      {"a net to everywhere", "addresses: [198.51.100.1], subnets: [10.2.0.0/16]", wide, "mode: tunnel", "<"},
      {"a net with its own gateway to everywhere", "addresses: [198.51.100.1], subnets: [198.51.100.0/24]", wide,
       "mode: tunnel", ">"},
      {"road warrior with an address inside to everywhere", "addresses: dynamic, inner_addresses: [10.9.0.5]", wide,
       "mode: tunnel, auth: x509", "<"},
      {"road warrior without one to everywhere", "addresses: dynamic", wide, "mode: tunnel, auth: x509", ">"},
      {"road warrior without one to net", "addresses: dynamic", gate, "mode: tunnel, auth: x509", "<"},
      {"6-in-4 of two hosts", "addresses: [198.51.100.7, '2001:db8::7']", "addresses: [192.0.2.1, '2001:db8::1']",
       "mode: tunnel, outer: ipv4", "<<"},
      {"a selector for the gateway itself beside its net", host, gate,
       "mode: tunnel, select: [{protocol: any}, {protocol: tcp, port: 443, to: host}]", "<<"},
      {"everywhere, and a part of it", host, wide,
       "mode: tunnel, select: [{protocol: any}, {protocol: any, to: 10.0.0.0/8}]", "<>"},
      {"dual stack: each family for itself", "addresses: [198.51.100.7, '2001:db8:1::7']",
       "addresses: [192.0.2.1, '2001:db8:1::1'], subnets: [10.1.0.0/16, '2001:db8:1::/48']", "mode: tunnel", "<>"},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    const auto r = mesh("hosts:\n  a: {managed: false, " + std::string(row.a) + "}\n  b: {managed: false, " + row.b +
                        "}\nlinks:\n  - {from: a, to: b" + (*row.options != 0 ? ", " : "") + row.options + "}\n");
    REQUIRE_MESSAGE(r.mesh.has_value(), shown(r));
    const auto places = [&](const char* name) {
      HostPlan plan;
      project(*r.mesh, r.index(name), plan);
      std::string out;
      for (const Flow& flow : plan.flows) out += flow.rank < kHoleRank ? '<' : '>';
      return out;
    };
    CHECK(places("a") == row.of_a);
    CHECK(places("b") == row.of_a);
  }
}

TEST_CASE("a tunnel of nets in which another link lies comes behind the bypasses, and so does one around it") {
  const auto r = mesh(
      "hosts:\n"
      "  a:   {addresses: [192.0.2.5]}\n"
      "  b:   {addresses: [10.2.0.7]}\n"
      "  gw:  {addresses: [192.0.2.1], subnets: [10.2.0.0/16], inner_addresses: [10.2.0.1]}\n"
      "  hub: {addresses: [192.0.2.2], subnets: [10.0.0.0/8], inner_addresses: [10.0.0.1]}\n"
      "  far: {addresses: [192.0.2.3], subnets: [172.16.0.0/12], inner_addresses: [172.16.0.1]}\n"
      "links:\n  - [a, b]\n  - {from: a, to: gw, mode: tunnel}\n  - {from: a, to: hub, mode: tunnel}\n"
      "  - {from: a, to: far, mode: tunnel}\n");
  REQUIRE_MESSAGE(r.mesh.has_value(), shown(r));
  std::string behind;
  for (const LinkIndex index : r.mesh->behind_bypasses) behind += r.mesh->hosts[r.mesh->links[index].b].name + " ";
  CHECK(behind == "gw hub ");
}

TEST_CASE("one traffic in two words is one flow: the more exact word is heard at both ends") {
  const auto r = mesh(
      "hosts: {a: {addresses: [10.0.0.1]}, b: {addresses: [10.0.0.2]}}\n"
      "links:\n  - {between: [a, b], select: [{protocol: tcp}, {protocol: udp}, {protocol: udp, to: host, action: "
      "none}]}\n");
  CHECK(flows(r, "a") == "10.0.0.1 - 10.0.0.2 proto 6\n10.0.0.1 - 10.0.0.2 proto 17 none\n");
  CHECK(flows(r, "b") == "10.0.0.2 - 10.0.0.1 proto 6\n10.0.0.2 - 10.0.0.1 proto 17 none\n");
}

TEST_CASE("exceptions under defaults narrow nothing either") {
  const auto r = mesh(
      "defaults: {select: [{protocol: udp, port: 22, action: discard}]}\n"
      "hosts: {a: {addresses: [10.0.0.1]}, b: {addresses: [10.0.0.2]}}\nlinks: [[a, b]]\n");
  CHECK(flows(r, "a") == "10.0.0.1 - 10.0.0.2[22] proto 17 discard\n10.0.0.1 - 10.0.0.2\n");
}

TEST_CASE("a link that was to protect and has but exceptions is an error") {
  const auto r = mesh(
      "hosts: {a: {addresses: [10.0.0.1]}, b: {addresses: [10.0.0.2]}}\n"
      "links:\n  - {between: [a, b], select: [{protocol: icmp6}, {protocol: udp, action: none}]}\n");
  CHECK(codes(r.errors()) == "E1078 5:5");
}

TEST_CASE("inventories/gateways.yaml resolves, and means what its comments say") {
  const auto folder = std::filesystem::path(MESHCTL_SOURCE_DIR) / "inventories";
  Resolved r;
  DiagSink sink;
  auto inventory = load_inventory(folder / "gateways.yaml", r.sources, sink);
  REQUIRE(inventory.has_value());
  r.mesh = resolve(*inventory, {}, folder, sink);
  REQUIRE_MESSAGE(r.mesh.has_value(), shown(r));
  CHECK(flows(r, "laptop") == "10.1.200.7 - 10.1.0.0/16 via 0.0.0.0 - 192.0.2.1\n");
  CHECK(flows(r, "branch") == "10.7.0.0/24 - 10.1.0.0/16 via 192.168.7.2 - 192.0.2.1\n");
  CHECK(flows(r, "warehouse").find("fd00:2::/48 - fd00:1::/48 via 2001:db8:2::1 - 2001:db8::1\n") != std::string::npos);
  CHECK(flows(r, "swan-2").find("2001:db8::31 - 2001:db8::30 via 192.0.2.31 - 192.0.2.30\n") != std::string::npos);
  CHECK(*first_peer(r, "partner").local_identity == Identity{IdentityKind::Asn1Dn, "C=ES, O=Partner, CN=vpn"});
  CHECK(first_peer(r, "partner").remote_identity->value == "hq.example.com");
  CHECK_FALSE(r.terms("warehouse", "swan").protects());
  CHECK(r.host("hq").daemon.raw_racoon == "timer { counter 10; }\n");
}
