#include "base/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace meshctl {
namespace {

struct Span {
  char32_t first;
  char32_t last;
};

/// Unicode 15: categories Cc, Cf, Cs, Zl and Zp, the noncharacters, and the letters and marks that have no width (the
/// fillers, U+034F, the tags). Variation selectors of the first plane stay: every second emoji has one.
constexpr std::array<Span, 29> kInvisible{{
    {0x00, 0x1f},       {0x7f, 0x9f},       {0xad, 0xad},       {0x34f, 0x34f},         {0x600, 0x605},
    {0x61c, 0x61c},     {0x6dd, 0x6dd},     {0x70f, 0x70f},     {0x890, 0x891},         {0x8e2, 0x8e2},
    {0x115f, 0x1160},   {0x17b4, 0x17b5},   {0x180b, 0x180f},   {0x200b, 0x200f},       {0x2028, 0x202e},
    {0x2060, 0x206f},   {0x3164, 0x3164},   {0xd800, 0xdfff},   {0xfdd0, 0xfdef},       {0xfeff, 0xfeff},
    {0xffa0, 0xffa0},   {0xfff0, 0xfffb},   {0x110bd, 0x110bd}, {0x110cd, 0x110cd},     {0x13430, 0x1343f},
    {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff}, {0x110000, 0xffffffff},
}};

bool is_plain(char c) { return c >= ' ' && c <= '~'; }

std::string made_printable(std::string_view text, bool keep_line_ends) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    const Character character = character_at(text, at);
    if (is_plain(c) || (c == '\n' && keep_line_ends)) {
      out += c;
    } else if (c == '\t' || c == '\n' || c == '\r') {
      out += ' ';
    } else if (character.size == 0 || character.code < 0x80) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(c));
    } else if (is_visible(character.code)) {
      out += text.substr(at, character.size);
    } else {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(character.code));
    }
    at += std::max<std::size_t>(character.size, 1);
  }
  return out;
}

}  // namespace

Character character_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return {};
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const unsigned first = byte(0);
  const std::size_t size = first < 0x80   ? 1
                           : first < 0xc2 ? 0
                           : first < 0xe0 ? 2
                           : first < 0xf0 ? 3
                           : first < 0xf5 ? 4
                                          : 0;
  if (size == 0 || size > text.size() - at) return {};
  char32_t code = size == 1 ? first : first & (0xffU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0U) != 0x80U) return {};
    code = code << 6 | (byte(i) & 0x3fU);
  }
  const bool overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
  if (overlong || (code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) return {};
  return {code, size};
}

bool is_visible(char32_t code) {
  if ((code & 0xfffeU) == 0xfffeU) return false;  // the last two of each plane
  const auto* found = std::find_if(kInvisible.begin(), kInvisible.end(), [&](const Span& s) { return code <= s.last; });
  return found == kInvisible.end() || code < found->first;
}

std::string printable(std::string_view text, std::size_t most) {
  if (text.size() <= most) return made_printable(text, false);
  std::size_t end = most;  // a character has at most four bytes
  for (std::size_t back = 0; back < 4 && end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U; ++back)
    --end;
  return made_printable(text.substr(0, end), false) + "…";
}

std::string printable_lines(std::string_view text) { return made_printable(text, true); }

}  // namespace meshctl
