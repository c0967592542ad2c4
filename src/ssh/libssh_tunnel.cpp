#include "ssh/libssh_tunnel.hpp"

#include <fmt/core.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>
#include <utility>

namespace meshctl::ssh {
namespace {

constexpr std::size_t kMostHeld = 256UL << 10U;  // bytes held for each direction

/// The two directions of a tunnel, with what is on its way.
class Pump {
 public:
  Pump(const Wire& wire, ssh_channel channel, int fd) : wire_(wire), channel_(channel), fd_(fd) {}

  /// Moves what can be moved now. False when either side has ended.
  bool step() {
    moved_ = false;
    return read_socket() && write_channel() && read_channel() && write_socket();
  }
  [[nodiscard]] bool moved() const { return moved_; }

  /// Waits for either side; at most 50 ms, so that quitting is quick.
  void wait() const {
    pollfd items[2] = {{wire_.fd(), POLLIN, 0}, {fd_, 0, 0}};
    if ((ssh_get_poll_flags(wire_.get()) & SSH_WRITE_PENDING) != 0) items[0].events |= POLLOUT;
    if (up_.size() < kMostHeld) items[1].events |= POLLIN;
    if (!down_.empty()) items[1].events |= POLLOUT;
    poll(items, 2, 50);
  }

 private:
  bool read_socket() {
    if (up_.size() >= kMostHeld) return true;
    char piece[32768];
    const ssize_t got = ::recv(fd_, piece, sizeof piece, MSG_DONTWAIT);
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    if (got == 0) return false;
    up_.append(piece, static_cast<std::size_t>(got));
    moved_ = true;
    return true;
  }

  bool write_channel() {
    const std::size_t room = ssh_channel_window_size(channel_);
    if (up_.empty() || room == 0 || (ssh_get_poll_flags(wire_.get()) & SSH_WRITE_PENDING) != 0) return true;
    const auto size = static_cast<std::uint32_t>(std::min<std::size_t>({up_.size(), room, 32768}));
    const int written = ssh_channel_write(channel_, up_.data(), size);
    if (written < 0) return false;
    up_.erase(0, static_cast<std::size_t>(written));
    moved_ = moved_ || written > 0;
    return true;
  }

  bool read_channel() {
    if (down_.size() >= kMostHeld) return true;
    char piece[32768];
    const int got = ssh_channel_read_nonblocking(channel_, piece, sizeof piece, 0);
    if (got > 0) {
      down_.append(piece, static_cast<std::size_t>(got));
      moved_ = true;
      return true;
    }
    // The last bytes before an end still have to reach the socket.
    const bool ended = got == SSH_ERROR || ssh_channel_is_eof(channel_) != 0 || ssh_channel_is_closed(channel_) != 0;
    return !ended || !down_.empty();
  }

  bool write_socket() {
    if (down_.empty()) return true;
    const ssize_t written = ::send(fd_, down_.data(), down_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (written < 0) return errno == EAGAIN || errno == EINTR;
    down_.erase(0, static_cast<std::size_t>(written));
    moved_ = true;
    return true;
  }

  const Wire& wire_;
  ssh_channel channel_;
  int fd_;
  std::string up_;
  std::string down_;
  bool moved_ = false;
};

}  // namespace

Result<std::unique_ptr<Tunnel>> Tunnel::open(std::unique_ptr<Wire> jump, std::shared_ptr<void> keep,
                                             const std::string& address, std::uint16_t port, Bound& bound) {
  ssh_channel channel = ssh_channel_new(jump->get());
  int result = SSH_ERROR;
  const auto step = [&] { return ssh_channel_open_forward(channel, address.c_str(), port, "127.0.0.1", 0); };
  const bool finished = channel != nullptr && jump->finish(SSH_AGAIN, bound, result, step);
  if (!finished || result != SSH_OK) {
    const std::string why = jump->error();
    if (channel != nullptr) ssh_channel_free(channel);
    if (channel != nullptr && !finished) {
      return bound.gave_up("E5008", fmt::format("the jump host's connection to {}:{}", address, port));
    }
    return fail("E5008", fmt::format("the jump host does not connect us to {}:{} ({})", address, port, why), {},
                "check that the host is up, and AllowTcpForwarding in the jump host's sshd_config");
  }
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) {
    ssh_channel_free(channel);
    return fail("E5008", "cannot make a socket pair (too many open files?)");
  }
  return std::unique_ptr<Tunnel>(new Tunnel(std::move(jump), std::move(keep), channel, Fd(ends[0]), Fd(ends[1])));
}

Tunnel::Tunnel(std::unique_ptr<Wire> jump, std::shared_ptr<void> keep, ssh_channel channel, Fd end, Fd far)
    : keep_(std::move(keep)), jump_(std::move(jump)), channel_(channel), end_(std::move(end)), far_(std::move(far)) {
  thread_ = std::thread([this] { pump(); });
}

Tunnel::~Tunnel() {
  quit_ = true;
  thread_.join();
  ssh_channel_free(channel_);
}

void Tunnel::pump() {
  Pump pump(*jump_, channel_, far_.get());
  while (!quit_.load(std::memory_order_relaxed) && jump_->alive() && pump.step()) {
    if (!pump.moved()) pump.wait();
  }
  far_.reset();  // the second session sees the end of its connection
}

}  // namespace meshctl::ssh
