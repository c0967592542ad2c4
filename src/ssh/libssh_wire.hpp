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
  void wait(const Bound& bound) const;

  /// Calls `step` until it returns something else than `again`. False when the bound was over first.
  template <class Step>
  bool finish(int again, const Bound& bound, int& result, Step step) const {
    while ((result = step()) == again) {
      if (bound.over()) return false;
      wait(bound);
    }
    return true;
  }

  /// Why finish() gave up: E5009 when stopped, else `code` with "…: time-out".
  [[nodiscard]] static tl::unexpected<Diags> gave_up(const Bound& bound, std::string_view code, const char* doing);

 private:
  ssh_session session_;
  int fd_ = -1;
};

}  // namespace meshctl::ssh
