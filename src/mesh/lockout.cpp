#include "mesh/lockout.hpp"

#include <algorithm>

#include "mesh/hostplan.hpp"

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
bool covers_ssh(const Flow& flow, const Host& host, const Address& controller) {
  const auto at_this_end = [&](const Address& address) { return flow.local.contains(address); };
  return flow.remote.contains(controller) &&
         (is_unknown(flow.local) || std::any_of(host.addresses.begin(), host.addresses.end(), at_this_end)) &&
         (flow.protocol == 0 || flow.protocol == kTcp) && (flow.local_port == 0 || flow.local_port == host.ssh.port) &&
         flow.remote_port == 0;
}

}  // namespace

std::optional<Lockout> find_lockout(const Mesh& mesh, HostIndex host, const Address& controller) {
  HostPlan plan;
  project(mesh, host, plan);
  const Flow* asked = nullptr;  // the policy that the kernel would ask
  const PeerPlan* of = nullptr;
  for (const PeerPlan& peer : plan.peers) {
    for (const Flow& flow : plan.flows_of(peer)) {
      if (!covers_ssh(flow, plan.self(), controller) || (asked != nullptr && asked->rank <= flow.rank)) continue;
      asked = &flow;
      of = &peer;
    }
  }
  if (asked == nullptr || asked->action == FlowAction::None) return std::nullopt;
  if (asked->rank >= kHoleRank && bypassed(mesh, plan.self().ssh.port)) return std::nullopt;
  if (asked->action == FlowAction::Protect && of->terms->level == Level::Use) return std::nullopt;
  return Lockout{of->link, of->peer, mesh.links[of->link].where};
}

}  // namespace meshctl
