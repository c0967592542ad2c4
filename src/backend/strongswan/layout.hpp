// Which flows of a host charon negotiates, over which connections, and the numbers that tie its SAs to the kernel's
// policies. Made once for each host; every file of it follows this order.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "mesh/hostplan.hpp"

namespace meshctl::strongswan {

/// One IKE connection: an address pair of a peer over which at least one flow is protected.
struct Connection {
  std::uint32_t peer = 0;         // index into HostPlan::peers
  std::uint32_t pair = 0;         // index into HostPlan::pairs_of(peer)
  std::uint32_t first_child = 0;  // into Layout::children
  std::uint32_t child_count = 0;
};

/// Reqids of our policies lie at or above this; charon counts its own up from 1.
inline constexpr std::uint32_t kFirstReqid = 0x01000000;
inline constexpr std::uint32_t kLastReqid = 0x7fffffff;

struct Layout {
  std::vector<Connection> connections;
  std::vector<std::uint32_t> children;  // indexes into HostPlan::flows
  /// By flow; 0 where nothing is protected. Unique on the host, but for manual SAs, which all flows of a pair share.
  /// A hash of addresses and selector; where two are equal (one host in 4,000 with 1,000 flows), the later one moves to
  /// the next free. So adding a peer does not touch the SAs of the rest.
  std::vector<std::uint32_t> reqids;

  [[nodiscard]] std::span<const std::uint32_t> children_of(const Connection& connection) const {
    return std::span(children).subspan(connection.first_child, connection.child_count);
  }
};

Layout layout_of(const HostPlan& plan);

/// An address of the flow, or of the tunnel around it, is not known: then the kernel's policies are charon's own, made
/// with each SA (or, by the end that starts, for its address of the moment).
[[nodiscard]] inline bool charon_owns(const HostPlan& plan, const PeerPlan& peer, const Flow& flow) {
  return peer.terms->uses_ike() && (plan.peer(peer).dynamic || is_unknown(flow.local));
}

}  // namespace meshctl::strongswan
