#include "base/text.hpp"

#include <fmt/core.h>

#include "base/printable.hpp"

namespace meshctl {

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

std::string shell_word(std::string_view text) {
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./+,:=@%";
  if (!text.empty() && text.find_first_not_of(kPlain) == text.npos) return std::string(text);
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

bool is_curly_quote(std::string_view text, std::size_t at) {
  const char32_t value = character_at(text, at).code;
  return (value >= 0x2018 && value <= 0x201f) || value == 0xab || value == 0xbb;
}

std::string describe_character(std::string_view text, std::size_t at) {
  const char32_t value = character_at(text, at).code;
  if (value == ' ') return "a blank";
  if (value > ' ' && value <= '~') return fmt::format("'{}'", text[at]);
  if (is_curly_quote(text, at)) return "a curly quotation mark";
  if (value == 0xa0) return "a no-break space";
  if (value < 0x80) return fmt::format("the byte 0x{:02x}", static_cast<unsigned char>(text[at]));
  return fmt::format("U+{:04X}", static_cast<unsigned>(value));
}

}  // namespace meshctl
