#include "backend/racoon/setkey_lexer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace meshctl::racoon {
namespace {

bool in_word(char c) {
  return is_letter(c) || is_digit(c) || (c != '\0' && std::string_view(":%.-_+,").find(c) != std::string_view::npos);
}
bool in_policy_word(char c) {
  return is_letter(c) || is_digit(c) || (c != '\0' && std::string_view(":%.-_/+[]").find(c) != std::string_view::npos);
}

}  // namespace

bool is_keyword(std::string_view word) {
  constexpr std::string_view words[] = {
      "add",    "delete",  "deleteall", "get",      "getspi",     "flush",       "dump",    "exit", "quit",
      "bye",    "spdadd",  "spdupdate", "spddump",  "spddelete",  "spdflush",    "tagged",  "ah",   "esp",
      "ah-old", "esp-old", "esp-udp",   "ipcomp",   "tcp",        "oui",         "deflate", "lzs",  "transport",
      "tunnel", "any",     "seq-pad",   "zero-pad", "random-pad", "nocyclic-seq"};
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

void SetkeyLexer::skip(bool in_policy) {
  while (!cursor_.at_end()) {
    if (is_blank(cursor_.peek())) {
      cursor_.step();
    } else if (cursor_.peek() == '#' && !in_policy) {
      while (!cursor_.at_end() && cursor_.peek() != '\n') cursor_.step();
    } else {
      return;
    }
  }
}

SetkeyToken SetkeyLexer::quoted() {
  const Cursor::Mark mark = cursor_.mark();
  cursor_.step();
  const std::size_t from = cursor_.offset();
  while (!cursor_.at_end() && cursor_.peek() != '"') cursor_.step();
  const std::string_view body = cursor_.since(from);
  if (cursor_.at_end()) {
    sink_.error("E2401", cursor_.range(mark), "string without a closing quote");
    return {SetkeyToken::Kind::Bad, {}, cursor_.range(mark)};
  }
  cursor_.step();
  return {SetkeyToken::Kind::Quoted, body, cursor_.range(mark)};
}

SetkeyToken SetkeyLexer::next(bool in_policy) {
  skip(in_policy);
  const Cursor::Mark mark = cursor_.mark();
  if (cursor_.at_end()) return {SetkeyToken::Kind::End, {}, cursor_.range(mark)};
  const char first = cursor_.peek();
  const std::size_t from = cursor_.offset();
  if (first == ';') {
    cursor_.step();
    return {SetkeyToken::Kind::Semicolon, cursor_.since(from), cursor_.range(mark)};
  }
  if (first == '"' && !in_policy) return quoted();
  if (in_policy) {
    while (in_policy_word(cursor_.peek())) cursor_.step();
  } else if (first == '/' || first == '[' || first == ']') {
    cursor_.step();
  } else {
    while (in_word(cursor_.peek())) cursor_.step();
  }
  if (cursor_.offset() > from) return {SetkeyToken::Kind::Word, cursor_.since(from), cursor_.range(mark)};
  cursor_.step();
  Diag& diag = sink_.error("E2401", cursor_.range(mark),
                           fmt::format("character 0x{:02x} is not allowed here", static_cast<unsigned char>(first)));
  if (first == '#') diag.with_hint("a comment is not allowed between -P and ';'");
  if (first == '\r') diag.with_hint("setkey refuses Windows line ends: convert the file with dos2unix");
  if (first == '\\') diag.with_hint("remove it: setkey needs no mark at the end of a line, a command ends with ';'");
  if (static_cast<unsigned char>(first) == 0xef) diag.with_hint("remove the byte order mark");
  return {SetkeyToken::Kind::Bad, {}, cursor_.range(mark)};
}

void SetkeyLexer::recover() {
  while (!cursor_.at_end() && cursor_.peek() != ';') cursor_.step();
  if (!cursor_.at_end()) cursor_.step();
}

}  // namespace meshctl::racoon
