// The bypasses of the mesh as one host has them: the only place that knows what an entry of `bypass:` opens, for whom,
// and where it stands among the links. Back ends print it, the lock-out check asks it.
//
//   for (const BypassFlow& flow : bypass_flows(plan))
//     policy(flow.local, flow.remote, flow.protocol, flow.local_port, flow.remote_port);   // out, and in for the
//     answers
//
// A bypass says who serves. The end that serves lets any port of the other end reach its one port; the end that asks
// lets that port of the other end reach any port of its own, so it needs that end's address. Both ends of a link agree:
// - an address in a bypass is asked before the links. If it is a host of the mesh, that host has the other half.
// - a network, or everybody, is asked behind the links between two hosts, whose traffic therefore stays protected.
#pragma once
#include <cstdint>
#include <vector>

#include "mesh/hostplan.hpp"

namespace meshctl {

enum class BypassPlace : std::uint8_t {
  First,        // before all links: neighbour discovery
  BeforeHosts,  // behind what tunnels carry for nets, before the hosts' own addresses: see kHoleRank
  ByRank        // among the flows of the hosts' own addresses, see BypassFlow::rank
};

/// One piece of traffic that passes in clear, both directions of it, as this host sees it.
struct BypassFlow {
  Prefix local;
  Prefix remote;
  std::uint8_t protocol = 0;
  std::uint16_t local_port = 0;  // 0 = any
  std::uint16_t remote_port = 0;
  std::int16_t icmp_type = kAnyIcmp;  // of a packet of either direction
  BypassWord word = BypassWord::Nd;
  BypassPlace place = BypassPlace::BeforeHosts;
  bool asks = false;           // the half of the end that asks: two flows of one entry that overlap differ in it
  std::uint32_t selector = 0;  // of BypassWord::Selector: its number among them
  std::uint32_t order = 0;     // flows that overlap have different ones; the same whatever links there are
  std::uint32_t rank = 0;      // of BypassPlace::ByRank: comparable with Flow::rank, and never one of those
  friend bool operator==(const BypassFlow&, const BypassFlow&) = default;
};

/// In the order of Mesh::bypasses, each once, for the address families that the host has to do with.
std::vector<BypassFlow> bypass_flows(const HostPlan& plan);

/// It lets a source port of somebody reach any port of this host.
[[nodiscard]] inline bool opens_all_ports(const BypassFlow& flow) {
  return flow.local_port == 0 && flow.remote_port != 0;
}

}  // namespace meshctl
