// One writer at a time for a file that is replaced by rename.
#pragma once
#include <filesystem>

#include "base/diag.hpp"
#include "io/fd.hpp"

namespace meshctl {

/// Held until it goes. The lock is on the file that has the name at that time, so whoever waited looks again.
class FileLock {
 public:
  /// E4009: somebody else has held it for half a minute. A file that is not there needs no lock: `file` is then free.
  static Result<FileLock> take(const std::filesystem::path& file);

 private:
  Fd fd_;
};

}  // namespace meshctl
