#include "yaml/prescan.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "base/printable.hpp"
#include "yaml/doc.hpp"

namespace meshctl::yaml {
namespace {

Range place_of(FileId file, std::string_view text, std::size_t at) {
  const std::string_view before = text.substr(0, at);
  const auto line = static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n') + 1);
  const std::size_t start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  const auto col = static_cast<std::uint32_t>(at - start + 1);
  return {file, line, col, line, col + 1};
}

/// A text in UTF-16 or UTF-32 starts with a mark, or has a NUL among its first four bytes.
const char* wide_encoding(std::string_view text) {
  using namespace std::string_view_literals;
  if (text.starts_with("\xff\xfe\0\0"sv) || text.starts_with("\0\0\xfe\xff"sv)) return "UTF-32";
  if (text.starts_with("\xff\xfe"sv) || text.starts_with("\xfe\xff"sv)) return "UTF-16";
  if (text.size() >= 4 && (text[0] == '\0') != (text[1] == '\0') && (text[2] == '\0') != (text[3] == '\0'))
    return "UTF-16";
  return nullptr;
}

/// Line ends and tabs are all that an inventory needs beside what can be seen.
bool forbidden(char32_t code) { return !is_visible(code) && code != '\t' && code != '\n'; }

bool characters_ok(FileId file, std::string_view text, DiagSink& sink) {
  for (std::size_t at = 0; at < text.size();) {
    const auto [code, size] = character_at(text, at);
    if (size == 0) {
      sink.error("E0103", place_of(file, text, at),
                 fmt::format("this is not UTF-8 text (byte 0x{:02x})", static_cast<unsigned char>(text[at])))
          .with_hint("save the file as UTF-8");
      return false;
    }
    const bool line_end = code == '\r' && at + 1 < text.size() && text[at + 1] == '\n';
    if (forbidden(code) && !line_end) {
      sink.error("E0104", place_of(file, text, at),
                 fmt::format("{} character U+{:04X} in the text", code < 0xa0 ? "control" : "invisible",
                             static_cast<unsigned>(code)))
          .with_hint("delete it; only line ends and tabs are allowed");
      return false;
    }
    at += size;
  }
  return true;
}

/// Follows quotes, comments and brackets closely enough to bound both depth and amount. Where it and the real scanner
/// disagree about what is quoted, the count of all structure still bounds what the scanner may queue.
class StructureScan {
 public:
  StructureScan(FileId file, std::string_view text) : file_(file), text_(text) {}

  bool ok(DiagSink& sink) {
    count_structure();
    if (structure_ > kMaxStructure) {
      sink.error("E0106", Range{file_, 0, 0, 0, 0},
                 fmt::format("more than {} list items and map entries", kMaxStructure))
          .with_hint("use `among:` with a tag in place of listing every pair");
      return false;
    }
    const std::optional<std::size_t> deep = find_too_deep();
    if (!deep) return true;
    sink.error("E0106", place_of(file_, text_, *deep), fmt::format("nested more than {} levels deep", kMaxDepth))
        .with_hint("an inventory needs no more than six levels");
    return false;
  }

 private:
  void count_structure() {
    for (std::size_t at = 0; at < text_.size(); ++at) {
      const char c = text_[at];
      const bool separates =
          at + 1 == text_.size() || std::string_view(" \t\r\n,").find(text_[at + 1]) != std::string_view::npos;
      const bool json_key = c == ':' && at > 0 && text_[at - 1] == '"';
      if (std::string_view("[]{},").find(c) != std::string_view::npos) ++structure_;
      if ((c == ':' || c == '?') && (separates || json_key)) ++structure_;
    }
  }

  std::optional<std::size_t> find_too_deep() {
    std::size_t depth = 0;
    bool token_start = true;  // at a place where a new token may begin
    for (std::size_t at = 0; at < text_.size(); ++at) {
      const char c = text_[at];
      if (c == '#' && token_start &&
          (at == 0 || std::string_view(" \t\n").find(text_[at - 1]) != std::string_view::npos)) {
        at = std::min(text_.find('\n', at), text_.size()) - 1;
      } else if ((c == '"' || c == '\'') && token_start) {
        at = skip_quoted(at);
        token_start = false;
      } else if ((c == '[' || c == '{') && (token_start || depth > 0)) {
        if (++depth > kMaxDepth) return at;
        token_start = true;
      } else if ((c == ']' || c == '}') && depth > 0) {
        --depth;
        token_start = false;
      } else {
        token_start = std::string_view(" \t\r\n,:").find(c) != std::string_view::npos;
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] std::size_t skip_quoted(std::size_t at) const {
    const char quote = text_[at];
    for (std::size_t i = at + 1; i < text_.size(); ++i) {
      if (quote == '"' && text_[i] == '\\')
        ++i;
      else if (text_[i] == quote)
        return i;
    }
    return text_.size();
  }

  FileId file_;
  std::string_view text_;
  std::size_t structure_ = 0;
};

}  // namespace

std::string_view without_bom(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  return text;
}

bool prescan(FileId file, std::string_view text, DiagSink& sink) {
  if (text.size() > kMaxBytes) {
    sink.error("E0102", Range{file, 0, 0, 0, 0}, fmt::format("larger than {} MiB", kMaxBytes >> 20))
        .with_hint("is this the right file?");
    return false;
  }
  if (const char* encoding = wide_encoding(text)) {
    sink.error("E0103", Range{file, 0, 0, 0, 0}, fmt::format("this is {} text, not UTF-8", encoding))
        .with_hint(fmt::format("convert it: iconv -f {} -t UTF-8", encoding));
    return false;
  }
  return characters_ok(file, text, sink) && StructureScan(file, text).ok(sink);
}

}  // namespace meshctl::yaml
