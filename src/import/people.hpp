// Who has which address: the hosts that were read, and the ends that only others speak of.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "import/host_flows.hpp"

namespace meshctl::importer {

struct Person {
  std::string name;
  const HostSource* source = nullptr;  // nullptr: only others speak of it
  bool dynamic = false;                // nobody knows its address
  std::vector<Address> addresses;      // in the order of `listen`, then sorted
  std::vector<Prefix> subnets;         // sorted; that its tunnels carry
  std::vector<Address> inner;          // its own addresses inside tunnels
};

struct People {
  std::vector<Person> all;  // sorted by name
  std::map<Address, std::uint32_t> by_address;

  [[nodiscard]] std::optional<std::uint32_t> owner(const Address& address) const;
};

/// `flows` by source. E8005: two of the hosts have one address. N8001: names were made up. W8018: a host of no known
/// address, or of none that stays.
People find_people(const std::vector<HostSource>& sources, const std::vector<HostFlows>& flows, DiagSink& sink);

}  // namespace meshctl::importer
