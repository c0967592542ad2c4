// fsutil.exe of the simulator: `fsutil dirty query C:` succeeds, as it does for an administrator. The simulated user is
// one. `fsutil file queryfileid FOLDER` tells the number that wine makes of the inode.
#include <windows.h>
// windows.h goes first.
#include <cstdio>

#include "common.hpp"

/// 0 for what is not there.
unsigned long long file_id(const std::string& path) {
  const HANDLE file = CreateFileA(path.c_str(), 0, FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr, OPEN_EXISTING,
                                  FILE_FLAG_BACKUP_SEMANTICS, nullptr);
  BY_HANDLE_FILE_INFORMATION found{};
  if (file == INVALID_HANDLE_VALUE || !GetFileInformationByHandle(file, &found)) return 0;
  CloseHandle(file);
  return (static_cast<unsigned long long>(found.nFileIndexHigh) << 32U) + found.nFileIndexLow;
}

int wmain(int count, wchar_t** argv) {
  const auto words = sim::arguments(count, argv);
  sim::Call call("fsutil", words);
  if (words.size() == 3 && sim::lower(words[0]) == "file" && sim::lower(words[1]) == "queryfileid") {
    const unsigned long long id = file_id(words[2]);
    if (id == 0 || call.told_to_fail("")) call.end(1);
    std::printf("File ID is 0x0000000000000000%016llx\n", id);
    call.end(0);
  }
  const bool query = words.size() == 3 && sim::lower(words[0]) == "dirty" && sim::lower(words[1]) == "query" &&
                     words[2].size() == 2 && words[2][1] == ':';
  if (!query || call.told_to_fail("")) call.end(1);
  std::printf("Volume - %s is NOT Dirty\n", words[2].c_str());
  call.end(0);
}
