#include "backend/racoon/racoon_tool_connections.hpp"

#include <algorithm>
#include <map>

#include "backend/racoon/cursor.hpp"
#include "backend/racoon/host_files.hpp"
#include "backend/racoon/racoon_tool_values.hpp"

namespace meshctl::racoon {
namespace {

/// The peer's name in the characters of a connection's.
std::string plain_name(std::string_view name) {
  std::string out = lower(name);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return !is_letter(c) && !is_digit(c) && c != '-'; }, '_');
  return out;
}

bool same_nets(const Flow& x, const Flow& y) { return x.pair == y.pair && x.local == y.local && x.remote == y.remote; }

}  // namespace

std::vector<ConnectionPlan> connections_of(const HostPlan& plan) {
  std::vector<ConnectionPlan> out;
  std::map<std::string, unsigned> used;
  for (const PeerPlan& peer : plan.peers) {
    if (!peer.terms->uses_ike()) continue;
    const std::size_t first = out.size();
    const std::string name = plain_name(plan.peer(peer).name);
    for (std::size_t i = peer.first_flow; i < peer.first_flow + peer.flow_count; ++i) {
      const Flow& flow = plan.flows[i];
      if (flow.action != FlowAction::Protect || !known(peer, flow, plan.outer(peer, flow))) continue;
      const auto same = [&](const ConnectionPlan& one) { return same_nets(plan.flows[one.flows.front()], flow); };
      auto group = std::find_if(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(), same);
      if (group == out.end()) {
        out.push_back({name + "-" + std::to_string(++used[name]), &peer, {}});
        group = out.end() - 1;
      }
      group->flows.push_back(i);
    }
  }
  return out;
}

}  // namespace meshctl::racoon
