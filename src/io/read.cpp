#include <fcntl.h>
#include <fmt/core.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <string>

#include "io/fd.hpp"
#include "io/file.hpp"

namespace meshctl {
namespace {

struct Opened {
  Fd fd;
  struct stat info {};
};

Result<Opened> open_regular(const std::filesystem::path& path, const ReadOptions& options) {
  // O_NONBLOCK: opening a FIFO without a writer would hang; regular files do not care.
  const int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (options.follow_links ? 0 : O_NOFOLLOW);
  Opened opened;
  opened.fd = Fd(::open(path.c_str(), flags));
  if (!opened.fd) {
    if (errno == ELOOP && !options.follow_links) {
      return fail("E4002", fmt::format("'{}' is a symbolic link, which is not followed here", path.native()), {},
                  "name the file itself");
    }
    return fail_errno("E4001", "open", path, errno);
  }
  if (::fstat(opened.fd.get(), &opened.info) != 0) return fail_errno("E4001", "read", path, errno);
  if (!S_ISREG(opened.info.st_mode)) {
    return fail("E4002", fmt::format("'{}' is not a regular file", path.native()), {}, "name a plain file");
  }
  return opened;
}

tl::unexpected<Diags> too_large(const std::filesystem::path& path, std::size_t limit) {
  return fail("E4003", fmt::format("'{}' is larger than {} bytes", path.native(), limit), {}, "use a smaller file");
}

/// Fills `into`, which is sized once: a growing string would leave unwiped copies of a secret behind.
Result<void> read_into(const Opened& opened, const std::filesystem::path& path, std::size_t limit, std::string& into) {
  const auto claimed = static_cast<std::uint64_t>(opened.info.st_size);
  if (claimed > limit) return too_large(path, limit);
  // Files in /proc claim 0 bytes; one byte more than claimed shows whether a file grows while we read.
  into.resize(claimed == 0 ? std::min<std::size_t>(limit, 65536) + 1 : static_cast<std::size_t>(claimed) + 1);
  std::size_t size = 0;
  while (size < into.size()) {
    const ssize_t got = ::read(opened.fd.get(), into.data() + size, into.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("E4001", "read", path, errno);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > limit) return too_large(path, limit);
  if (size == into.size()) {
    return fail("E4001", fmt::format("'{}' changed while it was read", path.native()), {}, "try again");
  }
  into.resize(size);
  return {};
}

std::optional<tl::unexpected<Diags>> exposed(const struct stat& info, const std::filesystem::path& path) {
  if ((info.st_mode & 077U) != 0) {
    return fail(
        "E4004",
        fmt::format("'{}' holds a secret, but others may read it (mode {:04o})", path.native(), info.st_mode & 07777U),
        {}, fmt::format("chmod 600 '{}', and consider who may have read it", path.native()));
  }
  if (info.st_uid != 0 && info.st_uid != ::geteuid()) {
    return fail("E4005", fmt::format("'{}' holds a secret, but belongs to user {}", path.native(), info.st_uid), {},
                "make root or the user who runs meshctl its owner");
  }
  return std::nullopt;
}

}  // namespace

Result<std::string> read_file(const std::filesystem::path& path, const ReadOptions& options) {
  const auto opened = open_regular(path, options);
  if (!opened) return tl::unexpected(opened.error());
  std::string content;
  if (auto read = read_into(*opened, path, options.limit, content); !read) return tl::unexpected(read.error());
  return content;
}

Result<std::string> read_standard_input(const ReadOptions& options) {
  std::string content;
  std::array<char, 65536> buffer{};
  while (content.size() <= options.limit) {
    const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("E4001", "read", "standard input", errno);
    if (got == 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return too_large("standard input", options.limit);
}

Result<Secret> read_secret_file(const std::filesystem::path& path, const ReadOptions& options) {
  const auto opened = open_regular(path, options);
  if (!opened) return tl::unexpected(opened.error());
  if (auto bad = exposed(opened->info, path)) return *bad;
  std::string content;
  const auto read = read_into(*opened, path, options.limit, content);
  Secret secret = Secret::take(content);  // also wipes what a failed read left
  if (!read) return tl::unexpected(read.error());
  return secret;
}

Result<Secret> one_line(Secret content, std::string_view name) {
  std::string_view line = content.reveal();
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.empty() || line.size() > 1024 || line.find_first_of(std::string_view("\n\r\0", 3)) != line.npos) {
    return fail("E4006", fmt::format("'{}' must hold one line of 1 to 1024 bytes", name), {},
                "remove blank and further lines");
  }
  return Secret(line);
}

Result<Secret> read_secret_line(const std::filesystem::path& path) {
  auto content = read_secret_file(path, {.limit = 4096});
  if (!content) return content;
  return one_line(std::move(*content), path.native());
}

bool any_file_matches(std::string_view root, std::string_view pattern) {
  std::string whole;
  for (const char c : root) {
    if (std::string_view("*?[\\").find(c) != std::string_view::npos) whole += '\\';
    whole += c;
  }
  whole += '/';
  whole += pattern;
  glob_t found{};
  const int code = ::glob(whole.c_str(), GLOB_NOSORT, nullptr, &found);
  const bool any = code == 0 && found.gl_pathc > 0;
  ::globfree(&found);
  return any;
}

}  // namespace meshctl
