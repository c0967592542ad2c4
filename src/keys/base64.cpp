#include "keys/base64.hpp"

#include <algorithm>

#include "keys/openssl.hpp"

namespace meshctl {

void append_base64(std::string_view bytes, std::string& out) {
  const std::size_t at = out.size();
  const std::size_t size = (bytes.size() + 2) / 3 * 4;
  out.resize(at + size + 1);  // OpenSSL writes a final zero
  EVP_EncodeBlock(ossl::bytes(out.data() + at), ossl::bytes(bytes), static_cast<int>(bytes.size()));
  out.resize(at + size);
}

std::optional<Secret> parse_base64(std::string_view text) {
  const std::size_t padding = text.size() - std::min(text.size(), text.find_last_not_of('=') + 1);
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
  };
  // OpenSSL itself skips blanks, and takes more padding than there can be.
  const std::string_view digits = text.substr(0, text.size() - padding);
  if (text.size() % 4 != 0 || padding > 2 || !std::all_of(digits.begin(), digits.end(), good)) return std::nullopt;
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(ossl::bytes(bytes.data()), ossl::bytes(text), static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  const Secret whole = Secret::take(bytes);
  return Secret(whole.reveal().substr(0, static_cast<std::size_t>(size) - padding));
}

}  // namespace meshctl
