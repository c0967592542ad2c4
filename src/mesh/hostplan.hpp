// One host's own view of the mesh: which peers, which address pairs, which flows of traffic. Still no text.
//
//   for (const PeerPlan& peer : plan.peers)
//     for (const Flow& flow : plan.flows_of(peer))
//       spd_entry(flow.local, flow.remote, plan.outer(peer, flow), flow.rank);
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "mesh/mesh.hpp"

namespace meshctl {

/// Where the two daemons talk, and the ends of a tunnel. An end with dynamic addresses has the unspecified one.
struct AddressPair {
  Address local;
  Address remote;
  friend auto operator<=>(const AddressPair&, const AddressPair&) = default;
};

/// One piece of a link's traffic, both directions of it, as this host sees it: one policy out and one in.
///
/// A dynamic end without inner addresses stands as the unspecified host prefix (0.0.0.0/32, ::/128): not known here.
struct Flow {
  Prefix local;
  Prefix remote;
  std::uint8_t protocol = 0;  // IANA number, 0 = any
  FlowAction action = FlowAction::Protect;
  std::uint16_t local_port = 0;  // 0 = any
  std::uint16_t remote_port = 0;
  std::int16_t icmp_type = kAnyIcmp;  // of a packet of either direction
  std::int16_t icmp_code = kAnyIcmp;
  std::uint16_t pair = 0;      // index into pairs_of(peer): the addresses outside, and of the IKE SA
  std::uint16_t selector = 0;  // index into Terms::selectors
  /// Which of two flows that match one packet is asked: the one with the smaller rank. Both ends give a flow the same
  /// rank; no two flows of one host that overlap have the same one; it depends on the link alone, so that a new host
  /// moves nobody else's (but see kHoleRank). Below 2 * kHoleRank.
  std::uint32_t rank = 0;
  friend bool operator==(const Flow&, const Flow&) = default;
};
/// Where the bypasses of the mesh stand among the flows: behind those of smaller rank, ahead of the others.
///
/// What a tunnel carries for nets and inner addresses is asked first: an ICMP error between two of their hosts belongs
/// into the tunnel. The hosts' own outer addresses need the holes, be it towards each other or towards their router. So
/// a flow with one of them on both its sides (`A - 0.0.0.0/0`) comes later as well, and so does a tunnel of nets in
/// which another link of one of its hosts lies, since that one is to be asked first. Neighbour discovery never leaves
/// its own network, so its holes come before all flows.
inline constexpr std::uint32_t kHoleRank = std::uint32_t{1} << 27;

/// The place of an address that is not known here.
[[nodiscard]] inline bool is_unknown(const Prefix& prefix) { return prefix.is_host() && prefix.address.unspecified(); }

struct PeerPlan {
  LinkIndex link = 0;
  HostIndex peer = 0;
  const Terms* terms = nullptr;               // owned by the Mesh, which outlives the plan
  const Identity* local_identity = nullptr;   // what this end says it is; likewise owned by the Mesh, or static
  const Identity* remote_identity = nullptr;  // what it expects of the peer
  bool initiator = false;                     // exactly one end of each link has it: that end brings the SAs up
  bool passive = false;                       // this end never starts negotiating
  bool is_a = false;                          // this end sorts first
  std::uint32_t first_pair = 0;               // into HostPlan::pairs
  std::uint32_t pair_count = 0;  // every local x remote address of one family; one a family for tunnels of nets
  std::uint32_t first_flow = 0;  // into HostPlan::flows
  std::uint32_t flow_count = 0;  // by pair, then by rank
};

struct HostPlan {
  const Mesh* mesh = nullptr;
  HostIndex host = 0;
  std::vector<PeerPlan> peers;  // sorted by the peer's name
  std::vector<AddressPair> pairs;
  std::vector<Flow> flows;

  [[nodiscard]] const Host& self() const { return mesh->hosts[host]; }
  [[nodiscard]] const Host& peer(const PeerPlan& plan) const { return mesh->hosts[plan.peer]; }
  [[nodiscard]] std::span<const AddressPair> pairs_of(const PeerPlan& plan) const {
    return std::span(pairs).subspan(plan.first_pair, plan.pair_count);
  }
  [[nodiscard]] std::span<const Flow> flows_of(const PeerPlan& plan) const {
    return std::span(flows).subspan(plan.first_flow, plan.flow_count);
  }
  /// Whether the host has to do with a family at all: its kernel may lack the other one.
  [[nodiscard]] bool uses(Family family) const;
  /// The addresses outside: ends of the tunnel in tunnel mode, the same hosts as inside in transport mode.
  [[nodiscard]] const AddressPair& outer(const PeerPlan& plan, const Flow& flow) const {
    return pairs[plan.first_pair + flow.pair];
  }
};

/// In tunnel mode: traffic that this host forwards, or sends from an address of its own inside.
[[nodiscard]] inline bool is_inner(const HostPlan& plan, const PeerPlan& peer, const Flow& flow) {
  return peer.terms->mode == Mode::Tunnel && flow.local != Prefix::host(plan.outer(peer, flow).local);
}

/// Pure; `plan`'s vectors are reused so that a thousand hosts cost one set of allocations a thread.
void project(const Mesh& mesh, HostIndex host, HostPlan& plan);

}  // namespace meshctl
