#include "cli/output.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "base/printable.hpp"

namespace meshctl {
namespace {

std::string_view severity_word(Severity severity) {
  switch (severity) {
    case Severity::Error: return "error";
    case Severity::Warning: return "warning";
    case Severity::Note: return "note";
  }
  return "error";
}

Json place(const Range& where, const Sources& sources) {
  Json out = {{"file", sources.name(where.file)}};
  if (where.line != 0) {
    out["line"] = where.line;
    out["column"] = where.col;
    out["end_line"] = where.end_line;
    out["end_column"] = where.end_col;
  }
  return out;
}

Json to_json(const Diag& diag, const Sources& sources) {
  Json out = {
      {"type", "diagnostic"}, {"severity", severity_word(diag.severity)}, {"code", diag.code}, {"text", diag.text}};
  if (diag.where.file != FileId::None) out["where"] = place(diag.where, sources);
  if (!diag.hint.empty()) out["hint"] = diag.hint;
  if (!diag.host.empty()) out["host"] = diag.host;
  for (const Related& related : diag.related) {
    Json note = {{"text", related.text}};
    if (related.where.file != FileId::None) note["where"] = place(related.where, sources);
    out["related"].push_back(std::move(note));
  }
  return out;
}

const char* sequence(Color color) {
  switch (color) {
    case Color::Red: return "\033[1;31m";
    case Color::Green: return "\033[32m";
    case Color::Yellow: return "\033[33m";
    case Color::None: break;
  }
  return "";
}

/// The one place where sequences of ours join words that may be others'.
std::string joined(std::initializer_list<Words> pieces, bool color) {
  std::string out;
  for (const Words& words : pieces) {
    const bool colored = color && words.color != Color::None;
    if (colored) out += sequence(words.color);
    out += printable_lines(words.text);
    if (colored) out += "\033[0m";
  }
  return out;
}

void print_all(std::FILE* stream, std::string_view words) {
  std::fwrite(words.data(), 1, words.size(), stream);
  std::fflush(stream);
}

}  // namespace

void Output::configure(bool json, bool no_color) {
  json_ = json;
  const char* forbidden = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  const bool dumb = term == nullptr || std::string_view(term) == "dumb";
  live_ = !json && !dumb && isatty(STDERR_FILENO) == 1;
  color_ = live_ && !no_color && (forbidden == nullptr || *forbidden == '\0');
}

void Output::text(std::initializer_list<Words> pieces) const {
  if (!json_) print_all(stdout, joined(pieces, color_));
}

void Output::message(std::initializer_list<Words> pieces) const {
  if (!json_) print_all(stderr, joined(pieces, color_));
}

void Output::clear_line() const {
  if (live_) print_all(stderr, "\r\033[K");
}

void Output::document(Json value) const {
  if (!json_) return;
  value.each_text([](std::string& text) { text = printable_lines(text); });
  value["schema_version"] = kSchemaVersion;
  print_all(stdout, write_json(value) + "\n");
}

void Output::diagnostics(const Diags& diags, const Sources& sources) const {
  for (const Diag& diag : diags) {
    if (json_) {
      document(to_json(diag, sources));
    } else {
      print_all(stderr, render(diag, sources, color_));
    }
  }
}

ExitCode Output::failed(const Diags& diags, const Sources& sources, ExitCode code) const {
  diagnostics(diags, sources);
  document({{"type", "result"}, {"reason", reason_word(code)}, {"exit_code", static_cast<int>(code)}});
  return code;
}

ExitCode Output::failed(const Diags& diags, const Sources& sources) const {
  const auto any = [&diags](std::string_view start) {
    return std::any_of(diags.begin(), diags.end(), [start](const Diag& diag) { return diag.code.starts_with(start); });
  };
  // The interrupt explains whatever else failed.
  return failed(diags, sources,
                any("E5009")  ? ExitCode::Interrupted
                : any("E5")   ? ExitCode::Unreachable
                : any("E601") ? ExitCode::Failed
                              : ExitCode::BadInput);
}

std::string_view reason_word(ExitCode code) {
  switch (code) {
    case ExitCode::Done: return "done";
    case ExitCode::Failed: return "failed";
    case ExitCode::Differences: return "differences";
    case ExitCode::NotRolledBack: return "not-rolled-back";
    case ExitCode::BadInput: return "bad-input";
    case ExitCode::Unreachable: return "unreachable";
    case ExitCode::Refused: return "refused";
    case ExitCode::Interrupted: return "interrupted";
  }
  return "failed";
}

}  // namespace meshctl
