// How long an operation may go on: as long as the other side is not silent for too long, until a moment that nothing
// moves, or until somebody says stop.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/diag.hpp"

namespace meshctl {

/// Two limits. A host that is slow but answers gets the time that it needs; one that sends a byte now and then holds
/// nobody for ever.
struct TimeLimit {
  static constexpr int kWhole = 10;
  // Implicit: a plain time is a limit of silence.
  template <class Rep, class Period>
  TimeLimit(std::chrono::duration<Rep, Period> silent) : silence(silent), whole(kWhole * silent) {}
  TimeLimit(std::chrono::milliseconds silent, std::chrono::milliseconds all) : silence(silent), whole(all) {}

  std::chrono::milliseconds silence;  // without a byte from the host
  std::chrono::milliseconds whole;    // all of it
};

namespace ssh {

/// One operation's use of its limit. Silence is what we spend waiting, so a busy controller is not taken for a silent
/// host. A second thread may ask and count.
class Bound {
 public:
  using Clock = std::chrono::steady_clock;
  /// `option` sets the limit: the way out that errors name.
  Bound(const TimeLimit& limit, const std::atomic<bool>& stop, std::string_view option)
      : limit_(limit), end_(Clock::now() + limit.whole), stop_(&stop), option_(option) {}

  /// `bytes` came from the host: the silence is over.
  void moved(std::uint64_t bytes);
  /// A new step begins, whose silence counts by itself.
  void restart() { silent_ = 0; }
  /// We have waited so long.
  void waited(Clock::duration time) { silent_ += time.count(); }

  [[nodiscard]] bool stopped() const { return stop_->load(std::memory_order_relaxed); }
  [[nodiscard]] bool silent() const { return Clock::duration(silent_.load()) >= limit_.silence; }
  [[nodiscard]] bool at_end() const { return Clock::now() >= end_; }
  [[nodiscard]] bool timed_out() const { return silent() || at_end(); }
  [[nodiscard]] bool over() const { return stopped() || timed_out(); }
  /// The longest single wait, in milliseconds: short enough that `stop` is seen well within a second.
  [[nodiscard]] int slice() const;
  [[nodiscard]] const TimeLimit& limit() const { return limit_; }
  /// How long we have been waiting: "15 s".
  [[nodiscard]] std::string silence() const;
  /// "15 s", "0.5 s"
  static std::string text(Clock::duration time);
  [[nodiscard]] std::string_view option() const { return option_; }
  /// The way out.
  [[nodiscard]] std::string hint() const;

  /// Why it is over: E5009 when stopped, else `code` with what was being done, how long, how many bytes came, and the
  /// option. "authentication: no byte from the host for 15 s (1573 before)"
  [[nodiscard]] tl::unexpected<Diags> gave_up(std::string_view code, std::string_view doing) const;

 private:
  TimeLimit limit_;
  Clock::time_point end_;
  const std::atomic<bool>* stop_;
  std::string_view option_;
  std::atomic<Clock::rep> silent_{0};
  std::atomic<std::uint64_t> bytes_{0};
};

}  // namespace ssh
}  // namespace meshctl
