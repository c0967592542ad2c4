#include "backend/strongswan/layout.hpp"

#include <algorithm>
#include <set>

namespace meshctl::strongswan {
namespace {

/// FNV-1a, 32 bits: spreads well enough, is stable for ever, and nobody gains by forcing a clash.
class Fnv {
 public:
  void add(std::span<const std::uint8_t> bytes) {
    for (const auto byte : bytes) hash_ = (hash_ ^ byte) * 16777619u;
  }
  void add(std::uint16_t number) {
    const std::uint8_t bytes[] = {static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number & 0xff)};
    add(std::span<const std::uint8_t>(bytes));
  }
  void add(const Address& address) { add(std::span(address.bytes()).first(address.bits() / 8)); }
  void add(const Prefix& prefix) {
    add(prefix.address);
    add(std::uint16_t{prefix.length});
  }
  [[nodiscard]] std::uint32_t reqid() const { return kFirstReqid + hash_ % (kLastReqid - kFirstReqid + 1); }

 private:
  std::uint32_t hash_ = 2166136261u;
};

std::uint32_t reqid_of(const AddressPair& pair, const Flow& flow) {
  Fnv hash;
  hash.add(pair.local);
  hash.add(pair.remote);
  hash.add(std::uint16_t{flow.protocol});
  hash.add(flow.local_port);
  hash.add(flow.remote_port);
  if (flow.local != Prefix::host(pair.local) || flow.remote != Prefix::host(pair.remote)) {
    hash.add(flow.local);
    hash.add(flow.remote);
  }
  if (flow.icmp_type != kAnyIcmp) {
    hash.add(static_cast<std::uint16_t>(flow.icmp_type));
    hash.add(static_cast<std::uint16_t>(flow.icmp_code));
  }
  return hash.reqid();
}

std::uint32_t reqid_of(const AddressPair& pair) {
  Fnv hash;
  hash.add(pair.local);
  hash.add(pair.remote);
  return hash.reqid();
}

/// `owner`, by flow: the flow whose number it has: itself, or for manual SAs the first of its pair.
void move_apart(std::vector<std::uint32_t>& reqids, const std::vector<std::uint32_t>& owner) {
  std::set<std::uint32_t> taken;
  for (std::size_t i = 0; i < reqids.size(); ++i) {
    if (reqids[i] == 0) continue;
    if (owner[i] != i) {
      reqids[i] = reqids[owner[i]];
      continue;
    }
    while (!taken.insert(reqids[i]).second) reqids[i] = reqids[i] == kLastReqid ? kFirstReqid : reqids[i] + 1;
  }
}

}  // namespace

Layout layout_of(const HostPlan& plan) {
  Layout layout;
  layout.reqids.assign(plan.flows.size(), 0);
  std::vector<std::uint32_t> owner(plan.flows.size(), 0);
  for (std::uint32_t index = 0; index < plan.peers.size(); ++index) {
    const PeerPlan& peer = plan.peers[index];
    const bool manual = peer.terms->auth == Auth::Manual;
    const Flow* first = nullptr;  // protected flow of the pair at hand
    std::uint32_t first_at = 0;
    for (std::uint32_t at = peer.first_flow; at < peer.first_flow + peer.flow_count; ++at) {
      const Flow& flow = plan.flows[at];
      if (flow.action != FlowAction::Protect) continue;
      const AddressPair& pair = plan.outer(peer, flow);
      layout.reqids[at] = manual ? reqid_of(pair) : reqid_of(pair, flow);
      const bool new_pair = first == nullptr || first->pair != flow.pair;
      if (new_pair) {
        first = &flow;
        first_at = at;
      }
      owner[at] = manual ? first_at : at;
      if (manual) continue;
      if (new_pair) {
        layout.connections.push_back({index, flow.pair, static_cast<std::uint32_t>(layout.children.size()), 0});
      }
      layout.children.push_back(at);
      ++layout.connections.back().child_count;
    }
  }
  std::vector<std::uint32_t> sorted;
  for (std::uint32_t at = 0; at < layout.reqids.size(); ++at) {
    if (layout.reqids[at] != 0 && owner[at] == at) sorted.push_back(layout.reqids[at]);
  }
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) move_apart(layout.reqids, owner);
  return layout;
}

}  // namespace meshctl::strongswan
