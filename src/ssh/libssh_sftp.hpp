// Files over SFTP (version 3, as OpenSSH on every system offers it), over an open session.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/diag.hpp"
#include "base/secret.hpp"
#include "ssh/libssh_wire.hpp"
#include "ssh/session.hpp"

namespace meshctl::ssh {

/// E5005 lost, E5006 time-out, E5009 stopped, E5012 no SFTP there, E5013 the host refuses.
Result<void> put_files(const Wire& wire, std::span<const RemoteFile> files, Bound& bound);

/// Also E5011 for more than `most` bytes in all.
Result<std::vector<std::optional<Secret>>> get_files(const Wire& wire, std::span<const std::string> paths,
                                                     std::size_t most, Bound& bound);

}  // namespace meshctl::ssh
