#include "backend/racoon/bytes.hpp"

#include <cstdint>

namespace meshctl::racoon {
namespace {

int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

}  // namespace

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string_view without_zeros(std::string_view bytes) {
  const std::size_t first = bytes.find_first_not_of('\0');
  return first == std::string_view::npos ? std::string_view() : bytes.substr(first);
}

std::string decode_hex_number(std::string_view digits) {
  const std::size_t zeros = digits.find_first_not_of('0');
  if (zeros == std::string_view::npos) return {};
  digits.remove_prefix(zeros);
  std::string out;
  out.reserve(digits.size() / 2 + 1);
  if (digits.size() % 2 != 0) {
    out += static_cast<char>(hex_value(digits[0]));
    digits.remove_prefix(1);
  }
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    out += static_cast<char>((hex_value(digits[i]) << 4) | hex_value(digits[i + 1]));
  }
  return out;
}

std::optional<std::string> decode_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && text.ends_with('=')) {
    text.remove_suffix(1);
    ++padding;
  }
  std::string out;
  out.reserve(text.size() / 4 * 3 + 3);
  std::uint32_t bits = 0;
  std::size_t have = 0;
  for (const char c : text) {
    const int value = base64_value(c);
    if (value < 0) return std::nullopt;
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    have += 6;
    if (have < 8) continue;
    have -= 8;
    out += static_cast<char>((bits >> have) & 0xff);
  }
  return out;
}

}  // namespace meshctl::racoon
