// Words of racoon.conf, read strictly: racoon's own lexer glues unknown characters to the next word and goes on.
#pragma once
#include <string_view>

#include "backend/racoon/cursor.hpp"
#include "base/diag.hpp"

namespace meshctl::racoon {

struct ConfToken {
  enum class Kind : std::uint8_t { Word, String, Prefix, Port, RangeEnd, Open, Close, Semicolon, Comma, End, Bad };
  Kind kind = Kind::End;
  /// Word: keyword, number or address. String: between the quotes. Prefix: digits behind '/'. Port: between brackets.
  /// RangeEnd: the address behind '-'.
  std::string_view text;
  Range where;
};

class ConfLexer {
 public:
  ConfLexer(FileId file, std::string_view text, DiagSink& sink) : cursor_(file, text), sink_(sink) {}
  ConfToken next();

 private:
  ConfToken string(Cursor::Mark mark);
  ConfToken bracket(Cursor::Mark mark);
  ConfToken bad(Cursor::Mark mark, char c);

  Cursor cursor_;
  DiagSink& sink_;
};

}  // namespace meshctl::racoon
