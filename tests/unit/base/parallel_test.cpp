#include "base/parallel.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <vector>

using namespace meshctl;

TEST_CASE("every index runs once, on a worker of its own number") {
  for (const unsigned threads : {0U, 1U, 3U, 64U}) {
    for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{1000}}) {
      std::vector<std::atomic<int>> runs(count);
      std::vector<std::atomic<int>> inside(64);
      std::atomic<int> faults = 0;
      parallel_for(count, threads, [&](std::size_t index, unsigned worker) {
        if (threads != 0 && worker >= threads) ++faults;
        if (++inside.at(worker) != 1) ++faults;  // buffers of a worker are used by one thread at a time
        ++runs.at(index);
        --inside.at(worker);
      });
      CHECK(faults == 0);
      for (const std::atomic<int>& run : runs) CHECK(run == 1);
    }
  }
  CHECK(hardware_threads() >= 1);
}
