// Would a policy stand between the controller and a host's sshd? Asked before it is loaded, with the address that the
// controller's connection really comes from.
#pragma once
#include <optional>

#include "mesh/mesh.hpp"

namespace meshctl {

/// The link whose policy would cover SSH from the controller, and where it is written.
struct Lockout {
  LinkIndex link = 0;
  HostIndex peer = 0;  // at whose end the controller stands
  Range where;
  bool before_bypasses = false;  // no bypass helps: what a tunnel carries for nets is asked first
};

/// `controller`: the other end of the SSH connection as `host` sees it (the jump host's address, if there is one).
/// Only `level: require` counts: with `use`, traffic goes on in clear until keys are there. nullopt when a bypass lets
/// SSH through before that policy is asked, at both ends.
std::optional<Lockout> find_lockout(const Mesh& mesh, HostIndex host, const Address& controller);

}  // namespace meshctl
