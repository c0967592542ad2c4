#include "backend/windows/powershell_lexer.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace meshctl::windows {
namespace {

bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool digit(char c) { return c >= '0' && c <= '9'; }

class Lexer {
 public:
  Lexer(FileId file, std::string_view text, DiagSink& sink) : file_(file), text_(text), sink_(sink) {}

  std::vector<PsToken> run() {
    while (at_ < text_.size() && !broken_) token();
    begin();
    push(PsToken::Kind::End, "");
    if (!open_.empty()) {
      sink_.error("E2050", open_.back().where, fmt::format("'{}' is not closed", open_.back().text))
          .with_hint("close it");
    }
    return std::move(tokens_);
  }

 private:
  void token() {
    begin();
    const char c = text_[at_];
    if (c == ' ' || c == '\t' || c == '\r') {
      step();
    } else if (c == '\n' || c == ';') {
      step();
      push(PsToken::Kind::End, "");
    } else if (c == '`' && peek(1) == '\r' && peek(2) == '\n') {
      skip(3);
    } else if (c == '`' && peek(1) == '\n') {
      skip(2);
    } else if (c == '#') {
      while (at_ < text_.size() && text_[at_] != '\n') {
        check_byte();
        step();
      }
    } else if (c == '\'') {
      literal();
    } else if (c == '"') {
      expandable();
    } else if (c == '$') {
      variable();
    } else if (c == '@' && letter(peek(1))) {
      step();
      const std::string name = take([](char d) { return letter(d) || digit(d); });
      push(PsToken::Kind::Splat, name);
    } else if (c == '-' && letter(peek(1))) {
      step();
      push(PsToken::Kind::Parameter, take([](char d) { return letter(d) || digit(d); }));
    } else if (std::string_view("(){}=,|&![]").find(c) != std::string_view::npos || c == '@') {
      punct();
    } else {
      word();
    }
  }

  void punct() {
    std::string text(1, text_[at_]);
    step();
    if (text == "@" && (peek(0) == '{' || peek(0) == '(')) {
      text += text_[at_];
      step();
    }
    push(PsToken::Kind::Punct, text);
    const char last = text.back();
    if (last == '(' || last == '{' || last == '[') open_.push_back(tokens_.back());
    if (last == ')' || last == '}' || last == ']') {
      const char wanted = last == ')' ? '(' : last == '}' ? '{' : '[';
      if (!open_.empty() && open_.back().text.back() == wanted) {
        open_.pop_back();
      } else {
        fail(fmt::format("'{}' closes nothing", last));
      }
    }
  }

  void literal() {
    step();
    std::string value;
    for (;;) {
      if (at_ == text_.size() || text_[at_] == '\n') return fail("this ' is not closed");
      if (text_[at_] == '\'') {
        step();
        if (peek(0) != '\'') break;
      }
      check_byte();
      value += text_[at_];
      step();
    }
    push(PsToken::Kind::Literal, value);
  }

  void expandable() {
    step();
    std::string value;
    int depth = 0;  // of $( … ), where quotes may stand again
    for (;;) {
      if (at_ == text_.size() || text_[at_] == '\n') return fail("this \" is not closed");
      const char c = text_[at_];
      if (c == '"' && depth == 0) break;
      if (c == '$' && peek(1) == '(') ++depth;
      if (c == ')' && depth > 0) --depth;
      if (c == '`') {
        value += c;
        step();
        if (at_ == text_.size()) continue;
      }
      check_byte();
      value += text_[at_];
      step();
    }
    step();
    push(PsToken::Kind::Expandable, value);
  }

  void variable() {
    step();
    push(PsToken::Kind::Variable, take([](char d) { return letter(d) || digit(d) || d == ':' || d == '.'; }));
  }

  void word() {
    const std::string text = take([](char d) {
      return letter(d) || digit(d) || std::string_view("-_.:\\/+*%?<>~").find(d) != std::string_view::npos;
    });
    if (text.empty()) {
      check_byte();
      if (!broken_) fail(fmt::format("'{}' is not allowed here", text_[at_]));
      return;
    }
    push(PsToken::Kind::Word, text);
  }

  template <class F>
  std::string take(F good) {
    std::string out;
    while (at_ < text_.size() && good(text_[at_])) {
      out += text_[at_];
      step();
    }
    return out;
  }

  void check_byte() {
    const auto byte = static_cast<unsigned char>(peek(0));
    if (byte == '\t' || byte == '\r' || (byte >= 0x20 && byte < 0x7f) || broken_) return;
    broken_ = true;
    sink_.error("E2030", here(), fmt::format("byte 0x{:02x} is read differently by each code page", byte))
        .with_hint("use ASCII only");
  }

  void fail(std::string text) {
    broken_ = true;
    open_.clear();
    sink_.error("E2050", here(), std::move(text)).with_hint("close what is open, and nothing else");
  }

  [[nodiscard]] char peek(std::size_t ahead) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  void skip(int count) {
    for (; count > 0; --count) step();
  }
  void step() {
    if (text_[at_++] == '\n') {
      ++line_;
      line_start_ = at_;
    }
  }
  void begin() {
    from_line_ = line_;
    from_col_ = col();
  }
  [[nodiscard]] std::uint32_t col() const { return static_cast<std::uint32_t>(at_ - line_start_ + 1); }
  [[nodiscard]] Range here() const {
    return {file_, from_line_, from_col_, from_line_, std::max(from_col_ + 1, col())};
  }
  void push(PsToken::Kind kind, std::string text) {
    tokens_.push_back({kind, std::move(text), {file_, from_line_, from_col_, line_, col()}});
  }

  FileId file_;
  std::string_view text_;
  DiagSink& sink_;
  std::vector<PsToken> tokens_;
  std::vector<PsToken> open_;
  std::size_t at_ = 0;
  std::size_t line_start_ = 0;
  std::uint32_t line_ = 1;
  std::uint32_t from_line_ = 1;
  std::uint32_t from_col_ = 1;
  bool broken_ = false;
};

}  // namespace

std::vector<PsToken> lex_powershell(FileId file, std::string_view text, DiagSink& sink) {
  return Lexer(file, text, sink).run();
}

}  // namespace meshctl::windows
