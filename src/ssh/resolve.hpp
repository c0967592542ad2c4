// Names asked of the system's resolver, which may hang.
#pragma once
#include <netdb.h>
#include <sys/socket.h>

#include <optional>
#include <string>
#include <vector>

#include "ssh/bound.hpp"

namespace meshctl::ssh {

struct Endpoint {
  sockaddr_storage address{};
  socklen_t size = 0;
};

struct Resolved {
  int error = 0;  // of getaddrinfo(3)
  std::vector<Endpoint> endpoints;
};

/// For stream sockets; `port` may be empty. `flags` as in addrinfo. Nothing when the bound was over first: its silence
/// begins anew here.
std::optional<Resolved> resolve(const std::string& name, const std::string& port, int flags, Bound& bound);

/// "10.0.0.1" or "2001:db8::1"; empty for other families.
std::string address_text(const sockaddr_storage& address, socklen_t size);

}  // namespace meshctl::ssh
