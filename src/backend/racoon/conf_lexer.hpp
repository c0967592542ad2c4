// Words of racoon.conf, found as racoon's own lexer finds them, and what that one throws away told.
//
// racoon takes the longest word that its present state knows; a character that begins none is glued to the next word
// and then forgotten. So "log infoxx;" is "log info;", "aes256" is "aes 256", and "time =8 hour" is a time of 0.
#pragma once
#include <string_view>

#include "backend/racoon/conf_keywords.hpp"
#include "base/diag.hpp"

namespace meshctl::racoon {

struct ConfToken {
  enum class Kind : std::uint8_t {
    Word,      // a keyword, as a literal
    Number,    // decimal digits
    Hex,       // 0x…: no statement takes it
    Addr,      // hex digits, ':' and '.', perhaps with %zone; not checked to be an address
    String,    // between the quotes
    Prefix,    // digits behind '/'
    Port,      // digits between brackets, or "any"
    RangeEnd,  // Addr behind '-'
    Open,
    Close,
    Semicolon,
    Comma,
    End,
  };
  Kind kind = Kind::End;
  std::string_view text;
  Range where;
  std::string_view skipped;  // what racoon ignores before this word; empty: nothing
  Range skipped_at;
  std::string_view glued;  // the part of it that stands right before the word, and so becomes part of its value
  bool joined = false;     // no blank between this word and the one before
  std::size_t begin = 0;   // offset in the text
  std::size_t first = 0;   // offset of the first character of `skipped`, or the same
};

class ConfLexer {
 public:
  ConfLexer(FileId file, std::string_view text, DiagSink& sink) : file_(file), text_(text), sink_(sink) {}
  ConfToken next();
  /// What a person would call the first word since the last token: all letters and digits that stand together.
  [[nodiscard]] std::string_view whole_word(const ConfToken& token) const;
  /// True when `token` means nothing here, but is the first of its line and would begin a statement of the file.
  [[nodiscard]] bool begins_statement(const ConfToken& token) const;
  /// True when a quote that nothing closes stands before `token`.
  [[nodiscard]] static bool unclosed_string(const ConfToken& token) {
    return token.skipped.find('"') != std::string_view::npos;
  }
  /// Goes on behind `known` if just that stands at `token` (which was just read): text that was read before in the same
  /// state, without a fault, and that left the state as it was.
  bool pass(const ConfToken& token, std::string_view known);
  [[nodiscard]] std::string_view between(std::size_t from, std::size_t to) const {
    return text_.substr(from, to - from);
  }
  /// Goes on at `token` (which was just read) as outside of all blocks: its forerunner lacks a ';' or '}'.
  void restart(const ConfToken& token);

 private:
  struct Match {
    ConfToken::Kind kind;
    std::size_t length = 0;
    std::string_view text;
  };
  [[nodiscard]] Match match() const;
  [[nodiscard]] Match match_word() const;
  [[nodiscard]] Match match_string() const;
  [[nodiscard]] Match match_port() const;
  void follow(const ConfToken& token);
  bool skip_blank();
  void drop(ConfToken& token, std::size_t& glue);
  [[nodiscard]] Range range(std::size_t from, std::size_t to) const;
  void lines(std::size_t from, std::size_t to);

  FileId file_;
  std::string_view text_;
  DiagSink& sink_;
  ConfState state_ = ConfState::Top;
  std::size_t pos_ = 0;
  std::size_t line_start_ = 0;
  std::uint32_t line_ = 1;
  bool told_cr_ = false;
};

}  // namespace meshctl::racoon
