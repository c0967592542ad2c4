#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>

#include "io/fd.hpp"
#include "io/file.hpp"

namespace meshctl {
namespace {

/// A temporary file that goes away unless it was given its name.
class Temporary {
 public:
  explicit Temporary(const std::filesystem::path& target)
      : path_((target.parent_path() / fmt::format(".{}.XXXXXX", target.filename().native())).native()),
        fd_(::mkostemp(path_.data(), O_CLOEXEC)) {}
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  ~Temporary() {
    if (fd_ && !kept_) ::unlink(path_.c_str());
  }
  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] const char* path() const { return path_.c_str(); }
  void keep() { kept_ = true; }

 private:
  std::string path_;
  Fd fd_;
  bool kept_ = false;
};

/// Without `replace`, EEXIST when the name is taken, decided by the kernel.
bool put_in_place(const char* from, const char* to, bool replace) {
  if (replace) return ::rename(from, to) == 0;
  if (::renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return true;
  if (errno != EINVAL) return false;
  return ::link(from, to) == 0 && ::unlink(from) == 0;  // NFS knows no RENAME_NOREPLACE, but links
}

bool sync_folder(const std::filesystem::path& folder) {
  const Fd fd(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return fd && ::fsync(fd.get()) == 0;
}

}  // namespace

Result<void> write_atomic(const std::filesystem::path& path, std::string_view content, const WriteOptions& options) {
  Temporary file(path);
  const auto failed = [&] { return fail_errno("E4007", "write", path, errno); };
  if (file.fd() < 0) return failed();
  // The mode comes before the content: at no time can anybody read what they may not.
  if (::fchmod(file.fd(), options.mode & 07777U) != 0) return failed();
  if (!write_all(file.fd(), content) || ::fsync(file.fd()) != 0) return failed();
  if (!put_in_place(file.path(), path.c_str(), options.replace)) {
    if (errno == EEXIST) {
      return fail("E4008", fmt::format("'{}' is there already", path.native()), {},
                  "move it away or choose another name");
    }
    return failed();
  }
  file.keep();
  if (!sync_folder(path.parent_path())) return failed();
  return {};
}

}  // namespace meshctl
