#include "backend/strongswan/traffic_selectors.hpp"

#include <algorithm>
#include <charconv>

#include "net/registered_names.hpp"

namespace meshctl::strongswan {
namespace {

std::optional<unsigned> number(std::string_view text, unsigned limit) {
  unsigned value = 0;
  const bool hex = text.starts_with("0x");
  if (hex) text.remove_prefix(2);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 10);
  if (error != std::errc() || end != text.data() + text.size() || value > limit) return std::nullopt;
  return value;
}

/// A number, or a name of /etc/protocols (vici_config.c, parse_ts).
std::optional<std::uint8_t> protocol_of(std::string_view word) {
  if (word.empty() || word == "any" || word == "%any") return spd::kAnyProtocol;
  const auto value = number(word, 255);
  return value ? std::optional(static_cast<std::uint8_t>(*value)) : registered_protocol(word);
}

/// "443", "1-1023"
bool is_port_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  return number(text.substr(0, dash), 65535) && (dash == text.npos || number(text.substr(dash + 1), 65535));
}

enum class PortRanges : std::uint8_t { LeftOut, AsLastPort };

/// "tcp/443", "6", "icmp", "tcp/ssh"
bool read_service(std::string_view text, PortRanges ranges, TrafficSelector& out) {
  const std::size_t slash = text.find('/');
  const auto protocol = protocol_of(text.substr(0, slash));
  if (!protocol) return false;
  out.protocol = *protocol;
  if (slash == std::string_view::npos || text.substr(slash + 1) == "%any") return true;
  std::string_view word = text.substr(slash + 1);
  const std::size_t dash = word.find('-');
  if (ranges == PortRanges::AsLastPort && is_port_range(word) && dash != word.npos) word.remove_prefix(dash + 1);
  const auto port = number(word, 65535);
  const auto service = port ? std::nullopt : registered_service(word);
  if (!port && !service) return false;
  out.port = port ? static_cast<std::uint16_t>(*port) : service->port;
  return true;
}

SelectorNames names_of(std::string_view service) {
  const std::size_t slash = service.find('/');
  const std::string_view protocol = service.substr(0, slash);
  if (!protocol_of(protocol)) return SelectorNames::Unknown;
  const bool common = protocol.empty() || protocol == "any" || protocol == "%any" || number(protocol, 255) ||
                      is_common_protocol(protocol);
  const SelectorNames found = common ? SelectorNames::Known : SelectorNames::LookedUp;
  const std::string_view port = slash == std::string_view::npos ? std::string_view() : service.substr(slash + 1);
  if (port.empty() || port == "any" || port == "%any" || port == "opaque" || is_port_range(port)) return found;
  return registered_service(port) ? SelectorNames::LookedUp : SelectorNames::Unknown;
}

std::optional<TrafficSelector> read_one(std::string_view text, PortRanges ranges) {
  TrafficSelector out;
  const std::size_t bracket = text.find('[');
  if (bracket != std::string_view::npos) {
    if (!text.ends_with(']')) return std::nullopt;
    if (!read_service(text.substr(bracket + 1, text.size() - bracket - 2), ranges, out)) return std::nullopt;
    text = text.substr(0, bracket);
  }
  if (text == "dynamic") return out;
  out.net = Prefix::parse(text);
  return out.net ? std::optional(out) : std::nullopt;
}

TrafficSelectors read_list(std::string_view text, PortRanges ranges) {
  TrafficSelectors out;
  for (const std::string_view part : comma_list(text)) {
    const auto one = read_one(part, ranges);
    out.whole = out.whole && one.has_value();
    if (one) out.list.push_back(*one);
  }
  return out;
}

std::vector<spd::Selector> shunts(std::string_view local_ts, std::string_view remote_ts, PortRanges ranges) {
  std::vector<spd::Selector> out;
  const TrafficSelectors remotes = read_list(remote_ts, ranges);
  for (const TrafficSelector& local : read_list(local_ts, ranges).list) {
    for (const TrafficSelector& remote : remotes.list) {
      if (local.protocol != 0 && remote.protocol != 0 && local.protocol != remote.protocol) continue;
      for (const Family family : {Family::V4, Family::V6}) {
        const Prefix all = Prefix::all(family);
        const Prefix source = local.net.value_or(all), destination = remote.net.value_or(all);
        if (source.family() != family || destination.family() != family) continue;
        out.push_back(
            {source, destination, local.protocol != 0 ? local.protocol : remote.protocol, local.port, remote.port});
      }
    }
  }
  return out;
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

TrafficSelectors read_traffic_selectors(std::string_view text) { return read_list(text, PortRanges::LeftOut); }

std::vector<spd::Selector> shunt_selectors(std::string_view local_ts, std::string_view remote_ts) {
  return shunts(local_ts, remote_ts, PortRanges::LeftOut);
}

std::optional<std::uint16_t> opens_all_ports_to(std::string_view local_ts, std::string_view remote_ts) {
  for (const spd::Selector& selector : shunts(local_ts, remote_ts, PortRanges::AsLastPort)) {
    spd::Policy policy;
    policy.selector = selector;
    policy.action = spd::Action::None;
    policy.direction = spd::Direction::Out;
    const spd::Policy inwards = spd::reversed(policy);
    if (spd::opens_all_ports(inwards)) return inwards.selector.source_port;
  }
  return std::nullopt;
}

SelectorNames selector_names(std::string_view text) {
  SelectorNames worst = SelectorNames::Known;
  for (const std::string_view part : comma_list(text)) {
    const std::size_t bracket = part.find('[');
    if (bracket == std::string_view::npos) continue;
    const std::size_t end = part.rfind(']');
    if (end == std::string_view::npos || end < bracket) return SelectorNames::Unknown;
    worst = std::max(worst, names_of(part.substr(bracket + 1, end - bracket - 1)));
  }
  return worst;
}

std::vector<Address> read_addresses(std::string_view text) {
  std::vector<Address> out;
  for (const std::string_view part : comma_list(text)) {
    if (const auto address = Address::parse(part)) out.push_back(*address);
  }
  return out;
}

}  // namespace meshctl::strongswan
