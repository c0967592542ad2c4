#include "ssh/tcp.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <charconv>
#include <system_error>
#include <vector>

#include "ssh/resolve.hpp"

namespace meshctl::ssh {
namespace {

Result<std::vector<Endpoint>> endpoints_of(const std::string& name, std::uint16_t port, Bound& bound) {
  auto resolved = resolve(name, std::to_string(port), AI_ADDRCONFIG, bound);
  if (!resolved && bound.stopped()) return fail("E5009", "interrupted");
  if (!resolved) {
    return fail("E5001", fmt::format("cannot resolve '{}': no answer for {}", name, bound.silence()), {},
                "look at this machine's resolver, or give the host an `ssh: {address: …}` that is a number");
  }
  if (resolved->error != 0) {
    return fail("E5001", fmt::format("cannot resolve '{}': {}", name, gai_strerror(resolved->error)), {},
                "give the host an `ssh: {address: …}` that this machine can reach");
  }
  return std::move(resolved->endpoints);
}

void tune(int fd) {
  const auto set = [fd](int level, int option, int value) {
    setsockopt(fd, level, option, &value, sizeof value);  // all are only improvements: failure does no harm
  };
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 10);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 5);
  set(IPPROTO_TCP, TCP_KEEPCNT, 4);
}

/// 0, or the errno why not; ETIMEDOUT and EINTR when the bound is over.
int connect_one(int fd, const Endpoint& to, Bound& bound) {
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&to.address), to.size) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  while (true) {
    pollfd item{fd, POLLOUT, 0};
    const auto before = Bound::Clock::now();
    const int ready = poll(&item, 1, bound.slice());
    bound.waited(Bound::Clock::now() - before);
    if (ready < 0 && errno != EINTR) return errno;
    if (ready > 0) break;
    if (bound.over()) return bound.stopped() ? EINTR : ETIMEDOUT;
  }
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

/// A socket that is connected, or why not.
Result<Fd> connect_endpoint(const Endpoint& endpoint, Bound& bound) {
  bound.restart();
  Fd fd(::socket(endpoint.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (fd) tune(fd.get());
  const int error = fd ? connect_one(fd.get(), endpoint, bound) : errno;
  if (bound.stopped()) return fail("E5009", "interrupted");
  if (error == 0) return fd;
  const bool late = bound.timed_out();
  std::string hint = "check that the host is up, its address and `ssh: {port: …}`, and the firewalls on the way";
  if (late) hint += fmt::format("; {} waits longer", bound.option());
  return fail("E5001",
              fmt::format("cannot connect to {}: {}", address_text(endpoint.address, endpoint.size),
                          late ? "no answer for " + bound.silence() : std::generic_category().message(error)),
              {}, std::move(hint));
}

}  // namespace

Result<Fd> connect_tcp(const std::string& address, std::uint16_t port, Bound& bound) {
  auto endpoints = endpoints_of(address, port, bound);
  if (!endpoints) return tl::unexpected(std::move(endpoints.error()));
  Result<Fd> fd = fail("E5001", fmt::format("'{}' has no address", address));
  std::string tried;
  for (const Endpoint& endpoint : *endpoints) {
    fd = connect_endpoint(endpoint, bound);
    if (fd || bound.stopped()) break;
    tried += (tried.empty() ? "" : "; ") + fd.error().front().text;
    fd.error().front().text = tried;
    if (bound.at_end()) break;
  }
  bound.restart();
  return fd;
}

std::string local_address(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  return address_text(address, size);
}

std::string describe(const SshTarget& target) {
  const bool v6 = target.address.find(':') != std::string::npos;
  return fmt::format("{}@{}{}{}:{}", target.user, v6 ? "[" : "", target.address, v6 ? "]" : "", target.port);
}

Result<SshTarget> parse_jump(const std::string& text, const SshTarget& like) {
  SshTarget jump;
  jump.key_file = like.key_file;
  jump.known_hosts = like.known_hosts;
  std::string_view rest = text;
  if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
    jump.user = rest.substr(0, at);
    rest.remove_prefix(at + 1);
  }
  std::string_view port;
  if (rest.starts_with('[')) {
    const auto close = rest.find(']');
    if (close == std::string_view::npos) return fail("E5008", fmt::format("jump host '{}' has no ']'", text));
    port = rest.substr(close + 1);
    rest = rest.substr(1, close - 1);
  } else if (const auto colon = rest.find(':'); colon != std::string_view::npos && rest.rfind(':') == colon) {
    port = rest.substr(colon);
    rest = rest.substr(0, colon);
  }
  jump.address = rest;
  bool good = !jump.address.empty() && !jump.user.empty();
  if (!port.empty()) {
    port.remove_prefix(1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), jump.port);
    good = good && error == std::errc() && end == port.data() + port.size() && jump.port != 0;
  }
  if (good) return jump;
  return fail("E5008", fmt::format("jump host '{}' is neither a host of the mesh nor user@address:port", text));
}

}  // namespace meshctl::ssh
