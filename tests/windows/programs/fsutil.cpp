// fsutil.exe of the simulator: `fsutil dirty query C:` succeeds, as it does for an administrator. The simulated user is
// one.
#include <cstdio>

#include "common.hpp"

int wmain(int count, wchar_t** argv) {
  const auto words = sim::arguments(count, argv);
  sim::Call call("fsutil", words);
  const bool query = words.size() == 3 && sim::lower(words[0]) == "dirty" && sim::lower(words[1]) == "query" &&
                     words[2].size() == 2 && words[2][1] == ':';
  if (!query || call.told_to_fail("")) call.end(1);
  std::printf("Volume - %s is NOT Dirty\n", words[2].c_str());
  call.end(0);
}
