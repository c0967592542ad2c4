#include "ssh/tcp.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <charconv>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace meshctl::ssh {
namespace {

struct Endpoint {
  sockaddr_storage address{};
  socklen_t size = 0;
};

/// getaddrinfo(3) cannot be interrupted, so it runs on a thread of its own that may outlive the caller.
struct Lookup {
  std::mutex mutex;
  std::condition_variable done;
  bool ready = false;
  int error = 0;
  std::vector<Endpoint> endpoints;
};

void look_up(const std::shared_ptr<Lookup>& lookup, const std::string& name, const std::string& port, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(name.c_str(), port.c_str(), &hints, &found);
  std::vector<Endpoint> endpoints;
  for (const addrinfo* item = error == 0 ? found : nullptr; item != nullptr; item = item->ai_next) {
    Endpoint& endpoint = endpoints.emplace_back();
    std::memcpy(&endpoint.address, item->ai_addr, item->ai_addrlen);
    endpoint.size = item->ai_addrlen;
  }
  if (error == 0) freeaddrinfo(found);
  const std::lock_guard lock(lookup->mutex);
  lookup->error = error;
  lookup->endpoints = std::move(endpoints);
  lookup->ready = true;
  lookup->done.notify_all();
}

Result<std::vector<Endpoint>> endpoints_of(const std::string& name, std::uint16_t port, const Bound& bound) {
  auto lookup = std::make_shared<Lookup>();
  look_up(lookup, name, std::to_string(port), AI_NUMERICHOST);
  if (lookup->error == 0) return std::move(lookup->endpoints);
  lookup = std::make_shared<Lookup>();
  std::thread([lookup, name, port] { look_up(lookup, name, std::to_string(port), AI_ADDRCONFIG); }).detach();
  std::unique_lock lock(lookup->mutex);
  while (!lookup->ready) {
    if (bound.stopped()) return fail("E5009", "interrupted");
    if (bound.timed_out()) return fail("E5001", fmt::format("cannot resolve '{}': time-out", name));
    lookup->done.wait_for(lock, std::chrono::milliseconds(bound.slice()));
  }
  if (lookup->error != 0) {
    return fail("E5001", fmt::format("cannot resolve '{}': {}", name, gai_strerror(lookup->error)), {},
                "give the host an `ssh: {address: …}` that this machine can reach");
  }
  return std::move(lookup->endpoints);
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
int connect_one(int fd, const Endpoint& to, const Bound& bound) {
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&to.address), to.size) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  while (!bound.over()) {
    pollfd item{fd, POLLOUT, 0};
    const int ready = poll(&item, 1, bound.slice());
    if (ready < 0 && errno != EINTR) return errno;
    if (ready <= 0) continue;
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    return error;
  }
  return bound.stopped() ? EINTR : ETIMEDOUT;
}

}  // namespace

Result<Fd> connect_tcp(const std::string& address, std::uint16_t port, const Bound& bound) {
  auto endpoints = endpoints_of(address, port, bound);
  if (!endpoints) return tl::unexpected(std::move(endpoints.error()));
  int error = EADDRNOTAVAIL;
  for (const Endpoint& endpoint : *endpoints) {
    Fd fd(::socket(endpoint.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd) {
      error = errno;
      continue;
    }
    tune(fd.get());
    error = connect_one(fd.get(), endpoint, bound);
    if (error == 0) return fd;
    if (bound.stopped()) return fail("E5009", "interrupted");
  }
  return fail("E5001", fmt::format("cannot connect: {}", std::generic_category().message(error)), {},
              "check that the host is up, its address and `ssh: {port: …}`, and the firewalls on the way");
}

std::string local_address(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  char text[NI_MAXHOST];
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (getsockname(fd, generic, &size) != 0) return {};
  if (address.ss_family != AF_INET && address.ss_family != AF_INET6) return {};
  if (getnameinfo(generic, size, text, sizeof text, nullptr, 0, NI_NUMERICHOST) != 0) return {};
  return text;
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
    if (close == std::string_view::npos) return fail("E5008", fmt::format("jump host '{}' lacks a ']'", text));
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
