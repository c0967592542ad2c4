#include "import/road_blocks.hpp"

#include <algorithm>

namespace meshctl::importer {
namespace {

/// Of a packet from the road warrior.
struct Traffic {
  Prefix from, to;
};

bool part_of(const Prefix& part, const Prefix& net) {
  return is_unknown(net) ? part.length == 0 : net.covers(part) || (net.is_host() && part.contains(net.address));
}

bool blocks(const spd::Policy& policy, bool warrior, const std::vector<Traffic>& roads) {
  // setkey's `low`, from half way behind `def`.
  if (policy.action != spd::Action::Discard || policy.priority < (spd::kPrioDef / 2 + spd::kPrioLow / 2)) return false;
  const bool from = (policy.direction == spd::Direction::Out) == warrior;
  const Prefix& far = from ? policy.selector.source : policy.selector.destination;
  const Prefix& near = from ? policy.selector.destination : policy.selector.source;
  return std::any_of(roads.begin(), roads.end(),
                     [&](const Traffic& road) { return part_of(far, road.from) && part_of(near, road.to); });
}

}  // namespace

void leave_out_road_blocks(const std::vector<HostSource>& hosts, std::vector<HostFlows>& flows) {
  std::vector<Traffic> roads;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    if (!hosts[i].dynamic) continue;
    for (const FlowSeen& flow : flows[i].flows) {
      if (flow.shape.action == FlowAction::Protect) roads.push_back({flow.shape.local, flow.shape.remote});
    }
  }
  if (roads.empty()) return;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    const bool warrior = hosts[i].dynamic;
    std::erase_if(flows[i].flows, [&](const FlowSeen& flow) { return blocks(flow.out->policy, warrior, roads); });
    std::erase_if(flows[i].foreign, [&](const HeldPolicy* held) { return blocks(held->policy, warrior, roads); });
  }
}

}  // namespace meshctl::importer
