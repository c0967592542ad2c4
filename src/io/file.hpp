// Whole files: read with a limit, read secrets only where nobody else can, replace atomically.
//
//   auto text = read_file(path, {.limit = 16 << 20});
//   if (auto written = write_atomic(path, *text, {.mode = 0600}); !written) return unexpected(written.error());
#pragma once
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/diag.hpp"
#include "base/secret.hpp"

namespace meshctl {

struct ReadOptions {
  std::size_t limit = std::size_t{16} << 20;  // bytes; a larger file is E4003 and is not read
  bool follow_links = true;                   // of the last component only
};

/// Regular files only: a FIFO, device or folder is E4002, and never blocks. E4001: cannot open or read.
Result<std::string> read_file(const std::filesystem::path& path, const ReadOptions& options = {});

/// Standard input to its end, whatever it is: only where the user asked for it.
Result<std::string> read_standard_input(const ReadOptions& options = {});

/// The same for a file that only its owner may see: E4004 when group or others have any access, E4005 when it belongs
/// to neither us nor root. Intermediate buffers are wiped.
Result<Secret> read_secret_file(const std::filesystem::path& path, const ReadOptions& options = {});

/// A secret file of exactly one line of 1 to 1,024 bytes; its line end is not part of the value. E4006 otherwise.
Result<Secret> read_secret_line(const std::filesystem::path& path);

/// `content` as one line: without its line end (LF or CRLF), wiped. E4006 names `name`, never the content.
Result<Secret> one_line(Secret content, std::string_view name);

struct WriteOptions {
  unsigned mode = 0644;  // exactly this, whatever the umask is; set before the first byte is written
  bool replace = true;   // false: E4008 when the name is taken, decided by one atomic link
};

/// Readers see the old file or the new one, also after a power cut: temporary file in the same folder, fsync, rename,
/// fsync of the folder. A symbolic link at `path` is replaced, not followed. E4007: cannot write; nothing is left over.
Result<void> write_atomic(const std::filesystem::path& path, std::string_view content,
                          const WriteOptions& options = {});
inline Result<void> write_atomic(const std::filesystem::path& path, std::string_view content, unsigned mode) {
  return write_atomic(path, content, WriteOptions{.mode = mode});
}

/// Is there anything at ROOT/PATTERN? The pattern is one of glob(7), the root is taken as it stands.
bool any_file_matches(std::string_view root, std::string_view pattern);

}  // namespace meshctl
