// How long an operation may go on: until a moment, or until somebody says stop.
#pragma once
#include <algorithm>
#include <atomic>
#include <chrono>

namespace meshctl::ssh {

class Bound {
 public:
  using Clock = std::chrono::steady_clock;
  Bound(std::chrono::milliseconds time, const std::atomic<bool>& stop) : end_(Clock::now() + time), stop_(&stop) {}

  [[nodiscard]] bool stopped() const { return stop_->load(std::memory_order_relaxed); }
  [[nodiscard]] bool timed_out() const { return Clock::now() >= end_; }
  [[nodiscard]] bool over() const { return stopped() || timed_out(); }
  /// The longest single wait, in milliseconds: short enough that `stop` is seen well within a second.
  [[nodiscard]] int slice() const {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end_ - Clock::now()).count();
    return static_cast<int>(std::clamp<long long>(left + 1, 0, 100));
  }
  [[nodiscard]] const std::atomic<bool>& stop() const { return *stop_; }

 private:
  Clock::time_point end_;
  const std::atomic<bool>* stop_;
};

}  // namespace meshctl::ssh
