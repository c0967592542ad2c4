#include "verify/swan_words.hpp"

#include "keys/hex.hpp"
#include "verify/words.hpp"

namespace meshctl::verify {
namespace {

int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

std::optional<Secret> base64(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  Secret out;
  out.reserve(text.size());
  unsigned bits = 0, held = 0;
  for (const char c : text) {
    const int digit = base64_digit(c);
    if (digit < 0) return std::nullopt;
    held = (held << 6U | static_cast<unsigned>(digit)) & 0xffffU;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    const char byte = static_cast<char>(held >> bits & 0xffU);
    out.append({&byte, 1});
  }
  return out;
}

}  // namespace

Id read_id(std::string_view text) {
  if (text.empty() || text == "%any") return {IdKind::Any, false, false, {}};
  for (const auto& [prefix, kind] : {std::pair{"fqdn:", IdKind::Fqdn},
                                     {"dns:", IdKind::Fqdn},
                                     {"userfqdn:", IdKind::UserFqdn},
                                     {"email:", IdKind::UserFqdn},
                                     {"rfc822:", IdKind::UserFqdn},
                                     {"keyid:", IdKind::KeyId}}) {
    if (text.starts_with(prefix))
      return {kind, false, false, std::string(text.substr(std::string_view(prefix).size()))};
  }
  if (text.starts_with("asn1dn:")) return {IdKind::Dn, false, false, canonical_dn(text.substr(7))};
  if (const auto address = Address::parse(text)) return {IdKind::Address, false, false, address->text()};
  if (text.find('=') != std::string_view::npos) return {IdKind::Dn, false, false, canonical_dn(text)};
  if (text.starts_with('@') && !text.starts_with("@#")) text.remove_prefix(1);
  const bool mail = text.find('@') != std::string_view::npos;
  return {mail ? IdKind::UserFqdn : IdKind::Fqdn, false, false, std::string(text)};
}

std::optional<Secret> secret_bytes(const Secret& written) {
  const std::string_view text = written.reveal();
  if (text.starts_with("0s")) return base64(text.substr(2));
  if (!text.starts_with("0x")) return written.clone();
  std::string digits(text.substr(2));
  for (char& c : digits) c = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  const Secret lower = Secret::take(digits);
  return parse_hex(lower.reveal());
}

}  // namespace meshctl::verify
