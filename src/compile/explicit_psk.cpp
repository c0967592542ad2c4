#include "compile/explicit_psk.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "keys/hex.hpp"

namespace meshctl {
namespace {

constexpr std::size_t kLongest = 480;  // bytes: racoon reads lines of 1,023, and hex takes two digits a byte

bool plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_=+/-").find(c) != std::string_view::npos;
}

bool hex_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

}  // namespace

Result<Secret> psk_text(Secret key, std::string_view name) {
  const std::string_view text = key.reveal();
  const auto refuse = [&](std::string_view why) {
    return fail("E3010", fmt::format("the key in '{}' {}", name, why), {}, "make one with: openssl rand -base64 33");
  };
  if (text.empty() || text.size() > kLongest) return refuse("is not 1 to 480 bytes long");
  if (text.starts_with("0x")) {
    const std::string_view digits = text.substr(2);
    if (digits.empty() || digits.size() % 2 != 0 || !std::ranges::all_of(digits, hex_digit)) {
      return refuse("begins with 0x, but is not an even number of hex digits behind that");
    }
    return key;
  }
  if (text.starts_with("0s")) return refuse("begins with 0s, which strongSwan reads as base64 and racoon does not");
  if (std::ranges::all_of(text, plain)) return key;
  std::string digits;
  digits.reserve(2 + 2 * text.size());
  digits = "0x";
  append_hex(text, digits);
  return Secret::take(digits);
}

std::size_t psk_bytes(const Secret& text) {
  return text.reveal().starts_with("0x") ? (text.size() - 2) / 2 : text.size();
}

}  // namespace meshctl
