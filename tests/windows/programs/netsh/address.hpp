// Endpoints of rules: addresses, subnets, ranges, and the words for groups of addresses.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace sim {

struct Address {
  bool v6 = false;
  std::array<std::uint8_t, 16> bytes{};  // IPv4: the first four
};
std::optional<Address> parse_address(const std::string& text);
/// Neither multicast nor unspecified nor loopback.
bool is_unicast(const Address& address);

struct Versions {
  bool v4 = false;
  bool v6 = false;
};
/// A comma list as `endpoint1=` takes it. Refuses with W16 what cannot be an end; says which IP versions are in it.
Versions check_endpoint(const std::string& value);

}  // namespace sim
