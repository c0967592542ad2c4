#include "base/sources.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/printable.hpp"

namespace meshctl {
namespace {

struct Look {
  const char* word;
  const char* sgr;
};

Look look_of(Severity severity) {
  switch (severity) {
    case Severity::Error: return {"error", "\033[1;31m"};
    case Severity::Warning: return {"warning", "\033[1;33m"};
    case Severity::Note: return {"note", "\033[1;36m"};
  }
  return {"error", "\033[1;31m"};
}

bool in_character(std::string_view text, std::size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80U;
}

/// A message may quote a word of a hostile file as it stands; its beginning and its end tell enough.
std::string shown(std::string_view message) {
  constexpr std::size_t kWhole = 1000;
  constexpr std::size_t kHead = 600;
  constexpr std::size_t kTail = 200;
  if (message.size() <= kWhole) return printable(message);
  std::size_t tail = message.size() - kTail;
  while (in_character(message, tail)) ++tail;
  return printable(message.substr(0, kHead)) + " ... " + printable(message.substr(tail));
}

/// Columns that `text` takes on a terminal: one for each character.
std::size_t columns(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); at += character_at(text, at).size) ++count;  // printable: no size is 0
  return count;
}

std::string place(const Range& where, const Sources& sources) {
  if (where.file == FileId::None) return {};
  const std::string name = printable(sources.name(where.file));
  if (where.line == 0) return name + ": ";
  return fmt::format("{}:{}:{}: ", name, where.line, where.col);
}

constexpr std::size_t kWidest = 160;  // a longer line is not shown: it would bury the message

std::string excerpt(const Range& where, const Sources& sources) {
  if (!where.known() || where.end_line == 0) return {};
  const std::string_view line = sources.line(where.file, where.line);
  if (line.empty() || line.size() > kWidest) return {};
  const std::size_t start = std::min<std::size_t>(where.col > 0 ? where.col - 1 : 0, line.size());
  std::size_t end = where.end_line == where.line ? where.end_col - 1 : line.size();
  while (in_character(line, end)) ++end;
  const std::size_t before = columns(printable(line.substr(0, start)));
  const std::size_t width = end > start ? columns(printable(line.substr(start, end - start))) : 0;
  const std::string tail(width > 1 ? width - 1 : 0, '~');
  return fmt::format("    {}\n    {}^{}\n", printable(line), std::string(before, ' '), tail);
}

}  // namespace

FileId Sources::add(std::string name, std::string text) {
  files_.push_back({std::move(name), std::move(text)});
  return static_cast<FileId>(files_.size());
}

std::string_view Sources::name(FileId file) const {
  const auto index = static_cast<std::size_t>(file);
  return index == 0 || index > files_.size() ? std::string_view() : std::string_view(files_[index - 1].name);
}

std::string_view Sources::text(FileId file) const {
  const auto index = static_cast<std::size_t>(file);
  return index == 0 || index > files_.size() ? std::string_view() : std::string_view(files_[index - 1].text);
}

std::string_view Sources::line(FileId file, std::uint32_t line) const {
  std::string_view rest = text(file);
  for (std::uint32_t at = 1; at < line; ++at) {
    const std::size_t newline = rest.find('\n');
    if (newline == std::string_view::npos) return {};
    rest.remove_prefix(newline + 1);
  }
  rest = rest.substr(0, rest.find('\n'));
  if (rest.ends_with('\r')) rest.remove_suffix(1);
  return rest;
}

std::string render(const Diag& diag, const Sources& sources, bool color) {
  const Look look = look_of(diag.severity);
  const std::string host = diag.host.empty() ? std::string() : fmt::format("{}: ", printable(diag.host));
  std::string out = fmt::format("{}{}{}[{}]{}: {}{}\n", place(diag.where, sources), color ? look.sgr : "", look.word,
                                diag.code, color ? "\033[0m" : "", host, shown(diag.text));
  out += excerpt(diag.where, sources);
  for (const Related& related : diag.related) {
    out += fmt::format("  {}note: {}\n", place(related.where, sources), shown(related.text));
    out += excerpt(related.where, sources);
  }
  if (!diag.hint.empty()) out += fmt::format("  help: {}\n", shown(diag.hint));
  return out;
}

}  // namespace meshctl
