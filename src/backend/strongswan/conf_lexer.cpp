#include "backend/strongswan/conf_lexer.hpp"

namespace meshctl::strongswan {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

bool is_name_char(char c) {
  switch (c) {
    case '#':
    case '{':
    case '}':
    case ':':
    case '.':
    case ',':
    case '=':
    case '"':
    case '\n':
    case '\0': return false;
    default: return !is_blank(c);
  }
}

bool is_value_char(char c) { return c != '#' && c != '}' && c != '"' && c != '\n' && c != '\0' && !is_blank(c); }

}  // namespace

char ConfLexer::take() {
  const char c = text_[pos_++];
  if (c == '\n') {
    ++line_;
    col_ = 1;
  } else {
    ++col_;
  }
  return c;
}

void ConfLexer::error(std::string_view code, Range where, std::string text, std::string hint) {
  sink_.error(code, where, std::move(text)).with_hint(std::move(hint));
}

void ConfLexer::skip_blank() {
  while (!at_end()) {
    if (is_blank(peek()) || peek() == '\n') {
      take();
    } else if (peek() == '#') {
      while (!at_end() && peek() != '\n') take();
    } else {
      return;
    }
  }
}

// `include` is a keyword only before a blank and something that is not '=': `include = x` is a setting.
bool ConfLexer::starts_include() const {
  constexpr std::string_view word = "include";
  if (text_.substr(pos_, word.size()) != word) return false;
  std::size_t after = pos_ + word.size();
  if (after >= text_.size() || (text_[after] != ' ' && text_[after] != '\t')) return false;
  while (after < text_.size() && (text_[after] == ' ' || text_[after] == '\t')) ++after;
  return after < text_.size() && text_[after] != '=';
}

ConfToken ConfLexer::next() {
  using Kind = ConfToken::Kind;
  skip_blank();
  const auto line = line_;
  const auto col = col_;
  if (at_end()) return {Kind::End, {}, from(line, col)};
  if (starts_include()) {
    for (int i = 0; i < 7; ++i) take();
    return {Kind::Include, {}, from(line, col)};
  }
  const auto begin = pos_;
  if (is_name_char(peek())) {
    while (!at_end() && is_name_char(peek())) take();
    return {Kind::Name, text_.substr(begin, pos_ - begin), from(line, col)};
  }
  Kind kind = Kind::Bad;
  switch (take()) {
    case '{': kind = Kind::Open; break;
    case '}': kind = Kind::Close; break;
    case '=': kind = Kind::Equals; break;
    case ':': kind = Kind::Colon; break;
    case ',': kind = Kind::Comma; break;
    case '.': kind = Kind::Dot; break;
    default: break;
  }
  return {kind, text_.substr(begin, 1), from(line, col)};
}

// After the opening quote. A backslash before a line end joins the lines; `\n`, `\r`, `\t` mean what they say.
bool ConfLexer::quoted(std::string& out, bool& multi_line) {
  while (!at_end()) {
    const char c = take();
    if (c == '"') return true;
    if (c == '\0') return false;
    if (c == '\r') continue;
    if (c == '\n') multi_line = true;
    if (c != '\\') {
      out += c;
      continue;
    }
    if (at_end()) return false;
    char escaped = take();
    if (escaped == '\r' && !at_end() && peek() == '\n') escaped = take();
    switch (escaped) {
      case 'n': out += '\n'; break;
      case 'r': out += '\r'; break;
      case 't': out += '\t'; break;
      case '\n': multi_line = true; break;
      default: out += escaped; break;
    }
  }
  return false;
}

std::optional<ConfValue> ConfLexer::value() {
  ConfValue value;
  while (!at_end() && is_blank(peek())) take();
  value.where = from(line_, col_);
  while (!at_end() && peek() != '#' && peek() != '}' && peek() != '\n') {
    const auto line = line_;
    const auto col = col_;
    if (peek() == '\0') {
      error("E2305", from(line, col), "a NUL byte", "is this a text file?");
      return std::nullopt;
    }
    if (value.parts++ != 0) value.text += ' ';  // as strongSwan: exactly one, whatever was written
    if (peek() == '"') {
      take();
      ++value.quoted_parts;
      if (!quoted(value.text, value.multi_line)) {
        error("E2304", from(line, col), "the quoted string does not end", "close it with '\"'");
        return std::nullopt;
      }
    } else {
      const auto begin = pos_;
      while (!at_end() && is_value_char(peek())) take();
      const std::string_view part = text_.substr(begin, pos_ - begin);
      value.text += part;
      if (part.ends_with('=') || part.ends_with('{')) value.looks_like_setting = true;
    }
    value.where.end_line = line_;
    value.where.end_col = col_;
    while (!at_end() && is_blank(peek())) take();
  }
  return value;
}

// The pattern after `include`: ends at a blank, '#', '}' or the line's end; `\"`, `\#`, `\}` and `\ ` are escapes.
std::optional<ConfValue> ConfLexer::include_pattern() {
  ConfValue value;
  while (!at_end() && (peek() == ' ' || peek() == '\t')) take();
  const auto line = line_;
  const auto col = col_;
  while (!at_end() && !is_blank(peek()) && peek() != '\n' && peek() != '#' && peek() != '}') {
    const char c = take();
    if (c == '"') {
      if (!quoted(value.text, value.multi_line)) {
        error("E2304", from(line, col), "the quoted string does not end", "close it with '\"'");
        return std::nullopt;
      }
      break;
    }
    const bool escape = c == '\\' && !at_end() && (peek() == '"' || peek() == '#' || peek() == '}' || peek() == ' ');
    value.text += escape ? take() : c;
  }
  value.where = from(line, col);
  return value;
}

}  // namespace meshctl::strongswan
