// A place in a text that a user gave us: which file, which lines, which columns.
#pragma once
#include <compare>
#include <cstdint>

namespace meshctl {

/// Index into Sources. The value 0 means "no file": a Diag with it prints without a place.
enum class FileId : std::uint32_t { None = 0 };

/// Half-open: [line:col, end_line:end_col). Lines and columns count from 1, columns in bytes. One without an end is a
/// place whose line is not to be shown, since a secret stands there.
struct Range {
  FileId file = FileId::None;
  std::uint32_t line = 0;
  std::uint32_t col = 0;
  std::uint32_t end_line = 0;
  std::uint32_t end_col = 0;

  [[nodiscard]] bool known() const { return file != FileId::None && line != 0; }
  [[nodiscard]] Range without_line() const { return {file, line, col, 0, 0}; }
  friend auto operator<=>(const Range&, const Range&) = default;
};

}  // namespace meshctl
