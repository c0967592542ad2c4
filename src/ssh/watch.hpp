// libssh has calls that wait for the other side and cannot be asked to stop: all of SFTP, and the agent. So a thread
// watches the time and shuts the socket down when it is over: the call that waits then fails at once.
#pragma once
#include <sys/socket.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include "ssh/bound.hpp"

namespace meshctl::ssh {

class Watch {
 public:
  /// `over` is asked about ten times a second and told how long that was. The socket outlives this.
  Watch(int socket, std::function<bool(Bound::Clock::duration)> over)
      : over_(std::move(over)), watcher_([this, socket](const std::stop_token& ended) { run(socket, ended); }) {}
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch() {
    watcher_.request_stop();
    watcher_.join();  // before anybody may close the socket
  }

 private:
  void run(int socket, const std::stop_token& ended) {
    std::unique_lock lock(mutex_);
    for (auto before = Bound::Clock::now(); !ended.stop_requested();) {
      wake_.wait_for(lock, ended, std::chrono::milliseconds(100), [] { return false; });
      const auto now = Bound::Clock::now();
      if (!ended.stop_requested() && over_(now - std::exchange(before, now))) {
        ::shutdown(socket, SHUT_RDWR);
        return;
      }
    }
  }

  std::function<bool(Bound::Clock::duration)> over_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread watcher_;
};

}  // namespace meshctl::ssh
