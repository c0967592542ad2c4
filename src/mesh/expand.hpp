// Entries of `links:` -> which entry speaks about which pair of hosts.
#pragma once
#include <cstdint>
#include <vector>

#include "base/diag.hpp"
#include "inventory/inventory.hpp"
#include "mesh/names.hpp"

namespace meshctl {

/// "Entry e says something about the pair (a, b)". 16 bytes: there are as many as links times entries about them.
struct Claim {
  std::uint64_t pair = 0;  // a << 32 | b with a < b, so that claims sort in the order of links
  std::uint32_t entry = 0;
  std::uint32_t ports_of = 0;  // whose ports `select` means: kPortsOfA, kPortsOfB or both

  [[nodiscard]] HostIndex a() const { return static_cast<HostIndex>(pair >> 32); }
  [[nodiscard]] HostIndex b() const { return static_cast<HostIndex>(pair & 0xffffffffU); }
};
inline constexpr std::uint32_t kPortsOfA = 1;
inline constexpr std::uint32_t kPortsOfB = 2;

/// More claims than this are refused (E1025) before memory is taken: a full mesh of 4,000 hosts fits.
inline constexpr std::uint64_t kMaxClaims = 10'000'000;

/// Sorted by pair, then by entry; one claim for each (pair, entry). E1020..E1025.
std::vector<Claim> expand(const std::vector<LinkEntry>& entries, const Names& names, std::size_t host_count,
                          DiagSink& sink);

}  // namespace meshctl
