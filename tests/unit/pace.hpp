// How much longer than on a quiet core a test waits, and gives what it tests: what tests/run measured before it started
// this program (tests/pace.py).
#pragma once
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>

namespace meshctl::test {

/// At least 1; 1 where nobody measured.
inline double pace() {
  const char* told = std::getenv("MESHCTL_TEST_PACE");
  return told == nullptr ? 1.0 : std::max(1.0, std::strtod(told, nullptr));
}

/// Whole seconds: `options.dead_man = paced(20s)`.
inline std::chrono::seconds paced(std::chrono::seconds quiet) {
  return std::chrono::seconds(std::lround(std::ceil(static_cast<double>(quiet.count()) * pace())));
}

}  // namespace meshctl::test
