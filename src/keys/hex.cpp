#include "keys/hex.hpp"

namespace meshctl {
namespace {

int value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return -1;
}

}  // namespace

void append_hex(std::string_view bytes, std::string& out) {
  static constexpr char digits[] = "0123456789abcdef";
  out.reserve(out.size() + 2 * bytes.size());
  for (const char byte : bytes) {
    const auto bits = static_cast<unsigned char>(byte);
    out += digits[bits >> 4U];
    out += digits[bits & 15U];
  }
}

std::optional<Secret> parse_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 2);
  bool good = true;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = value(text[i]);
    const int low = value(text[i + 1]);
    good = good && high >= 0 && low >= 0;
    bytes += static_cast<char>((high << 4) | low);
  }
  Secret secret = Secret::take(bytes);
  if (!good) return std::nullopt;
  return secret;
}

}  // namespace meshctl
