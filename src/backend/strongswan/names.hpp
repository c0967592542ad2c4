// Names and numbers that tie swanctl's connections to the kernel's policies. All depend on the link alone, never on how
// many other links there are: adding a peer must not touch the SAs of the rest.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mesh/hostplan.hpp"

namespace meshctl::strongswan {

inline constexpr std::string_view kConnectionPrefix = "mc-";

/// "mc-PEER-N", N = number of the address pair from 1. swanctl takes no dots in names: '.' becomes '_', and '_' (rare)
/// becomes '+'; so different peers always have different names.
void append_connection_name(std::string_view peer, std::size_t pair, std::string& out);
/// "s1", "s2", … : selectors of one connection.
void append_child_name(std::size_t selector, std::string& out);
/// "dynamic", "dynamic[6]", "dynamic[6/5432]": numbers, since /etc/protocols may be missing.
void append_traffic_selector(std::uint8_t protocol, std::uint16_t port, std::string& out);
void append_number(std::uint64_t number, std::string& out);

/// Reqids of our policies lie at or above this; charon counts its own up from 1.
inline constexpr std::uint32_t kFirstReqid = 0x01000000;
inline constexpr std::uint32_t kLastReqid = 0x7fffffff;

/// One reqid for each selector of each pair of each peer, in the plan's order; unique on the host. A hash of addresses
/// and selector; where two are equal (one host in 4,000 with 1,000 selectors), the later one moves to the next free.
void assign_reqids(const HostPlan& plan, std::vector<std::uint32_t>& reqids);

/// Seconds before the hard lifetime when rekeying starts: the daemon takes up to as much again off at random.
constexpr std::uint32_t rekey_margin(std::uint32_t lifetime) { return lifetime / 10; }

}  // namespace meshctl::strongswan
