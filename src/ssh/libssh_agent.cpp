#include "ssh/libssh_agent.hpp"

#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <thread>

namespace meshctl::ssh {
namespace {

/// 0, or why not. An agent that accepts nobody has a full queue (EAGAIN) sooner or later: we try until time is over.
int connect_unix(int fd, const std::string& path, Bound& bound) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return ENAMETOOLONG;
  std::memcpy(address.sun_path, path.data(), path.size());
  int error = 0;
  bound.restart();
  while (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    error = errno == EAGAIN || errno == EINTR ? ETIMEDOUT : errno;
    if (error != ETIMEDOUT || bound.over()) break;
    const auto before = Bound::Clock::now();
    std::this_thread::sleep_for(std::chrono::milliseconds(std::min(20, bound.slice())));
    bound.waited(Bound::Clock::now() - before);
    error = 0;
  }
  bound.restart();  // the host has nothing to do with it
  return error;
}

}  // namespace

std::unique_ptr<AgentSocket> AgentSocket::connect(const Wire& wire, Bound& bound, std::string& why) {
  const char* path = std::getenv("SSH_AUTH_SOCK");
  if (path == nullptr || *path == '\0') {
    why = "SSH_AUTH_SOCK is not set";
    return nullptr;
  }
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int error = fd ? connect_unix(fd.get(), path, bound) : errno;
  if (error == 0) return std::unique_ptr<AgentSocket>(new AgentSocket(wire, bound, std::move(fd)));
  why = fmt::format("cannot be reached ({})", std::generic_category().message(error));
  return nullptr;
}

AgentSocket::AgentSocket(const Wire& wire, Bound& bound, Fd fd)
    : wire_(wire), bound_(bound), watch_(fd.get(), [this](Bound::Clock::duration time) { return over(time); }) {
  ssh_set_agent_socket(wire.get(), fd.release());  // libssh closes it with the session
}

int AgentSocket::step() {
  asking_ = true;
  const int result = ssh_userauth_agent(wire_.get(), nullptr);
  asking_ = false;
  listed_ = true;
  return result;
}

bool AgentSocket::over(Bound::Clock::duration time) {
  waited_ = asking_ ? waited_ + time : Bound::Clock::duration{};
  const bool late = asking_ && (bound_.at_end() || (!listed_ && waited_ >= bound_.limit().silence));
  if (!bound_.stopped() && !late) return false;
  gave_up_ = true;
  return true;
}

}  // namespace meshctl::ssh
