// Tokens of strongSwan's configuration files. Values have a grammar of their own, so the parser says when one begins.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/diag.hpp"
#include "base/range.hpp"

namespace meshctl::strongswan {

struct ConfToken {
  enum class Kind : std::uint8_t { Name, Open, Close, Equals, Colon, Comma, Dot, Include, End, Bad } kind = Kind::End;
  std::string_view text;  // of a Name
  Range where;
};

/// The right side of `=`.
struct ConfValue {
  std::string text;
  Range where;
  unsigned parts = 0;
  unsigned quoted_parts = 0;
  bool looks_like_setting = false;  // an unquoted part is or ends in '=' or '{': the value ran over
  bool multi_line = false;
};

class ConfLexer {
 public:
  ConfLexer(FileId file, std::string_view text, bool quiet, DiagSink& sink)
      : file_(file), text_(text), quiet_(quiet), sink_(sink) {}

  ConfToken next();
  /// nullopt after an error, which is reported.
  std::optional<ConfValue> value();
  std::optional<ConfValue> include_pattern();

  void error(std::string_view code, Range where, std::string text, std::string hint);
  [[nodiscard]] bool quiet() const { return quiet_; }

 private:
  [[nodiscard]] bool at_end() const { return pos_ == text_.size(); }
  [[nodiscard]] char peek() const { return text_[pos_]; }
  [[nodiscard]] Range from(std::uint32_t line, std::uint32_t col) const { return {file_, line, col, line_, col_}; }
  char take();
  void skip_blank();
  bool quoted(std::string& out, bool& multi_line);
  bool starts_include() const;

  FileId file_;
  std::string_view text_;
  bool quiet_;
  DiagSink& sink_;
  std::size_t pos_ = 0;
  std::uint32_t line_ = 1;
  std::uint32_t col_ = 1;
};

}  // namespace meshctl::strongswan
