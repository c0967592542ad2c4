#include "address.hpp"

#include <winsock2.h>
// winsock2.h goes first.
#include <ws2tcpip.h>

#include <set>

#include "../common.hpp"
#include "refusal.hpp"

namespace sim {
namespace {

bool is_number_up_to(const std::string& text, int limit) {
  return !text.empty() && text.size() <= 3 && text.find_first_not_of("0123456789") == std::string::npos &&
         std::stoi(text) <= limit && (text == "0" || text[0] != '0');
}

/// 255.255.0.0: ones, then zeros.
bool is_netmask(const Address& mask) {
  std::uint32_t bits = 0;
  for (int i = 0; i < 4; ++i) bits = bits << 8 | mask.bytes[i];
  return !mask.v6 && (~bits & (~bits + 1)) == 0;
}

Address end_of(const std::string& text) {
  const std::optional<Address> address = parse_address(text);
  if (!address) refuse("'" + text + "' is no address");
  if (!is_unicast(*address)) refuse("W16: " + text + " is multicast, unspecified or loopback");
  return *address;
}

Address check_item(const std::string& item) {
  if (const std::size_t slash = item.find('/'); slash != std::string::npos) {
    const Address address = end_of(item.substr(0, slash));
    const std::string length = item.substr(slash + 1);
    const std::optional<Address> mask = parse_address(length);
    if (!is_number_up_to(length, address.v6 ? 128 : 32) && !(mask && !address.v6 && is_netmask(*mask))) {
      refuse("'" + length + "' is no prefix length and no mask");
    }
    return address;
  }
  if (const std::size_t dash = item.find('-'); dash != std::string::npos) {
    const Address low = end_of(item.substr(0, dash));
    const Address high = end_of(item.substr(dash + 1));
    if (low.v6 != high.v6 || low.bytes > high.bytes) refuse("'" + item + "' is no range");
    return low;
  }
  return end_of(item);
}

}  // namespace

std::optional<Address> parse_address(const std::string& text) {
  Address address;
  if (text.find(':') != std::string::npos) {
    address.v6 = true;
    if (inet_pton(AF_INET6, text.c_str(), address.bytes.data()) != 1) return std::nullopt;
    return address;
  }
  const auto parts = split(text, '.');
  if (parts.size() != 4) return std::nullopt;
  for (int i = 0; i < 4; ++i) {
    if (!is_number_up_to(parts[i], 255)) return std::nullopt;
    address.bytes[i] = std::uint8_t(std::stoi(parts[i]));
  }
  return address;
}

bool is_unicast(const Address& address) {
  const auto& b = address.bytes;
  std::array<std::uint8_t, 16> small{};
  if (b == small) return false;
  if (!address.v6) return b[0] != 127 && (b[0] & 0xf0) != 0xe0;
  small[15] = 1;
  return b != small && b[0] != 0xff;
}

Versions check_endpoint(const std::string& value) {
  static const std::set<std::string> words = {"localsubnet", "dns", "dhcp", "wins", "defaultgateway"};
  if (value == "any") return {true, true};
  Versions seen;
  for (const std::string& item : split(value, ',')) {
    if (words.count(item)) {
      seen = {true, true};
      continue;
    }
    (check_item(item).v6 ? seen.v6 : seen.v4) = true;
  }
  return seen;
}

}  // namespace sim
