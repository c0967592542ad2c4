// Bypasses -> security policies.
#include <algorithm>

#include "backend/racoon/host_files.hpp"
#include "mesh/bypasses.hpp"

namespace meshctl::racoon {
namespace {

/// Whose traffic the bypasses of a host are for that name no local address. racoon's own policies, which it makes for
/// peers of unknown address, stand at `def`, behind the bypasses: so that what those tunnels carry does not leave in
/// clear, the bypasses of their gateway are for its own addresses alone.
std::vector<Prefix> sources_of(const HostPlan& plan, Family family) {
  if (!plan.uses(family)) return {};
  const bool waits = std::any_of(plan.peers.begin(), plan.peers.end(), [&](const PeerPlan& peer) {
    return plan.peer(peer).dynamic && peer.terms->uses_ike();
  });
  if (!waits) return {Prefix::all(family)};
  std::vector<Prefix> out;
  for (const Address& address : plan.self().addresses) {
    if (address.family() == family) out.push_back(Prefix::host(address));
  }
  // Neighbour discovery speaks from there.
  if (family == Family::V6 && !out.empty()) out.push_back(*Prefix::parse("fe80::/10"));
  return out;
}

constexpr std::uint32_t high(std::uint32_t count) { return spd::kPrioHigh - count; }  // `prio high + count`

std::uint32_t priority_of(const BypassFlow& flow) {
  if (flow.place == BypassPlace::ByRank) return rank_priority(flow.rank);
  const std::uint32_t half = flow.asks ? 1 : 0;
  switch (flow.word) {
    case BypassWord::Nd: return kDiscoveryPriority;
    case BypassWord::IcmpErrors: return high(600);
    case BypassWord::Ike: return high(500);
    case BypassWord::Icmp: return high(400);
    case BypassWord::Dhcp: return high(300);
    case BypassWord::SshController: return high(200) + half;
    case BypassWord::Selector: break;
  }
  return spd::kPrioHigh + 1 + 2 * flow.selector + half;
}

/// Of a packet that goes out, from `local`.
spd::Policy outward(const BypassFlow& flow, const Prefix& local) {
  spd::Policy policy;
  policy.direction = spd::Direction::Out;
  policy.action = spd::Action::None;
  policy.priority = priority_of(flow);
  const bool typed = flow.icmp_type != kAnyIcmp;
  policy.selector = {local, flow.remote, flow.protocol,
                     typed ? static_cast<std::uint16_t>(flow.icmp_type) : flow.local_port, flow.remote_port};
  return policy;
}

}  // namespace

std::vector<spd::Policy> bypass_policies(const HostPlan& plan, PolicyNotes* notes) {
  std::vector<spd::Policy> v4;
  std::vector<spd::Policy> v6;
  PolicyNotes v4_notes;
  PolicyNotes v6_notes;
  for (const BypassFlow& flow : bypass_flows(plan)) {
    const Family family = flow.local.family();
    const bool everything = flow.local.length == 0;
    for (const Prefix& local : everything ? sources_of(plan, family) : std::vector{flow.local}) {
      const spd::Policy out = outward(flow, local);
      auto& policies = family == Family::V4 ? v4 : v6;
      add_note({policies.size(), PolicySection::Bypasses, text(flow.word), {}, {}},
               family == Family::V4 ? v4_notes : v6_notes);
      policies.push_back(out);
      policies.push_back(spd::reversed(out));
    }
  }
  for (PolicyNote& note : v6_notes) note.at += v4.size();
  if (notes != nullptr) {
    notes->insert(notes->end(), v4_notes.begin(), v4_notes.end());
    notes->insert(notes->end(), v6_notes.begin(), v6_notes.end());
  }
  v4.insert(v4.end(), v6.begin(), v6.end());
  return v4;
}

}  // namespace meshctl::racoon
