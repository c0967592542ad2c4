// swanctl.conf's lists of addresses and of traffic selectors.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "backend/policy/policy.hpp"
#include "net/address.hpp"

namespace meshctl::strongswan {

/// "dynamic[6/5432]", "10.1.0.0/16[tcp]": no net means dynamic, the connection's own address.
struct TrafficSelector {
  std::optional<Prefix> net;
  std::uint8_t protocol = 0;
  std::uint16_t port = 0;  // of ICMP type * 256 + code
};

/// The list between the commas; what cannot be read is left out and `whole` is false.
struct TrafficSelectors {
  std::vector<TrafficSelector> list;
  bool whole = true;
};
TrafficSelectors read_traffic_selectors(std::string_view text);

/// The packets, outwards, of the policies that charon installs for a child with mode = pass or drop. `dynamic` is
/// everybody there, whatever the connection's addresses are (shunt_manager.c, install_shunt_policy).
std::vector<spd::Selector> shunt_selectors(std::string_view local_ts, std::string_view remote_ts);

/// The port, or the last of a range, from which such a child lets whoever sends reach every port of this host.
std::optional<std::uint16_t> opens_all_ports_to(std::string_view local_ts, std::string_view remote_ts);

/// How charon reads a list of traffic selectors: names of protocols and services are looked up in the host's tables.
enum class SelectorNames : std::uint8_t {
  Known,     // numbers, and names that each host has
  LookedUp,  // a name that a host's table may lack: then charon discards the whole connection
  Unknown,   // a name that no table has, or no protocol or port at all
};
SelectorNames selector_names(std::string_view text);

/// Addresses of local_addrs and remote_addrs; "%any" and names are left out.
std::vector<Address> read_addresses(std::string_view text);

/// The parts between the commas, without blanks around them; empty ones are left out.
std::vector<std::string_view> comma_list(std::string_view text);

}  // namespace meshctl::strongswan
