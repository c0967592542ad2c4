// /etc/meshctl/routes.list: which nets lie behind a tunnel, for the routing table. `NET SOURCE PEER DEVICE` a line:
//
//   10.2.0.0/24 10.1.0.1 192.0.2.2 eth1        SOURCE, DEVICE: `-` where there is none
//
// The next hop is the one towards PEER, which only the host knows; so the activation makes the routes (main table,
// protocol 77) and follows what it is. SOURCE is what the host itself sends from, so that its packets fit the policy.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "mesh/hostplan.hpp"

namespace meshctl::strongswan {

struct Route {
  Prefix net;
  std::optional<Address> source;
  Address peer;
  std::string device;  // empty: the one towards the peer
  friend bool operator==(const Route&, const Route&) = default;
};

/// One for each net, sorted; none for a default route, which would carry the tunnel's own packets as well.
std::vector<Route> routes_of(const HostPlan& plan);

/// Without its line end.
std::string route_line(const Route& route);

}  // namespace meshctl::strongswan
