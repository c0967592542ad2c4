#include "backend/strongswan/traffic_selectors.hpp"

#include <charconv>

namespace meshctl::strongswan {
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

}  // namespace

std::vector<std::string_view> comma_list(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    std::string_view part = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (!part.empty()) out.push_back(part);
  }
  return out;
}

TrafficSelectors read_traffic_selectors(std::string_view text) {
  TrafficSelectors out;
  for (const std::string_view part : comma_list(text)) {
    const auto one = read_one(part);
    out.whole = out.whole && one.has_value();
    if (one) out.list.push_back(*one);
  }
  return out;
}

std::vector<Address> read_addresses(std::string_view text) {
  std::vector<Address> out;
  for (const std::string_view part : comma_list(text)) {
    if (const auto address = Address::parse(part)) out.push_back(*address);
  }
  return out;
}

}  // namespace meshctl::strongswan
