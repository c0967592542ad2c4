// What an entry of `bypass:` opens on which host: by tables, and as a property of every link.
#include "mesh/bypasses.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "mesh/lockout.hpp"
#include "unit/mesh/kit.hpp"

using namespace meshctl;
using namespace meshctl::test;

namespace {

std::string port(std::uint16_t number) { return number == 0 ? "*" : std::to_string(number); }

std::string text_of(const BypassFlow& flow) {
  const auto side = [](const Prefix& net, std::uint16_t number) {
    return (net.length == 0 ? "any" : net.text()) + ":" + port(number);
  };
  std::string out = std::to_string(flow.protocol) + " " + side(flow.local, flow.local_port) + " " +
                    side(flow.remote, flow.remote_port);
  if (flow.place == BypassPlace::ByRank) out += " late";
  return out;
}

/// The flows of SSH and selectors at one host, IPv4 only, one a line.
std::string bypasses_at(const Resolved& mesh, const char* host) {
  HostPlan plan;
  project(*mesh.mesh, mesh.index(host), plan);
  std::string out;
  for (const BypassFlow& flow : bypass_flows(plan)) {
    const bool fixed = flow.word != BypassWord::SshController && flow.word != BypassWord::Selector;
    if (!fixed && flow.local.family() == Family::V4) out += text_of(flow) + "\n";
  }
  return out;
}

/// a and b have a link, c has none.
Resolved mesh_with(const std::string& bypass, const std::string& more = "") {
  return resolve_text(
      "version: 1\nmesh: m\ndefaults: {backend: racoon}\nhosts:\n"
      "  a: {addresses: [10.0.0.1, \"2001:db8::1\"]}\n"
      "  b: {addresses: [10.0.0.2], ssh: {port: 2222" +
      more + "}}\n  c: {addresses: [10.0.0.3]}\nlinks:\n  - [a, b]\nbypass: [" + bypass + "]\n");
}

}  // namespace

TEST_CASE("ssh-controller opens the port of sshd, and no source port opens anything") {
  const auto r = mesh_with("ssh-controller");
  CHECK(bypasses_at(r, "a") == "6 10.0.0.1:22 any:* late\n");
  CHECK(bypasses_at(r, "b") == "6 10.0.0.2:2222 any:* late\n");
  CHECK(codes(r.warnings).find("W1311") != std::string::npos);
}

TEST_CASE("ssh-controller for addresses and networks") {
  const auto r = mesh_with("{ssh-controller: [192.0.2.10, 198.51.100.0/24]}");
  CHECK(bypasses_at(r, "b") == "6 10.0.0.2:2222 192.0.2.10:*\n6 10.0.0.2:2222 198.51.100.0/24:* late\n");
  CHECK(codes(r.warnings).find("W1311") == std::string::npos);
}

TEST_CASE("a controller that is a host of the mesh has the other half, towards those that it has links with") {
  const auto r = mesh_with("{ssh-controller: [10.0.0.1]}");
  CHECK(bypasses_at(r, "a") == "6 10.0.0.1:* 10.0.0.2:2222\n");
  CHECK(bypasses_at(r, "b") == "6 10.0.0.2:2222 10.0.0.1:*\n");
  CHECK(bypasses_at(r, "c") == "6 10.0.0.3:22 10.0.0.1:*\n");
}

TEST_CASE("a jump host has the other half, towards its targets alone") {
  const auto r = mesh_with("ssh-controller", ", jump: a");
  CHECK(bypasses_at(r, "a") == "6 10.0.0.1:22 any:* late\n6 10.0.0.1:* 10.0.0.2:2222\n");
  CHECK(bypasses_at(r, "b") == "6 10.0.0.2:2222 any:* late\n6 10.0.0.2:2222 10.0.0.1:*\n");
  CHECK(bypasses_at(r, "c") == "6 10.0.0.3:22 any:* late\n");
  const auto outside = mesh_with("{ssh-controller: [192.0.2.10]}", ", jump: \"ops@192.0.2.9:22\"");
  CHECK(bypasses_at(outside, "b") == "6 10.0.0.2:2222 192.0.2.10:*\n6 10.0.0.2:2222 192.0.2.9:*\n");
  const auto v6 = mesh_with("{ssh-controller: [192.0.2.10]}", ", jump: \"ops@[2001:db8::9]:22\"");
  CHECK(bypasses_at(v6, "b") == "6 10.0.0.2:2222 192.0.2.10:*\n");
}

TEST_CASE("a selector says which end serves; without it the hosts do") {
  CHECK(bypasses_at(mesh_with("{protocol: udp, port: 123}"), "a") == "17 10.0.0.1:123 any:* late\n");
  CHECK(bypasses_at(mesh_with("{protocol: udp, port: 123, role: server}"), "a") == "17 10.0.0.1:123 any:* late\n");
  CHECK(bypasses_at(mesh_with("{protocol: udp, port: 123, peers: [192.0.2.0/24]}"), "a") ==
        "17 10.0.0.1:123 192.0.2.0/24:* late\n");
  CHECK(bypasses_at(mesh_with("{protocol: udp, port: 53, role: client, peers: [192.0.2.53]}"), "a") ==
        "17 10.0.0.1:* 192.0.2.53:53\n");
  CHECK(bypasses_at(mesh_with("{protocol: udp, port: 53, role: client, peers: [192.0.2.0/24]}"), "a") ==
        "17 10.0.0.1:* 192.0.2.0/24:53 late\n");
}

TEST_CASE("a peer that is a host of the mesh has the other half") {
  const auto client = mesh_with("{protocol: udp, port: 53, role: client, peers: [10.0.0.1]}");
  CHECK(bypasses_at(client, "a") == "17 10.0.0.1:53 10.0.0.2:*\n");
  CHECK(bypasses_at(client, "b") == "17 10.0.0.2:* 10.0.0.1:53\n");
  const auto server = mesh_with("{protocol: udp, port: 123, peers: [10.0.0.1]}");
  CHECK(bypasses_at(server, "a") == "17 10.0.0.1:* 10.0.0.2:123\n");
  CHECK(bypasses_at(server, "b") == "17 10.0.0.2:123 10.0.0.1:*\n");
}

TEST_CASE("a protocol without a port has no server") {
  CHECK(bypasses_at(mesh_with("{protocol: 47}"), "a") == "47 any:* any:*\n");
  CHECK(bypasses_at(mesh_with("{protocol: 47, peers: [10.0.0.2]}"), "a") == "47 10.0.0.1:* 10.0.0.2:*\n");
  CHECK(codes(mesh_with("{protocol: tcp}").warnings).find("W1312") != std::string::npos);
  CHECK(codes(mesh_with("{protocol: 47}").warnings).find("W1312") == std::string::npos);
}

TEST_CASE("no bypass of everybody lets a source port choose among this host's ports") {
  const auto r = mesh_with(
      "nd, icmp-errors, ike, icmp, dhcp, ssh-controller, {protocol: udp, port: 123}, "
      "{protocol: tcp, port: 80, peers: [0.0.0.0/0]}",
      ", jump: a");
  for (HostIndex host = 0; host < r.mesh->hosts.size(); ++host) {
    HostPlan plan;
    project(*r.mesh, host, plan);
    for (const BypassFlow& flow : bypass_flows(plan)) {
      CAPTURE(text_of(flow));
      CHECK((!opens_all_ports(flow) || flow.remote.is_host()));
    }
  }
}

TEST_CASE("what passes in clear between two hosts with a link has its other half at the other one") {
  const char* entries[] = {"ssh-controller",
                           "{ssh-controller: [10.0.0.1, 10.0.0.0/24, 192.0.2.10]}",
                           "{ssh-controller: [10.0.0.2]}, {protocol: tcp, port: 2222}",
                           "{protocol: udp, port: 53, role: client, peers: [10.0.0.2]}",
                           "{protocol: udp, port: 123, peers: [10.0.0.1, 10.0.0.2]}",
                           "{protocol: 47, peers: [10.0.0.2]}",
                           "{protocol: udp, port: 53, role: client, peers: [\"2001:db8::1\", 10.0.0.0/8]}"};
  std::size_t halves = 0;
  for (const char* entry : entries) {
    for (const char* jump : {"", ", jump: a"}) {
      const auto r = mesh_with(entry, jump);
      HostPlan here, there;
      for (const char* name : {"a", "b"}) {
        project(*r.mesh, r.index(name), here);
        project(*r.mesh, here.peers.at(0).peer, there);
        const auto other = bypass_flows(there);
        for (const BypassFlow& flow : bypass_flows(here)) {
          const auto& addresses = there.self().addresses;
          const bool between = flow.place == BypassPlace::BeforeHosts && flow.local.is_host() &&
                               flow.remote.is_host() &&
                               std::find(addresses.begin(), addresses.end(), flow.remote.address) != addresses.end();
          if (!between) continue;
          ++halves;
          CAPTURE(std::string(name) + ": " + text_of(flow));
          CHECK(std::any_of(other.begin(), other.end(), [&](const BypassFlow& half) {
            return half.place == flow.place && half.local == flow.remote && half.remote == flow.local &&
                   half.protocol == flow.protocol && half.local_port == flow.remote_port &&
                   half.remote_port == flow.local_port;
          }));
        }
      }
    }
  }
  CHECK(halves > 20);
}

TEST_CASE("what is for networks or everybody comes behind links between hosts, before wider ones") {
  const auto r = resolve_text(
      "version: 1\nmesh: m\ndefaults: {backend: strongswan}\nhosts:\n  a: {addresses: [10.0.0.1]}\n"
      "  b: {addresses: [10.0.0.2]}\n  gw: {addresses: [192.0.2.1], subnets: [0.0.0.0/0]}\nlinks:\n  - {between: [a, "
      "b], "
      "priority: -3}\n  - {from: a, to: gw, mode: tunnel, priority: -3}\nbypass: [nd, ike, ssh-controller]\n");
  REQUIRE_MESSAGE(r.mesh.has_value(), shown(r));
  HostPlan plan;
  project(*r.mesh, r.index("a"), plan);
  std::uint32_t late = 0;
  for (const BypassFlow& flow : bypass_flows(plan)) {
    if (flow.place == BypassPlace::ByRank) late = flow.rank;
  }
  REQUIRE(late != 0);
  for (const Flow& flow : plan.flows) {
    CAPTURE(flow.remote.text());
    CHECK((flow.remote.is_host() ? flow.rank < late : flow.rank > late));
  }
}

TEST_CASE("the lock-out check asks for the real port, and at both ends") {
  const auto locked = [](const std::string& bypass, const char* host, const char* controller,
                         const std::string& more = "") {
    const auto r = mesh_with(bypass, more);
    return find_lockout(*r.mesh, r.index(host), *Address::parse(controller)).has_value();
  };
  CHECK(locked("ssh-controller", "b", "10.0.0.1"));  // a does not know that it is the controller
  CHECK_FALSE(locked("{ssh-controller: [10.0.0.1]}", "b", "10.0.0.1"));
  CHECK_FALSE(locked("{ssh-controller: [10.0.0.1]}", "a", "10.0.0.3"));  // no link
  CHECK(locked("{ssh-controller: [10.0.0.9]}", "b", "10.0.0.1"));
  CHECK(locked("{protocol: tcp, port: 22, peers: [10.0.0.1]}", "b", "10.0.0.1"));  // sshd is at 2222
  CHECK_FALSE(locked("{protocol: tcp, port: 2222, peers: [10.0.0.1]}", "b", "10.0.0.1"));
  CHECK_FALSE(locked("{protocol: tcp}", "b", "10.0.0.1"));
  CHECK_FALSE(locked("ssh-controller", "b", "10.0.0.1", ", jump: a"));
}
