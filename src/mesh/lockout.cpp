#include "mesh/lockout.hpp"

#include <algorithm>

#include "mesh/bypasses.hpp"
#include "mesh/hostplan.hpp"
#include "net/protocol.hpp"

namespace meshctl {
namespace {

/// The controller's own port is an ephemeral one, which a selector for one port all but never means.
bool covers_ssh(const Flow& flow, const Host& host, const Address& controller) {
  const auto at_this_end = [&](const Address& address) { return flow.local.contains(address); };
  return flow.remote.contains(controller) &&
         (is_unknown(flow.local) || std::any_of(host.addresses.begin(), host.addresses.end(), at_this_end)) &&
         (flow.protocol == 0 || flow.protocol == kTcp) && (flow.local_port == 0 || flow.local_port == host.ssh.port) &&
         flow.remote_port == 0;
}

/// A packet of the SSH connection, as the host at one end of it sees it.
struct Connection {
  const std::vector<Address>& local;
  const std::vector<Address>& remote;
  std::uint16_t local_port = 0;  // 0: one that nobody knows beforehand
  std::uint16_t remote_port = 0;
};

bool lets_through(const BypassFlow& flow, const Connection& ssh) {
  const auto reaches = [](const Prefix& net, const std::vector<Address>& any) {
    return std::any_of(any.begin(), any.end(), [&](const Address& address) { return net.contains(address); });
  };
  return (flow.protocol == kTcp) && (flow.local_port == 0 || flow.local_port == ssh.local_port) &&
         (flow.remote_port == 0 || flow.remote_port == ssh.remote_port) && reaches(flow.local, ssh.local) &&
         reaches(flow.remote, ssh.remote);
}

/// Some bypass of the host is asked before `asked`, and lets the connection through.
bool bypassed(const HostPlan& plan, const Flow& asked, const Connection& ssh) {
  const std::vector<BypassFlow> flows = bypass_flows(plan);
  return std::any_of(flows.begin(), flows.end(), [&](const BypassFlow& flow) {
    const bool first = asked.rank >= kHoleRank && (flow.place != BypassPlace::ByRank || flow.rank < asked.rank);
    return first && lets_through(flow, ssh);
  });
}

/// The controller, or the jump host, is a host whose own policies stand in the way of what it sends.
bool bypassed_there(const Mesh& mesh, const HostPlan& plan, const PeerPlan& link, const Address& controller) {
  const Host& peer = plan.peer(link);
  const auto& all = peer.addresses;
  if (!peer.managed || std::find(all.begin(), all.end(), controller) == all.end()) return true;
  HostPlan there;
  project(mesh, link.peer, there);
  Flow own;  // of its link to this host
  own.rank = kHoleRank * 2 - 1;
  const std::vector<Address> from{controller};
  return bypassed(there, own, {from, plan.self().addresses, 0, plan.self().ssh.port});
}

}  // namespace

std::optional<Lockout> find_lockout(const Mesh& mesh, HostIndex host, const Address& controller) {
  HostPlan plan;
  project(mesh, host, plan);
  const Host& self = plan.self();
  const Flow* asked = nullptr;  // the policy that the kernel would ask
  const PeerPlan* of = nullptr;
  for (const PeerPlan& peer : plan.peers) {
    for (const Flow& flow : plan.flows_of(peer)) {
      if (!covers_ssh(flow, self, controller) || (asked != nullptr && asked->rank <= flow.rank)) continue;
      asked = &flow;
      of = &peer;
    }
  }
  if (asked == nullptr || asked->action == FlowAction::None) return std::nullopt;
  const std::vector<Address> from{controller};
  if (bypassed(plan, *asked, {self.addresses, from, self.ssh.port, 0}) && bypassed_there(mesh, plan, *of, controller))
    return std::nullopt;
  if (asked->action == FlowAction::Protect && of->terms->level == Level::Use) return std::nullopt;
  return Lockout{of->link, of->peer, mesh.links[of->link].where, asked->rank < kHoleRank};
}

}  // namespace meshctl
