// From byte offsets to ranges. The library tells only where things start; where they end is read from the text.
#pragma once
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "base/range.hpp"

namespace meshctl::yaml {

class Marks {
 public:
  Marks(FileId file, std::string_view text);

  [[nodiscard]] std::size_t size() const { return text_.size(); }
  /// Byte at an offset, '\0' past the end.
  [[nodiscard]] char byte(std::size_t at) const { return at < text_.size() ? text_[at] : '\0'; }
  [[nodiscard]] std::string_view line_at(std::size_t at) const;

  /// What the last line above that of `at` holds, if it is neither empty nor a comment, without its indentation.
  [[nodiscard]] std::optional<Range> content_before(std::size_t at) const;
  /// The text of a range within one line.
  [[nodiscard]] std::string_view text(const Range& where) const;

  /// One character.
  [[nodiscard]] Range at(std::size_t offset) const { return between(offset, offset + 1); }
  /// Up to the next blank.
  [[nodiscard]] Range word(std::size_t offset) const;
  [[nodiscard]] bool quoted(std::size_t offset) const { return byte(offset) == '"' || byte(offset) == '\''; }
  /// Offset behind the closing quote of the scalar at `offset`; npos when there is none.
  [[nodiscard]] std::size_t quote_end(std::size_t offset) const;
  /// A scalar with its quotes; a folded or block scalar only to the end of its first line.
  [[nodiscard]] Range scalar(std::size_t offset, std::string_view value) const;
  /// `~` or `null` when that is what stands there, else an unknown range.
  [[nodiscard]] Range null_at(std::size_t offset) const;
  /// From the start to the closing bracket, or to the end of the last child of a block collection.
  [[nodiscard]] Range collection(std::size_t offset, Range start, Range last_child) const;

 private:
  [[nodiscard]] std::size_t line_of(std::size_t offset) const;
  [[nodiscard]] std::size_t offset_of(std::uint32_t line, std::uint32_t col) const;
  [[nodiscard]] Range between(std::size_t begin, std::size_t end) const;
  [[nodiscard]] std::size_t line_end(std::size_t offset) const;

  FileId file_;
  std::string_view text_;
  std::vector<std::size_t> starts_;  // offset of each line
};

}  // namespace meshctl::yaml
