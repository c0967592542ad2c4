#include "import/psk_text.hpp"

#include <algorithm>
#include <string>

#include "keys/base64.hpp"
#include "keys/hex.hpp"

namespace meshctl::importer {

bool plain_psk(std::string_view key) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_=+/-.").find(c) != std::string_view::npos;
  };
  return !key.starts_with("0s") && std::all_of(key.begin(), key.end(), good);
}

Secret hex_psk(const Secret& bytes) {
  std::string out;
  out.reserve(2 + 2 * bytes.size());
  out += "0x";
  append_hex(bytes.reveal(), out);
  return Secret::take(out);
}

std::optional<Secret> psk_text_of_swanctl(const Secret& written) {
  const std::string_view text = written.reveal();
  if (text.starts_with("0x")) return written.clone();
  if (text.starts_with("0s")) {
    const auto bytes = parse_base64(text.substr(2));
    return bytes ? std::optional(hex_psk(*bytes)) : std::nullopt;
  }
  return plain_psk(text) ? written.clone() : hex_psk(written);
}

Secret psk_text_of_windows(const Secret& written) {
  const std::string_view text = written.reveal();
  return plain_psk(text) && !text.starts_with("0x") ? written.clone() : hex_psk(written);
}

}  // namespace meshctl::importer
