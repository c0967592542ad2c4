#include "base/sources.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

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

/// Length of the UTF-8 sequence at the start of `text`; 0 when it is malformed or a control character (C0, DEL, C1).
std::size_t printable_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return first < 0x20 || first == 0x7f ? 0 : 1;
  const std::size_t length = first >= 0xf5 ? 0 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80U) return 0;
  }
  return first == 0xc2 && byte(1) < 0xa0 ? 0 : length;
}

/// What a hostile file could repaint the user's terminal with becomes blanks, byte for byte: carets stay in place.
std::string printable(std::string_view text) {
  std::string out(text);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = printable_length(text.substr(at));
    if (length == 0) out[at] = ' ';
    at += length == 0 ? 1 : length;
  }
  return out;
}

/// A message may quote a word of a hostile file as it stands; its beginning and its end tell enough.
std::string shown(std::string_view message) {
  constexpr std::size_t kWhole = 1000;
  constexpr std::size_t kHead = 600;
  constexpr std::size_t kTail = 200;
  if (message.size() <= kWhole) return printable(message);
  return printable(message.substr(0, kHead)) + " ... " + printable(message.substr(message.size() - kTail));
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
  const std::string line = printable(sources.line(where.file, where.line));
  if (line.empty() || line.size() > kWidest) return {};
  const std::size_t start = std::min<std::size_t>(where.col > 0 ? where.col - 1 : 0, line.size());
  const std::size_t end = where.end_line == where.line ? where.end_col - 1 : line.size();
  const std::size_t width = end > start ? std::min(end, line.size()) - start : 0;
  const std::string tail(width > 1 ? width - 1 : 0, '~');
  return fmt::format("    {}\n    {}^{}\n", line, std::string(start, ' '), tail);
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
  const std::string host = diag.host.empty() ? std::string() : fmt::format("{}: ", diag.host);
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
