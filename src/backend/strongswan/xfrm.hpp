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

#include "backend/policy/policy.hpp"
#include "base/diag.hpp"
#include "base/sources.hpp"
#include "mesh/hostplan.hpp"

namespace meshctl::strongswan {

/// A policy as `ip xfrm` has it: at most one request here, and a reqid of 32 bits.
struct XfrmPolicy {
  spd::Policy policy;
  std::uint32_t reqid = 0;  // 0 when there is no request
  friend bool operator==(const XfrmPolicy&, const XfrmPolicy&) = default;
};

/// Holes come before protections; within a link the more specific selector comes first. No two policies that can match
/// one packet share a number. charon's own numbers (other people's connections) lie above 100,000: ours always win.
inline constexpr std::uint32_t kBypassPriority = 1000;
inline constexpr std::uint32_t kLinkPriority = 10000;

/// The whole policy list of a host: protections in the plan's order, then holes. `policies` is reused.
void make_policies(const HostPlan& plan, const std::vector<std::uint32_t>& reqids, std::vector<XfrmPolicy>& policies);
/// The holes alone; families without a link are left out.
void append_bypasses(const HostPlan& plan, std::vector<XfrmPolicy>& policies);

/// One line without its line end, canonical: equal policies have equal lines, so that sort(1) and comm(1) can compare.
void append_line(const XfrmPolicy& policy, std::string& out);

/// Strict: only lines that append_line writes, comments and empty lines. Anything else is an error with its place,
/// also a policy that stands twice. Order is kept.
std::vector<XfrmPolicy> parse_xfrm(std::string_view name, std::string_view text, Sources& sources, DiagSink& sink);

}  // namespace meshctl::strongswan
