// Cutting a template's text into literal spans and tags, with places.
#pragma once
#include <cstdint>
#include <string_view>

#include "base/range.hpp"

namespace meshctl::tmpl {

struct Piece {
  enum class Kind : std::uint8_t { Literal, Slot, Each, EndEach, If, Else, EndIf, Malformed, Unclosed, End } kind;
  std::string_view text;  // Literal: the bytes. Slot, Each, If: the name. Malformed: what stands in the tag
  Range where;
};

/// Walks through the text. A line that holds nothing but one block tag ({{#each x}}, {{/if}}, …) and blanks leaves no
/// line in the output, so that templates can be laid out for people.
class TagReader {
 public:
  TagReader(std::string_view text, FileId file) : text_(text), file_(file) {}
  Piece next();

 private:
  [[nodiscard]] Range range(std::size_t from, std::size_t to);
  void move_to(std::size_t offset);
  [[nodiscard]] bool only_blanks_before(std::size_t offset) const;

  std::string_view text_;
  FileId file_;
  std::size_t at_ = 0;
  bool pending_tag_ = false;  // the literal before the tag at at_ was handed out already
  std::size_t seen_ = 0;      // line_ and line_start_ belong to this offset
  std::uint32_t line_ = 1;
  std::size_t line_start_ = 0;
};

}  // namespace meshctl::tmpl
