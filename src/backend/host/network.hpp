// What of a host's links its routing and its firewall have to know.
#pragma once
#include <string_view>
#include <vector>

#include "mesh/hostplan.hpp"

namespace meshctl::host {

/// Packets of the host itself into a tunnel leave with its inner address: only those does the policy cover.
struct Route {
  Prefix net;
  Address source;
  Address peer;  // outer: its next hop is the route's
  friend auto operator<=>(const Route&, const Route&) = default;
};
/// Sorted by net, each net once. Hosts without an inner address have none, and nobody's default route is touched.
std::vector<Route> routes_of(const HostPlan& plan);

/// Who sends IKE and IPsec packets to this host.
struct Opening {
  Address peer;  // unspecified: anybody of its family
  bool ike = false;
  bool natt = false;
  bool esp = false;
  bool ah = false;
  friend auto operator<=>(const Opening&, const Opening&) = default;
};
/// Sorted by peer, each once.
std::vector<Opening> openings_of(const HostPlan& plan);

/// Two nets between which traffic goes through a tunnel that ends here.
struct Passage {
  Prefix local;
  Prefix remote;
  friend auto operator<=>(const Passage&, const Passage&) = default;
};
/// Sorted, each once.
std::vector<Passage> passages_of(const HostPlan& plan);

/// From where pings come through IPsec to prove a link, to this host itself; and come back to those that it sends.
/// Sorted, each once. None of a peer whose address inside is not known.
std::vector<Prefix> pings_of(const HostPlan& plan);

}  // namespace meshctl::host
