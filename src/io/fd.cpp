#include "io/fd.hpp"

#include <fmt/core.h>

#include <cctype>
#include <system_error>

namespace meshctl {

tl::unexpected<Diags> fail_errno(std::string_view code, std::string_view what, const std::filesystem::path& path,
                                 int error, std::string hint) {
  std::string reason = std::generic_category().message(error);
  if (!reason.empty()) reason[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(reason[0])));
  return fail(code, fmt::format("cannot {} '{}': {}", what, path.native(), reason), {}, std::move(hint));
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace meshctl
