// Words of a setkey file. Between -P and `;` another set of bytes is allowed, and no comment.
#pragma once
#include <string_view>

#include "backend/racoon/cursor.hpp"
#include "base/diag.hpp"

namespace meshctl::racoon {

struct SetkeyToken {
  enum class Kind : std::uint8_t { Word, Quoted, Semicolon, End, Bad } kind = Kind::End;
  std::string_view text;  // without quotes
  Range where;
};

/// Words of setkey's own, which are no names wherever they stand; `any` among them.
bool is_keyword(std::string_view word);

class SetkeyLexer {
 public:
  SetkeyLexer(FileId file, std::string_view text, DiagSink& sink) : cursor_(file, text), sink_(sink) {}
  /// A word ends at a blank, `;` or `"`; `/`, `[` and `]` are words of their own but for those behind -P. Bad tokens
  /// were reported.
  SetkeyToken next(bool in_policy);
  /// Moves behind the next `;` (or to the end), where the next command begins.
  void recover();
  /// The text between two tokens' ends, to compare it with the canonical line.
  [[nodiscard]] std::size_t offset() const { return cursor_.offset(); }
  [[nodiscard]] std::string_view since(std::size_t offset) const { return cursor_.since(offset); }

 private:
  void skip(bool in_policy);
  SetkeyToken quoted();
  Cursor cursor_;
  DiagSink& sink_;
};

}  // namespace meshctl::racoon
