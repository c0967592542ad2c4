#include "mesh/hole_sources.hpp"

#include <algorithm>

namespace meshctl {
namespace {

bool uses(const HostPlan& plan, Family family) {
  const auto is = [family](const auto& value) { return value.family() == family; };
  const Host& self = plan.self();
  return self.dynamic || std::any_of(self.addresses.begin(), self.addresses.end(), is) ||
         std::any_of(self.subnets.begin(), self.subnets.end(), is) ||
         std::any_of(self.inner_addresses.begin(), self.inner_addresses.end(), is);
}

bool forwards(const HostPlan& plan) {
  return std::any_of(plan.peers.begin(), plan.peers.end(), [&](const PeerPlan& peer) {
    const auto flows = plan.flows_of(peer);
    return std::any_of(flows.begin(), flows.end(), [&](const Flow& flow) { return is_inner(plan, peer, flow); });
  });
}

}  // namespace

std::vector<Prefix> hole_sources(const HostPlan& plan, Family family) {
  const Host& self = plan.self();
  if (!uses(plan, family)) return {};
  if (self.dynamic || !forwards(plan)) return {Prefix::all(family)};
  std::vector<Prefix> out;
  for (const Address& address : self.addresses) {
    if (address.family() == family) out.push_back(Prefix::host(address));
  }
  // Neighbour discovery speaks from there.
  if (family == Family::V6 && !out.empty()) out.push_back(*Prefix::parse("fe80::/10"));
  return out;
}

}  // namespace meshctl
