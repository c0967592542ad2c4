// /etc/meshctl/policies.xfrm: the kernel policies of a strongSwan host, one `ip -batch` command a line.
//
//   xfrm policy update src 192.0.2.1/32 dst 192.0.2.2/32 dir out priority 10000 tmpl proto esp reqid 77 mode transport
//   level required                                                            (one line in the file)
//
// charon gets `policies = no` and makes only the SAs; reqids tie the two together. So nothing charon does or fails to
// do can open a link: see docs/backend-strongswan.md.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "backend/policy/notes.hpp"
#include "backend/policy/policy.hpp"
#include "backend/strongswan/layout.hpp"
#include "base/diag.hpp"
#include "base/sources.hpp"
#include "mesh/hostplan.hpp"

namespace meshctl::strongswan {

/// Packets whose firewall mark is `value` in the bits of `mask`. A mask of 0 means any packet. The mark is part of what
/// the kernel knows a policy by.
struct Mark {
  std::uint32_t value = 0;
  std::uint32_t mask = 0;
  friend auto operator<=>(const Mark&, const Mark&) = default;
};

/// A policy as `ip xfrm` has it: reqids of 32 bits, the same for all requests. Types and codes of ICMP stand here and
/// not in the selector's ports, since 0 is one of them (echo reply); -1 = any.
struct XfrmPolicy {
  spd::Policy policy;
  std::int16_t icmp_type = kAnyIcmp;
  std::int16_t icmp_code = kAnyIcmp;
  Mark mark;
  std::uint32_t reqid = 0;  // 0 when there is no request
  friend bool operator==(const XfrmPolicy&, const XfrmPolicy&) = default;
};

/// Neighbour discovery comes first, then flows of smaller rank than kHoleRank, then the bypasses before the hosts' own
/// addresses, then the other flows and bypasses; by rank. Behind all flows of either class comes what blocks the
/// traffic of peers that may come from anywhere while charon has no policy for them.
inline constexpr std::uint32_t kDiscoveryPriority = 1000;
inline constexpr std::uint32_t kInnerPriority = 10000;
inline constexpr std::uint32_t kBypassPriority = 400000000;
inline constexpr std::uint32_t kOuterPriority = kBypassPriority + 10000;
inline constexpr std::uint32_t kBehindFlows = 200000000;
static_assert(kInnerPriority + kHoleRank < kBehindFlows && kBehindFlows + kInnerPriority + kHoleRank < kBypassPriority);

constexpr std::uint32_t rank_priority(std::uint32_t rank) {
  return rank < kHoleRank ? kInnerPriority + rank : kOuterPriority + (rank - kHoleRank);
}
constexpr std::uint32_t link_priority(const Flow& flow) { return rank_priority(flow.rank); }
constexpr std::uint32_t block_priority(const Flow& flow) { return kBehindFlows + link_priority(flow); }

/// The whole policy list of a host: its flows in the plan's order, what blocks, then bypasses. `policies` is reused.
void make_policies(const HostPlan& plan, const Layout& layout, std::vector<XfrmPolicy>& policies, PolicyNotes& notes);
/// The bypasses alone, for the families that the host has to do with.
void append_bypasses(const HostPlan& plan, std::vector<XfrmPolicy>& policies, PolicyNotes& notes);

/// One line without its line end, canonical: equal policies have equal lines, so that sort(1) and comm(1) can compare.
void append_line(const XfrmPolicy& policy, std::string& out);

/// Strict: only lines that append_line writes, comments and empty lines. Anything else is an error with its place,
/// also a policy that stands twice. Order is kept.
std::vector<XfrmPolicy> parse_xfrm(std::string_view name, std::string_view text, Sources& sources, DiagSink& sink);

}  // namespace meshctl::strongswan
