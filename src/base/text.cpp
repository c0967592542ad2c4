#include "base/text.hpp"

#include <fmt/core.h>

namespace meshctl {
namespace {

/// The code point of the UTF-8 sequence at `at`; 0 where there is none.
char32_t code_point(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(at);
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 1;
  if (length == 1 || first >= 0xf5 || text.size() - at < length) return first < 0x80 ? first : 0;
  char32_t value = first & (0xffU >> (length + 1));
  for (std::size_t i = at + 1; i < at + length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80U) return 0;
    value = value << 6 | (byte(i) & 0x3fU);
  }
  return value;
}

}  // namespace

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string counted(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

bool is_curly_quote(std::string_view text, std::size_t at) {
  const char32_t value = code_point(text, at);
  return (value >= 0x2018 && value <= 0x201f) || value == 0xab || value == 0xbb;
}

std::string describe_character(std::string_view text, std::size_t at) {
  const char32_t value = code_point(text, at);
  if (value == ' ') return "a blank";
  if (value > ' ' && value <= '~') return fmt::format("'{}'", text[at]);
  if (is_curly_quote(text, at)) return "a curly quotation mark";
  if (value == 0xa0) return "a no-break space";
  if (value < 0x80) return fmt::format("the byte 0x{:02x}", static_cast<unsigned char>(text[at]));
  return fmt::format("U+{:04X}", static_cast<unsigned>(value));
}

}  // namespace meshctl
