#include "backend/host/network.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace meshctl::host {
namespace {

/// Calls `visit(flow, outer)` for every flow that goes through a tunnel.
template <class Visit>
void each_tunnel(const HostPlan& plan, Visit visit) {
  for (const PeerPlan& peer : plan.peers) {
    if (peer.terms->mode != Mode::Tunnel) continue;
    for (const Flow& flow : plan.flows_of(peer)) {
      if (flow.action == FlowAction::Protect) visit(flow, plan.outer(peer, flow));
    }
  }
}

}  // namespace

std::vector<Route> routes_of(const HostPlan& plan) {
  std::map<Prefix, Route> by_net;
  each_tunnel(plan, [&](const Flow& flow, const AddressPair& outer) {
    if (is_unknown(flow.remote) || outer.remote.unspecified() || flow.remote.contains(outer.remote)) return;
    for (const Address& inner : plan.self().inner_addresses) {
      if (flow.local.contains(inner)) by_net.try_emplace(flow.remote, Route{flow.remote, inner, outer.remote});
    }
  });
  std::vector<Route> out;
  out.reserve(by_net.size());
  for (const auto& [net, route] : by_net) out.push_back(route);
  return out;
}

std::vector<Opening> openings_of(const HostPlan& plan) {
  std::map<Address, Opening> by_peer;
  for (const PeerPlan& peer : plan.peers) {
    const Terms& terms = *peer.terms;
    if (!terms.protects()) continue;
    for (const AddressPair& pair : plan.pairs_of(peer)) {
      Opening& opening = by_peer[pair.remote];
      opening.peer = pair.remote;
      opening.ike |= terms.uses_ike();
      opening.natt |= terms.uses_ike() && terms.nat_traversal != NatTraversal::Off;
      opening.esp |= terms.protect != Protect::Ah;
      opening.ah |= terms.protect != Protect::Esp;
    }
  }
  std::vector<Opening> out;
  out.reserve(by_peer.size());
  for (const auto& [peer, opening] : by_peer) out.push_back(opening);
  return out;
}

std::vector<Passage> passages_of(const HostPlan& plan) {
  std::set<Passage> all;
  each_tunnel(plan, [&](const Flow& flow, const AddressPair&) {
    if (!is_unknown(flow.local) && !is_unknown(flow.remote)) all.insert({flow.local, flow.remote});
  });
  return {all.begin(), all.end()};
}

std::vector<Prefix> pings_of(const HostPlan& plan) {
  std::set<Prefix> all;
  for (const PeerPlan& peer : plan.peers) {
    for (const Flow& flow : plan.flows_of(peer)) {
      const bool pings = flow.protocol == 0 || flow.protocol == 1 || flow.protocol == 58;
      if (flow.action == FlowAction::Protect && pings && !is_unknown(flow.remote)) all.insert(flow.remote);
    }
  }
  return {all.begin(), all.end()};
}

}  // namespace meshctl::host
