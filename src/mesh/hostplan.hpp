// One host's own view of the mesh: which peers, which address pairs, which protected traffic. Still no text.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "mesh/mesh.hpp"

namespace meshctl {

struct AddressPair {
  Address local;
  Address remote;
  friend auto operator<=>(const AddressPair&, const AddressPair&) = default;
};

/// Protected traffic seen from this host. Port 0 = any.
struct LocalSelector {
  std::uint8_t protocol = 0;
  std::uint16_t local_port = 0;
  std::uint16_t remote_port = 0;
  friend auto operator<=>(const LocalSelector&, const LocalSelector&) = default;
};

struct PeerPlan {
  LinkIndex link = 0;
  HostIndex peer = 0;
  const Terms* terms = nullptr;      // owned by the Mesh, which outlives the plan
  bool initiator = false;            // exactly one end of each link has it: that end brings the SAs up
  std::uint32_t first_pair = 0;      // into HostPlan::pairs
  std::uint32_t pair_count = 0;      // every local x remote address of one family
  std::uint32_t first_selector = 0;  // into HostPlan::selectors
  std::uint32_t selector_count = 0;  // most specific first
};

struct HostPlan {
  const Mesh* mesh = nullptr;
  HostIndex host = 0;
  std::vector<PeerPlan> peers;  // sorted by the peer's name
  std::vector<AddressPair> pairs;
  std::vector<LocalSelector> selectors;

  [[nodiscard]] const Host& self() const { return mesh->hosts[host]; }
  [[nodiscard]] const Host& peer(const PeerPlan& plan) const { return mesh->hosts[plan.peer]; }
  [[nodiscard]] std::span<const AddressPair> pairs_of(const PeerPlan& plan) const {
    return std::span(pairs).subspan(plan.first_pair, plan.pair_count);
  }
  [[nodiscard]] std::span<const LocalSelector> selectors_of(const PeerPlan& plan) const {
    return std::span(selectors).subspan(plan.first_selector, plan.selector_count);
  }
};

/// Pure; `plan`'s vectors are reused so that a thousand hosts cost one set of allocations a thread.
void project(const Mesh& mesh, HostIndex host, HostPlan& plan);

}  // namespace meshctl
