// Ways that packets go: gateways without an address inside their tunnel, several hosts behind one NAT, road warriors
// that are away.
#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "mesh/lint.hpp"

namespace meshctl {
namespace {

bool has_inner(const Host& host, Family family) {
  const auto inside = [&](const Address& address) {
    return address.family() == family && std::any_of(host.subnets.begin(), host.subnets.end(),
                                                     [&](const Prefix& subnet) { return subnet.contains(address); });
  };
  return std::any_of(host.inner_addresses.begin(), host.inner_addresses.end(), inside) ||
         std::any_of(host.addresses.begin(), host.addresses.end(), inside);
}

/// A gateway's own packets carry an address that the tunnel's policies do not know.
void lint_gateways(const Mesh& mesh, DiagSink& sink) {
  for (HostIndex index = 0; index < mesh.hosts.size(); ++index) {
    const Host& host = mesh.hosts[index];
    if (host.subnets.empty()) continue;
    const auto& links = mesh.links_of[index];
    const auto tunnel = std::find_if(links.begin(), links.end(), [&](LinkIndex link) {
      const Terms& terms = mesh.terms[mesh.links[link].terms];
      return terms.mode == Mode::Tunnel && terms.protects();
    });
    if (tunnel == links.end()) {
      sink.warning("W1321", host.where, fmt::format("no tunnel of '{}' protects the subnets behind it", host.name))
          .with_hint("set 'mode: tunnel' on a link of it, or take 'subnets' out");
      continue;
    }
    for (const Family family : {Family::V4, Family::V6}) {
      const bool used = std::any_of(host.subnets.begin(), host.subnets.end(),
                                    [&](const Prefix& subnet) { return subnet.family() == family; });
      if (!used || has_inner(host, family)) continue;
      sink.warning("W1320", mesh.links[*tunnel].where,
                   fmt::format("'{}' has no address in its own {} subnets: replies to packets that the gateway itself "
                               "sends will not come back through the tunnel",
                               host.name, family == Family::V4 ? "IPv4" : "IPv6"))
          .note(host.where, "the host is here")
          .with_hint("give it 'inner_addresses' from its subnets: routes through the tunnel then have them as source");
      break;
    }
  }
}

/// Transport mode shows the NAT's address to the peer, the same for all that stand behind it (RFC 3948, 5.2).
void lint_nat(const Mesh& mesh, DiagSink& sink) {
  for (HostIndex index = 0; index < mesh.hosts.size(); ++index) {
    std::map<Address, LinkIndex> seen;
    for (const LinkIndex link : mesh.links_of[index]) {
      const Link& pair = mesh.links[link];
      const Host& peer = mesh.hosts[pair.a == index ? pair.b : pair.a];
      const Terms& terms = mesh.terms[pair.terms];
      if (!peer.public_address || terms.mode != Mode::Transport || !terms.protects()) continue;
      if (peer.public_address == mesh.hosts[index].public_address) continue;
      const auto [first, fresh] = seen.emplace(*peer.public_address, link);
      if (fresh) continue;
      sink.warning("W1330", pair.where,
                   fmt::format("'{}' has two transport links to hosts behind the NAT {}: to it they look like one",
                               mesh.hosts[index].name, peer.public_address->text()))
          .note(mesh.links[first->second].where, "the other link is here")
          .with_hint("use 'mode: tunnel' for hosts behind one NAT");
      break;
    }
  }
}

/// Policies for an address that nobody knows are there only as long as the road warrior is.
void lint_away(const Mesh& mesh, DiagSink& sink) {
  for (HostIndex index = 0; index < mesh.hosts.size(); ++index) {
    if (mesh.hosts[index].dynamic) continue;
    for (const LinkIndex link : mesh.links_of[index]) {
      const Link& pair = mesh.links[link];
      const Host& peer = mesh.hosts[pair.a == index ? pair.b : pair.a];
      const Terms& terms = mesh.terms[pair.terms];
      if (!peer.dynamic || !terms.protects() || terms.level == Level::Use) continue;
      const bool tunnel = terms.mode == Mode::Tunnel;
      if (tunnel && !(peer.inner_addresses.empty() && peer.subnets.empty())) continue;
      sink.warning("W1331", pair.where,
                   fmt::format("while '{}' is away, packets for the address that it had leave '{}' in clear", peer.name,
                               mesh.hosts[index].name))
          .with_hint(fmt::format("{}give '{}' 'inner_addresses': packets for them are blocked",
                                 tunnel ? "" : "use 'mode: tunnel' and ", peer.name));
      break;
    }
  }
}

}  // namespace

void lint_paths(const Mesh& mesh, DiagSink& sink) {
  lint_gateways(mesh, sink);
  const auto translated = [](const Host& host) { return host.public_address.has_value(); };
  if (std::any_of(mesh.hosts.begin(), mesh.hosts.end(), translated)) lint_nat(mesh, sink);
  const auto dynamic = [](const Host& host) { return host.dynamic; };
  if (std::any_of(mesh.hosts.begin(), mesh.hosts.end(), dynamic)) lint_away(mesh, sink);
}

}  // namespace meshctl
