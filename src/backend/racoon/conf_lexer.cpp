#include "backend/racoon/conf_lexer.hpp"

#include <fmt/format.h>

namespace meshctl::racoon {
namespace {

bool in_word(char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '.' || c == ':' || c == '%'; }

}  // namespace

ConfToken ConfLexer::bad(Cursor::Mark mark, char c) {
  Diag& diag = sink_.error("E2501", cursor_.range(mark),
                           fmt::format("character 0x{:02x} is not allowed here", static_cast<unsigned char>(c)));
  if (c == '\r') diag.with_hint("convert the file with dos2unix");
  if (c == '=') diag.with_hint("racoon would ignore it together with the word behind it");
  if (c == '\'') diag.with_hint("strings stand in double quotes");
  return {ConfToken::Kind::Bad, {}, cursor_.range(mark)};
}

ConfToken ConfLexer::string(Cursor::Mark mark) {
  cursor_.step();
  const std::size_t from = cursor_.offset();
  while (!cursor_.at_end() && cursor_.peek() != '"') cursor_.step();
  const std::string_view body = cursor_.since(from);
  if (cursor_.at_end()) {
    sink_.error("E2501", cursor_.range(mark), "string without a closing quote");
    return {ConfToken::Kind::Bad, {}, cursor_.range(mark)};
  }
  cursor_.step();
  return {ConfToken::Kind::String, body, cursor_.range(mark)};
}

ConfToken ConfLexer::bracket(Cursor::Mark mark) {
  cursor_.step();
  const std::size_t from = cursor_.offset();
  while (is_letter(cursor_.peek()) || is_digit(cursor_.peek())) cursor_.step();
  const std::string_view body = cursor_.since(from);
  if (cursor_.peek() != ']' || body.empty()) {
    sink_.error("E2501", cursor_.range(mark), "expected a port and ']' behind '[', without blanks");
    return {ConfToken::Kind::Bad, {}, cursor_.range(mark)};
  }
  cursor_.step();
  return {ConfToken::Kind::Port, body, cursor_.range(mark)};
}

ConfToken ConfLexer::next() {
  using Kind = ConfToken::Kind;
  while (!cursor_.at_end() && (is_blank(cursor_.peek()) || cursor_.peek() == '#')) {
    if (cursor_.peek() != '#') {
      cursor_.step();
      continue;
    }
    while (!cursor_.at_end() && cursor_.peek() != '\n') cursor_.step();
  }
  const Cursor::Mark mark = cursor_.mark();
  if (cursor_.at_end()) return {Kind::End, {}, cursor_.range(mark)};
  const char c = cursor_.peek();
  if (c == '"') return string(mark);
  if (c == '[') return bracket(mark);
  const std::size_t from = cursor_.offset();
  cursor_.step();
  switch (c) {
    case '{': return {Kind::Open, cursor_.since(from), cursor_.range(mark)};
    case '}': return {Kind::Close, cursor_.since(from), cursor_.range(mark)};
    case ';': return {Kind::Semicolon, cursor_.since(from), cursor_.range(mark)};
    case ',': return {Kind::Comma, cursor_.since(from), cursor_.range(mark)};
    default: break;
  }
  if (c == '/') {
    while (is_digit(cursor_.peek())) cursor_.step();
    return {Kind::Prefix, cursor_.since(from).substr(1), cursor_.range(mark)};
  }
  if (!in_word(c)) return bad(mark, c);
  // An address range is written 10.0.0.1-10.0.0.9; no keyword holds a hyphen.
  while (in_word(cursor_.peek()) && cursor_.peek() != '-') cursor_.step();
  const std::string_view text = cursor_.since(from);
  if (c == '-') return {Kind::RangeEnd, text.substr(1), cursor_.range(mark)};
  return {Kind::Word, text, cursor_.range(mark)};
}

}  // namespace meshctl::racoon
