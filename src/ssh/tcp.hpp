// A TCP connection made within a bound, and the names of targets in texts.
#pragma once
#include <cstdint>
#include <string>

#include "base/diag.hpp"
#include "io/fd.hpp"
#include "mesh/mesh.hpp"
#include "ssh/bound.hpp"

namespace meshctl::ssh {

/// Non-blocking, with TCP_NODELAY and keepalive (a dead peer is noticed after about 30 s even when nothing is sent).
/// `address` is an IP literal or a DNS name; all its addresses are tried in turn, each as long
/// as a host may be silent. E5001, E5009.
Result<Fd> connect_tcp(const std::string& address, std::uint16_t port, Bound& bound);

/// Our own end of a connected socket as text, or "" for other sockets.
std::string local_address(int fd);

/// "root@10.0.0.1:22", "root@[2001:db8::1]:22"
std::string describe(const SshTarget& target);

/// "user@address:port" (user and port optional; an IPv6 address with a port stands in brackets) as a target that
/// shares `like`'s key and known_hosts files. E5008 when it is not of that form.
Result<SshTarget> parse_jump(const std::string& text, const SshTarget& like);

}  // namespace meshctl::ssh
