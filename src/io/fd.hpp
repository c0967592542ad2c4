// A file descriptor that closes itself, and errno as a Diag.
#pragma once
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "base/diag.hpp"

namespace meshctl {

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd() { reset(); }

  void reset() noexcept {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  [[nodiscard]] int get() const { return fd_; }
  /// Gives it to somebody who will close it.
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

/// "cannot WHAT 'PATH': no such file or directory", with the C locale's words for `error`.
tl::unexpected<Diags> fail_errno(std::string_view code, std::string_view what, const std::filesystem::path& path,
                                 int error, std::string hint = {});

/// Writes all of `bytes`; false with errno set when the system refuses.
[[nodiscard]] bool write_all(int fd, std::string_view bytes);

}  // namespace meshctl
