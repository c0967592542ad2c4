// The ssh-agent, which may hang: a forwarded one whose user has gone away, one that is stopped, one that waits for a
// person. libssh asks it with calls that wait without a limit.
#pragma once
#include <atomic>
#include <memory>
#include <string>

#include "ssh/libssh_wire.hpp"
#include "ssh/watch.hpp"

namespace meshctl::ssh {

/// The agent of SSH_AUTH_SOCK for one session. Goes before the session.
class AgentSocket {
 public:
  /// Null and the reason in `why` when there is none, or when it takes no connection.
  static std::unique_ptr<AgentSocket> connect(const Wire& wire, Bound& bound, std::string& why);

  /// ssh_userauth_agent(), one step. Listing its keys takes an agent no time, so the first step has the time of a
  /// silent host; later it may have to ask a person for each signature, so that only the whole is bounded.
  int step();
  /// It did not answer in time, or somebody said stop: the step has failed.
  [[nodiscard]] bool gave_up() const { return gave_up_; }

 private:
  AgentSocket(const Wire& wire, Bound& bound, Fd fd);
  bool over(Bound::Clock::duration time);

  const Wire& wire_;
  Bound& bound_;
  std::atomic<bool> asking_{false};
  std::atomic<bool> listed_{false};
  std::atomic<bool> gave_up_{false};
  Bound::Clock::duration waited_{};  // the watcher's alone
  Watch watch_;
};

}  // namespace meshctl::ssh
