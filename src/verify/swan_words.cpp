#include "verify/swan_words.hpp"

#include <charconv>

#include "keys/hex.hpp"
#include "verify/words.hpp"

namespace meshctl::verify {
namespace {

std::optional<unsigned> number(std::string_view text, unsigned limit) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > limit) return std::nullopt;
  return value;
}

std::optional<std::uint8_t> protocol_of(std::string_view word) {
  if (word.empty() || word == "any" || word == "%any") return spd::kAnyProtocol;
  if (word == "tcp") return spd::kTcp;
  if (word == "udp") return spd::kUdp;
  if (word == "icmp") return spd::kIcmp;
  if (word == "ipv6-icmp" || word == "icmpv6") return spd::kIcmp6;
  const auto value = number(word, 255);
  return value ? std::optional(static_cast<std::uint8_t>(*value)) : std::nullopt;
}

/// "tcp/443", "6", "icmp"
bool read_service(std::string_view text, TrafficSelector& out) {
  const std::size_t slash = text.find('/');
  const auto protocol = protocol_of(text.substr(0, slash));
  if (!protocol) return false;
  out.protocol = *protocol;
  if (slash == std::string_view::npos || text.substr(slash + 1) == "%any") return true;
  const auto port = number(text.substr(slash + 1), 65535);
  if (port) out.port = static_cast<std::uint16_t>(*port);
  return port.has_value();
}

std::optional<TrafficSelector> read_one(std::string_view text) {
  TrafficSelector out;
  const std::size_t bracket = text.find('[');
  if (bracket != std::string_view::npos) {
    if (!text.ends_with(']')) return std::nullopt;
    if (!read_service(text.substr(bracket + 1, text.size() - bracket - 2), out)) return std::nullopt;
    text = text.substr(0, bracket);
  }
  if (text == "dynamic") return out;
  out.net = Prefix::parse(text);
  return out.net ? std::optional(out) : std::nullopt;
}

template <class Take>
void each_part(std::string_view text, Take take) {
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    std::string_view part = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (!part.empty()) take(part);
  }
}

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

TrafficSelectors read_traffic_selectors(std::string_view text) {
  TrafficSelectors out;
  each_part(text, [&](std::string_view part) {
    const auto one = read_one(part);
    out.whole = out.whole && one.has_value();
    if (one) out.list.push_back(*one);
  });
  return out;
}

std::vector<Address> read_addresses(std::string_view text) {
  std::vector<Address> out;
  each_part(text, [&](std::string_view part) {
    if (const auto address = Address::parse(part)) out.push_back(*address);
  });
  return out;
}

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
