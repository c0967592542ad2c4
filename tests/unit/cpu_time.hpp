// What a test may say about speed: CPU time of this thread, which a busy machine does not lengthen.
#pragma once
#include <ctime>

namespace meshctl::test {

/// Seconds of CPU time since it was made.
class CpuTime {
 public:
  [[nodiscard]] double seconds() const { return now() - start_; }

 private:
  static double now() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
  }
  double start_ = now();
};

}  // namespace meshctl::test
