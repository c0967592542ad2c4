// One libssh session over one socket, never blocking: every call of libssh is repeated until it is done, and between
// the calls we wait in small slices, so that time-outs and the stop flag always hold.
#pragma once
#include <libssh/libssh.h>
#include <poll.h>

#include <string>

#include "base/diag.hpp"
#include "io/fd.hpp"
#include "ssh/bound.hpp"

namespace meshctl::ssh {

/// Owns the session and, from adopt() on, its socket.
class Wire {
 public:
  Wire();
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  /// The session speaks over `fd` (a TCP connection or one end of a socketpair).
  void adopt(Fd fd);
  [[nodiscard]] ssh_session get() const { return session_; }
  /// -1 once the connection is broken.
  [[nodiscard]] int fd() const;
  [[nodiscard]] bool alive() const { return ssh_is_connected(session_) != 0; }
  /// libssh's own words for the last error, without control characters; they never hold key material.
  [[nodiscard]] std::string error() const;

  /// Waits until the socket has something for us (or takes what libssh has buffered), at most one slice.
  void wait(Bound& bound) const;

  /// Calls `step` until it returns something else than `again`. False when the bound was over first. Any byte of the
  /// other side is progress here: before a command runs it has nothing to say that would not bring us on.
  template <class Step>
  bool finish(int again, Bound& bound, int& result, Step step) const {
    while (true) {
      const std::uint64_t before = counted_.in_bytes;
      result = step();
      if (counted_.in_bytes != before) bound.moved(counted_.in_bytes - before);
      if (result != again) return true;
      if (bound.over()) return false;
      wait(bound);
    }
  }

 private:
  ssh_session session_;
  int fd_ = -1;
  ssh_counter_struct counted_{};  // by libssh: what it has read from the socket
};

}  // namespace meshctl::ssh
