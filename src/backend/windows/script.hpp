// Lines of a batch file (.cmd), or of a file for `netsh -f`, as words with places.
//
// Strict: what cmd, the C runtime and netsh would take apart in different ways is refused, so that the words here are
// the words that netsh gets.
#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/diag.hpp"
#include "base/text.hpp"

namespace meshctl::windows {

/// `name="a b"` has key and value; `add` has a value only. Views point into the text, or into Script::unescaped.
struct ScriptWord {
  std::string_view key;
  std::string_view value;
  bool assigned = false;  // there is an `=`
  bool quoted = false;    // the value stood in quotes
  bool variable = false;  // a %NAME% or %~1 is in it: its value is known at run time only
  Range where;
  Range value_where;
};

/// One netsh command, without the word `netsh`.
struct ScriptCommand {
  std::vector<ScriptWord> words;
  Range where;
  bool unheard = false;  // both outputs go to nul: its failure is meant to be ignored, or tested by `if errorlevel 1`
  bool tested = false;   // the next statement looks at errorlevel
};

struct Script {
  std::vector<ScriptCommand> commands;
  std::deque<std::string> unescaped;  // values that held %%
};

enum class ScriptKind : std::uint8_t { Batch, NetshFile };
/// By the name's end (.cmd, .bat), else by the first words.
ScriptKind script_kind(std::string_view name, std::string_view content);

/// E2030, E2031, E2039 to E2041, E2043, W2030, W2031, W2034, W2040, N2030.
Script read_script(FileId file, std::string_view text, ScriptKind kind, DiagSink& sink);

bool same_word(std::string_view a, std::string_view lower_case_b);

}  // namespace meshctl::windows
