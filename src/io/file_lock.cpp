#include "io/file_lock.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <chrono>
#include <thread>
#include <utility>

namespace meshctl {
namespace {

constexpr int kTries = 300;
constexpr std::chrono::milliseconds kPause{100};

/// The name still leads to the open file: nobody has replaced it since.
bool same_file(int fd, const std::filesystem::path& file) {
  struct stat open_file {};
  struct stat named {};
  return ::fstat(fd, &open_file) == 0 && ::stat(file.c_str(), &named) == 0 && open_file.st_dev == named.st_dev &&
         open_file.st_ino == named.st_ino;
}

}  // namespace

Result<FileLock> FileLock::take(const std::filesystem::path& file) {
  for (int i = 0; i < kTries; ++i) {
    FileLock lock;
    lock.fd_ = Fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!lock.fd_) return lock;  // whoever reads it next says why better
    if (::flock(lock.fd_.get(), LOCK_EX | LOCK_NB) == 0) {
      if (same_file(lock.fd_.get(), file)) return lock;
      continue;  // replaced meanwhile: the new one
    }
    std::this_thread::sleep_for(kPause);
  }
  return fail("E4009", fmt::format("another meshctl is changing '{}'", file.native()), {}, "try again when it is done");
}

}  // namespace meshctl
