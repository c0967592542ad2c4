#include "base/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace meshctl {

unsigned hardware_threads() { return std::max(1U, std::thread::hardware_concurrency()); }

void parallel_for(std::size_t count, unsigned threads, const std::function<void(std::size_t, unsigned)>& body) {
  const std::size_t wanted = threads == 0 ? hardware_threads() : threads;
  const auto workers = static_cast<unsigned>(std::min(wanted, count));
  std::atomic<std::size_t> next{0};
  const auto work = [&](unsigned worker) {
    for (std::size_t index = next++; index < count; index = next++) body(index, worker);
  };
  std::vector<std::jthread> pool;
  for (unsigned worker = 1; worker < workers; ++worker) pool.emplace_back(work, worker);
  if (workers > 0) work(0);
}

}  // namespace meshctl
