// Who we are: the target's key file, the agent, the user's default keys. Never a password, never a question.
#pragma once
#include "base/diag.hpp"
#include "mesh/mesh.hpp"
#include "ssh/libssh_wire.hpp"

namespace meshctl::ssh {

/// E5004 with what was tried; E5009.
Result<void> authenticate(const Wire& wire, const SshTarget& target, Bound& bound);

}  // namespace meshctl::ssh
