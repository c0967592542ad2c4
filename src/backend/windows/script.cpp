#include "backend/windows/script.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "backend/windows/line_lexer.hpp"

namespace meshctl::windows {
namespace {

/// Programs and statements of batch files that meshctl writes or that do not matter to the rules.
constexpr std::string_view kStatements[] = {"@echo",  "echo",   "setlocal", "endlocal", "set",   "if",  "goto", "exit",
                                            "cd",     "call",   "del",      "for",      "mkdir", "md",  "move", "copy",
                                            "icacls", "fsutil", "schtasks", "certutil", "sc",    "reg", "ping", "pushd",
                                            "popd",   "shift",  "type",     "timeout",  "rmdir", "find"};

struct Jump {
  std::string label;
  Range where;
};

class Reader {
 public:
  Reader(FileId file, std::string_view text, ScriptKind kind, Script& script, DiagSink& sink)
      : lexer_(file, text, kind, script, sink), kind_(kind), script_(script), sink_(sink) {}

  void run() {
    while (lexer_.next_line()) {
      kind_ == ScriptKind::Batch ? batch_line() : netsh_line();
    }
    if (!single_) end_of_statement(false);
    for (const Jump& jump : jumps_) {
      if (labels_.contains(jump.label) || jump.label == ":eof") continue;
      sink_.error("E2041", jump.where, fmt::format("there is no label ':{}'", jump.label))
          .with_hint("add the label, or go to one that exists");
    }
  }

 private:
  void netsh_line() {
    const std::string_view line = lexer_.line();
    const std::size_t start = line.find_first_not_of(" \t");
    if (start == std::string_view::npos || line[start] == '#') return;
    command();
    if (!script_.commands.empty()) script_.commands.back().tested = true;  // netsh's own exit code tells it
  }

  void batch_line() {
    const std::string_view line = lexer_.line();
    const std::size_t start = line.find_first_not_of(" \t");
    if (start == std::string_view::npos) return;
    if (line[start] == ':') {
      label(line.substr(start + 1));
      return;
    }
    const std::string_view rest = line.substr(start);
    std::string word = lower(rest.substr(0, rest.find_first_of(" \t\"=")));
    if (word == "rem") return;
    if (!word.starts_with("@")) single_ = false;
    if (word == "netsh" || word == "netsh.exe" || word == "@netsh") {
      single_ = script_.commands.empty();
      end_of_statement(false);
      lexer_.skip_to(start + word.size());
      pending_ = command();
      return;
    }
    if (rest[0] == '>') {
      end_of_statement(false);
      return;
    }
    if (std::find(std::begin(kStatements), std::end(kStatements), word) == std::end(kStatements)) {
      end_of_statement(false);
      sink_.warning("W2040", lexer_.place(rest), fmt::format("'{}' is not a statement that is checked here", word))
          .with_hint("keep such scripts to netsh lines, labels, set, if, goto, call and exit");
      return;
    }
    end_of_statement(word == "if" && lower(rest).find("errorlevel") != std::string::npos);
    jump(rest, word);
  }

  /// `: label` and `:: comment`
  void label(std::string_view text) {
    if (text.starts_with(':')) return;
    labels_.insert(lower(text.substr(0, text.find_first_of(" \t"))));
  }

  void jump(std::string_view rest, std::string_view word) {
    std::string_view target = rest;
    if (word == "call") {
      target = rest.substr(4);
    } else {
      const std::size_t at = lower(rest).find("goto ");
      if (at == std::string::npos) return;
      target = rest.substr(at + 5);
    }
    target.remove_prefix(std::min(target.find_first_not_of(" \t"), target.size()));
    if (word == "call" && !target.starts_with(':')) return;
    const std::string_view name = target.substr(0, target.find_first_of(" \t)"));
    std::string label_name = lower(name);
    if (label_name.starts_with(':') && label_name != ":eof") label_name.erase(0, 1);
    if (label_name.find('%') != std::string::npos) return;  // known at run time only
    jumps_.push_back({std::move(label_name), lexer_.place(name)});
  }

  /// The command before this statement has got its test now, or never.
  void end_of_statement(bool tests) {
    if (!pending_) return;
    pending_ = false;
    ScriptCommand& last = script_.commands.back();
    last.tested = tests;
    if (tests || last.unheard) return;
    sink_.warning("W2031", last.where, "this command's exit code is not checked")
        .with_hint("add a line: if not \"%errorlevel%\"==\"0\" goto failed");
  }

  /// True when there is one more in script_.commands.
  bool command() {
    ScriptCommand command;
    const std::size_t errors = sink_.errors();
    ScriptWord word;
    while (lexer_.next_word(word)) command.words.push_back(word);
    if (sink_.errors() != errors) return false;
    if (kind_ == ScriptKind::Batch) lexer_.redirections(command.unheard);
    if (sink_.errors() != errors || command.words.empty()) return false;
    command.where = command.words.front().where;
    command.where.end_line = command.words.back().where.end_line;
    command.where.end_col = command.words.back().where.end_col;
    script_.commands.push_back(std::move(command));
    return true;
  }

  LineLexer lexer_;
  ScriptKind kind_;
  Script& script_;
  DiagSink& sink_;
  std::set<std::string> labels_;
  std::vector<Jump> jumps_;
  bool pending_ = false;
  bool single_ = false;  // nothing but one command so far
};

}  // namespace

bool same_word(std::string_view a, std::string_view lower_case_b) { return lower(a) == lower_case_b; }

ScriptKind script_kind(std::string_view name, std::string_view content) {
  const std::string end = lower(name.substr(name.size() - std::min<std::size_t>(name.size(), 4)));
  if (end == ".cmd" || end == ".bat") return ScriptKind::Batch;
  const std::size_t start = std::min(content.find_first_not_of(" \t\r\n"), content.size());
  const std::string first = lower(content.substr(start, 6));
  const bool file = first.starts_with("#") || first.starts_with("advfir") || first.starts_with("ipsec ") ||
                    first.starts_with("pushd ");
  return file ? ScriptKind::NetshFile : ScriptKind::Batch;
}

Script read_script(FileId file, std::string_view text, ScriptKind kind, DiagSink& sink) {
  Script script;
  Reader(file, text, kind, script, sink).run();
  return script;
}

}  // namespace meshctl::windows
