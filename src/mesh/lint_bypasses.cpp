#include <algorithm>

#include "inventory/words.hpp"
#include "mesh/lint.hpp"

namespace meshctl {
namespace {

bool has(const Mesh& mesh, BypassWord word) {
  return std::any_of(mesh.bypasses.begin(), mesh.bypasses.end(), [&](const Bypass& b) { return b.word == word; });
}

/// The first IPv6 link that protects neighbour discovery along with all else.
const Link* link_that_needs_nd(const Mesh& mesh) {
  const auto has_v6 = [](const Host& host) {
    return std::any_of(host.addresses.begin(), host.addresses.end(),
                       [](const Address& a) { return a.family() == Family::V6; });
  };
  constexpr std::uint8_t icmp6 = 58;
  const auto covers_nd = [](const Terms& terms) {
    return std::any_of(terms.selectors.begin(), terms.selectors.end(), [](const Selector& s) {
      return s.action == FlowAction::Protect && s.icmp_type == kAnyIcmp && (s.protocol == 0 || s.protocol == icmp6);
    });
  };
  for (const Link& link : mesh.links) {
    if (!has_v6(mesh.hosts[link.a]) || !has_v6(mesh.hosts[link.b])) continue;
    if (covers_nd(mesh.terms[link.terms])) return &link;
  }
  return nullptr;
}

/// The first link whose own policy covers the packets that would negotiate its keys.
const Link* link_that_covers_ike(const Mesh& mesh) {
  constexpr std::uint8_t udp = 17;
  const auto covers = [](const Selector& s) {
    const auto port = [](std::uint16_t p) { return p == 0 || p == 500 || p == 4500; };
    return s.action == FlowAction::Protect && (s.protocol == 0 || s.protocol == udp) && port(s.a_port) &&
           port(s.b_port);
  };
  for (const Link& link : mesh.links) {
    const Terms& terms = mesh.terms[link.terms];
    if (terms.mode != Mode::Transport || !terms.uses_ike()) continue;
    if (std::any_of(terms.selectors.begin(), terms.selectors.end(), covers)) return &link;
  }
  return nullptr;
}

bool for_everybody(const Bypass& bypass) {
  const auto all = [](const Prefix& peer) { return peer.length == 0; };
  return bypass.peers.empty() || std::any_of(bypass.peers.begin(), bypass.peers.end(), all);
}

void find_wide(const Mesh& mesh, DiagSink& sink) {
  for (const Bypass& bypass : mesh.bypasses) {
    if (!for_everybody(bypass)) continue;
    if (bypass.word == BypassWord::SshController) {
      sink.warning(
              "W1311", bypass.where,
              "'ssh-controller' names no controller: SSH from anywhere passes in clear, but for hosts with a link, "
              "whose SSH stays protected")
          .with_hint("name the addresses that meshctl runs at: {ssh-controller: [192.0.2.10]}");
    } else if (bypass.word == BypassWord::Selector && bypass.port == 0 && inventory::has_ports(bypass.protocol)) {
      sink.warning("W1312", bypass.where, "this bypass lets every port pass in clear, from anywhere")
          .with_hint("name the port that the server has, and 'peers' if you can");
    }
  }
}

}  // namespace

void lint_bypasses(const Mesh& mesh, DiagSink& sink) {
  find_wide(mesh, sink);
  if (!has(mesh, BypassWord::Nd) && !has(mesh, BypassWord::Icmp)) {
    if (const Link* link = link_that_needs_nd(mesh)) {
      sink.warning("W1301", link->where,
                   "IPv6 links without a bypass for neighbour discovery: hosts of one network cannot find each other "
                   "before they have keys, and cannot get keys before that")
          .with_hint("add 'nd' to 'bypass'");
    }
  }
  if (has(mesh, BypassWord::Ike)) return;
  if (const Link* link = link_that_covers_ike(mesh)) {
    sink.warning(
            "W1310", link->where,
            "the policy of this link covers IKE itself: a daemon without bypass policies of its own on its sockets "
            "could never negotiate the keys that it would need for that")
        .with_hint("add 'ike' to 'bypass'");
  }
}

}  // namespace meshctl
