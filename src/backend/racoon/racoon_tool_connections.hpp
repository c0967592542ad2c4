// Which flows of a host make one connection of racoon-tool.conf.
#pragma once
#include <string>
#include <vector>

#include "mesh/hostplan.hpp"

namespace meshctl::racoon {

/// All protected flows between two nets of one pair of addresses: racoon-tool writes one sainfo for two nets, whatever
/// their protocols.
struct ConnectionPlan {
  std::string name;
  const PeerPlan* peer = nullptr;
  std::vector<std::size_t> flows;  // into HostPlan::flows; never empty
};

/// Peer by peer. Flows of unknown addresses are left out.
std::vector<ConnectionPlan> connections_of(const HostPlan& plan);

}  // namespace meshctl::racoon
