#include "ssh/libssh_wire.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <new>

#include "base/printable.hpp"

namespace meshctl::ssh {

Wire::Wire() : session_(ssh_new()) {
  if (session_ == nullptr) throw std::bad_alloc();
  ssh_set_counters(session_, &counted_, nullptr);
}

Wire::~Wire() {
  // libssh closes the socket when it breaks, and leaves one that it did not open itself alone otherwise.
  const bool open = fd() >= 0;
  ssh_disconnect(session_);  // sends the goodbye if there is room for it
  ssh_free(session_);
  if (open) ::close(fd_);
}

void Wire::adopt(Fd fd) {
  fd_ = fd.release();
  ssh_options_set(session_, SSH_OPTIONS_FD, &fd_);
  ssh_set_blocking(session_, 0);
}

/// It may quote what the server sent.
std::string Wire::error() const { return printable(ssh_get_error(session_), 400); }

int Wire::fd() const { return fd_ < 0 ? -1 : ssh_get_fd(session_); }

void Wire::wait(Bound& bound) const {
  const int flags = ssh_get_poll_flags(session_);
  pollfd item{fd(), POLLIN, 0};
  if ((flags & SSH_WRITE_PENDING) != 0) item.events |= POLLOUT;
  // sshd answers in two small packets with Nagle's algorithm on: the second waits for our ACK, which the kernel
  // delays by 40 ms unless told not to. The kernel forgets the option, so it is set before each wait.
  const int now = 1;
  setsockopt(item.fd, IPPROTO_TCP, TCP_QUICKACK, &now, sizeof now);
  const auto before = Bound::Clock::now();
  poll(&item, 1, bound.slice());
  bound.waited(Bound::Clock::now() - before);
}

}  // namespace meshctl::ssh
