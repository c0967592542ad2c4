// A link's address pairs and flows, seen from one of its ends: the one place that knows what a mode, subnets, NAT and
// dynamic addresses mean for policies.
#pragma once
#include <vector>

#include "mesh/hostplan.hpp"

namespace meshctl {

/// One end of a link looking at the other.
struct LinkView {
  const Host& self;
  const Host& peer;
  const Terms& terms;
  bool is_a = false;             // self sorts first
  bool behind_bypasses = false;  // the link is one of Mesh::behind_bypasses
};

/// Appends the pairs, sorted: every local x remote address of one family in transport mode and in tunnels of two hosts
/// for themselves; else the first addresses of each family.
void append_pairs(const LinkView& view, std::vector<AddressPair>& out);

/// Appends the flows over `pairs` (those of append_pairs), by pair, then by rank.
void append_flows(const LinkView& view, std::span<const AddressPair> pairs, std::vector<Flow>& out);

/// From 0 for any traffic to 6 for both ports. Of one pair of prefixes, two that overlap and differ have different
/// numbers, and the more specific one has the larger.
unsigned specificity(const Selector& selector);

/// Flow::rank of such a flow, below kHoleRank; the lengths are those of the prefixes at a and b.
std::uint32_t rank_of(const Selector& selector, int priority, unsigned a_length, unsigned b_length);

/// The rank of a bypass that comes right behind all flows of `priority` between two hosts' own addresses; one for each
/// `number` below 1024, and no flow has it.
std::uint32_t rank_behind_hosts(Family family, int priority, std::uint32_t number);

/// The prefixes at `host` that a selector means in tunnel mode, given its own `net`.
void append_nets(const Host& host, const std::optional<NetSpec>& net, std::vector<Prefix>& out);

/// Whether traffic of `protocol` exists in this family: icmp is of IPv4, icmp6 of IPv6.
bool fits_family(std::uint8_t protocol, Family family);

}  // namespace meshctl
