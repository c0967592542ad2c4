// Is this the host we mean? Decided between the key exchange and the first byte of authentication.
#pragma once
#include <string>
#include <vector>

#include "base/diag.hpp"
#include "mesh/mesh.hpp"
#include "ssh/libssh_wire.hpp"

namespace meshctl::ssh {

/// Files that are asked when no key is pinned: the target's, or the user's and the system's.
std::vector<std::string> known_hosts_files(const SshTarget& target);

/// Before the key exchange: names the files, and asks for the type of a pinned key.
void prepare_host_key(const Wire& wire, const SshTarget& target);

/// After the key exchange. E5002 unknown, E5003 another key than expected, or a revoked one. No key is ever added.
Result<void> check_host_key(const Wire& wire, const SshTarget& target);

}  // namespace meshctl::ssh
