#include "mesh/lockout.hpp"

#include <algorithm>

namespace meshctl {
namespace {

constexpr std::uint8_t kTcp = 6;

bool bypassed(const Mesh& mesh, std::uint16_t ssh_port) {
  return std::any_of(mesh.bypasses.begin(), mesh.bypasses.end(), [&](const Bypass& b) {
    if (b.word == BypassWord::SshController) return true;
    return b.word == BypassWord::Selector && b.protocol == kTcp && (b.port == 0 || b.port == ssh_port);
  });
}

/// The controller's own port is an ephemeral one, which a selector for one port all but never means.
bool covers_ssh(const Selector& selector, bool host_is_a, std::uint16_t ssh_port) {
  const auto host_port = host_is_a ? selector.a_port : selector.b_port;
  const auto controller_port = host_is_a ? selector.b_port : selector.a_port;
  return (selector.protocol == 0 || selector.protocol == kTcp) && (host_port == 0 || host_port == ssh_port) &&
         controller_port == 0;
}

}  // namespace

std::optional<Lockout> find_lockout(const Mesh& mesh, HostIndex host, const Address& controller) {
  const std::uint16_t ssh_port = mesh.hosts[host].ssh.port;
  if (bypassed(mesh, ssh_port)) return std::nullopt;
  for (const LinkIndex index : mesh.links_of[host]) {
    const Link& link = mesh.links[index];
    const bool host_is_a = link.a == host;
    const HostIndex peer = host_is_a ? link.b : link.a;
    const auto& addresses = mesh.hosts[peer].addresses;
    if (std::find(addresses.begin(), addresses.end(), controller) == addresses.end()) continue;
    const Terms& terms = mesh.terms[link.terms];
    const bool covered = std::any_of(terms.selectors.begin(), terms.selectors.end(),
                                     [&](const Selector& s) { return covers_ssh(s, host_is_a, ssh_port); });
    if (covered && terms.level == Level::Require) return Lockout{index, peer, link.where};
    return std::nullopt;  // no other link has this address
  }
  return std::nullopt;
}

}  // namespace meshctl
