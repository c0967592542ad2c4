#include "apply/open_files.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace meshctl {

void allow_open_files(std::size_t sessions) {
  const rlim_t wanted = 256 + sessions * 6;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return;
  limit.rlim_cur = std::min(wanted, limit.rlim_max);
  setrlimit(RLIMIT_NOFILE, &limit);  // without it the last connections fail with a clear error
}

}  // namespace meshctl
