// Walking through a text while keeping line and column.
#pragma once
#include <string_view>

#include "base/range.hpp"

namespace meshctl::racoon {

class Cursor {
 public:
  Cursor(FileId file, std::string_view text) : file_(file), text_(text) {}

  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  /// NUL at the end; a NUL byte in the text is told apart by at_end().
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  void step() {
    if (text_[at_++] == '\n') {
      ++line_;
      line_start_ = at_;
    }
  }
  [[nodiscard]] std::size_t offset() const { return at_; }
  [[nodiscard]] std::string_view since(std::size_t offset) const { return text_.substr(offset, at_ - offset); }

  /// A place to build a Range from: the token began at `mark` and ends here.
  struct Mark {
    std::uint32_t line;
    std::uint32_t col;
  };
  [[nodiscard]] Mark mark() const { return {line_, static_cast<std::uint32_t>(at_ - line_start_ + 1)}; }
  [[nodiscard]] Range range(Mark from) const {
    const Mark to = mark();
    return {file_, from.line, from.col, to.line, to.col};
  }

 private:
  FileId file_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_start_ = 0;
  std::uint32_t line_ = 1;
};

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
inline bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n'; }

}  // namespace meshctl::racoon
