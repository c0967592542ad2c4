// Whose traffic the bypasses of the mesh are for, on one host.
#pragma once
#include <vector>

#include "mesh/hostplan.hpp"

namespace meshctl {

/// In tunnel mode: traffic that this host forwards, or sends from an address of its own inside.
[[nodiscard]] inline bool is_inner(const HostPlan& plan, const PeerPlan& peer, const Flow& flow) {
  return peer.terms->mode == Mode::Tunnel && flow.local != Prefix::host(plan.outer(peer, flow).local);
}

/// Everybody's, in one prefix, which is fewer policies; but on a host that forwards through tunnels only its own: an
/// ICMP error between two hosts behind gateways belongs into the tunnel. Empty where the host has nothing of that
/// family.
[[nodiscard]] std::vector<Prefix> hole_sources(const HostPlan& plan, Family family);

}  // namespace meshctl
