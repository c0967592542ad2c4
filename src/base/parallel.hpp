// Run a function for each index on a fixed number of threads.
#pragma once
#include <cstddef>
#include <functional>

namespace meshctl {

/// Calls body(index, worker) for index 0..count-1, in order of start, on at most `threads` threads (0: one a core);
/// worker is 0..threads-1, for reused buffers. Returns when all are done. body must not throw.
void parallel_for(std::size_t count, unsigned threads, const std::function<void(std::size_t, unsigned)>& body);

unsigned hardware_threads();

}  // namespace meshctl
