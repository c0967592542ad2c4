// Inside of read_script(): words of one logical line (a `^` at the end of a line joins it with the next).
#pragma once
#include <string_view>

#include "backend/windows/script.hpp"

namespace meshctl::windows {

class LineLexer {
 public:
  LineLexer(FileId file, std::string_view text, ScriptKind kind, Script& script, DiagSink& sink)
      : file_(file), text_(text), kind_(kind), script_(script), sink_(sink) {}

  /// Moves to the start of the next line. False at the end of the text.
  bool next_line();
  /// The next word of this line; false at its end, at a redirection or an operator, or after an error.
  bool next_word(ScriptWord& out);
  /// `>nul`, `2>&1`, `>>"file"` up to the end of the line. False after an operator such as `||` (W2034).
  bool redirections(bool& unheard);

  /// The whole physical line, without its end.
  [[nodiscard]] std::string_view line() const { return line_; }
  [[nodiscard]] Range line_range() const { return range(line_start_, line_start_ + line_.size()); }
  /// The place of `part`, which must be a view into line().
  [[nodiscard]] Range place(std::string_view part) const;
  void skip_to(std::size_t column) { at_ = line_start_ + column; }

 private:
  void read_line_end();
  bool skip_blanks();
  bool quoted(std::string_view& out, bool& variable);
  bool bare(std::string_view& out, bool& variable);
  bool percent(std::string& unescaped, std::size_t& copied, bool& changed, bool& variable);
  bool ca_quote(std::size_t at);
  bool fail(std::size_t at, std::string_view code, std::string text, std::string hint);
  [[nodiscard]] Range range(std::size_t from, std::size_t to) const;
  [[nodiscard]] std::size_t line_end() const { return line_start_ + line_.size(); }

  FileId file_;
  std::string_view text_;
  ScriptKind kind_;
  Script& script_;
  DiagSink& sink_;
  std::string_view line_;
  std::size_t line_start_ = 0;
  std::size_t next_ = 0;  // where the next line begins
  std::size_t at_ = 0;
  std::uint32_t number_ = 0;
  bool broken_ = false;
  bool ca_name_ = false;  // the value that is read belongs to auth1ca or one of its kin
  bool told_line_end_ = false;
};

}  // namespace meshctl::windows
