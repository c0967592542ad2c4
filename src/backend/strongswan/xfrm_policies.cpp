// HostPlan -> kernel policies.
#include <set>
#include <utility>

#include "backend/strongswan/xfrm.hpp"

namespace meshctl::strongswan {
namespace {

/// A hole as this host sees it: local and remote port, or an ICMP type. 0 = any.
struct Hole {
  std::uint8_t protocol = 0;
  std::uint16_t local = 0;
  std::uint16_t remote = 0;
};

class Holes {
 public:
  Holes(std::vector<XfrmPolicy>& policies, bool v4, bool v6) : policies_(policies), v4_(v4), v6_(v6) {}

  void bypass(const Bypass& bypass);

 private:
  void add(Family family, const Hole& hole);
  void both(const Hole& hole) {
    add(Family::V4, hole);
    add(Family::V6, hole);
  }
  void port(std::uint8_t protocol, std::uint16_t number) {
    both({protocol, number, 0});
    if (number != 0) both({protocol, 0, number});
  }
  void push(spd::Direction direction, Family family, std::uint8_t protocol, std::uint16_t source, std::uint16_t dest);

  std::vector<XfrmPolicy>& policies_;
  std::set<std::pair<spd::Selector, spd::Direction>> keys_;  // two entries may ask for the same hole
  bool v4_;
  bool v6_;
  std::uint32_t priority_ = kBypassPriority;
};

void Holes::push(spd::Direction direction, Family family, std::uint8_t protocol, std::uint16_t source,
                 std::uint16_t dest) {
  XfrmPolicy hole;
  hole.policy.direction = direction;
  hole.policy.action = spd::Action::None;
  hole.policy.priority = priority_;
  hole.policy.selector = {Prefix::all(family), Prefix::all(family), protocol, source, dest};
  if (keys_.insert({hole.policy.selector, direction}).second) policies_.push_back(hole);
}

void Holes::add(Family family, const Hole& hole) {
  if (family == Family::V4 ? !v4_ : !v6_) return;
  const bool icmp = hole.protocol == spd::kIcmp || hole.protocol == spd::kIcmp6;
  push(spd::Direction::Out, family, hole.protocol, hole.local, hole.remote);
  push(spd::Direction::In, family, hole.protocol, icmp ? hole.local : hole.remote, icmp ? hole.remote : hole.local);
  ++priority_;
}

// ICMP types: RFC 4861 (nd), RFC 792 and 4443 (errors). Echo is no error: it stays protected.
void Holes::bypass(const Bypass& bypass) {
  switch (bypass.word) {
    case BypassWord::Nd:
      for (std::uint16_t type = 133; type <= 137; ++type) add(Family::V6, {spd::kIcmp6, type, 0});
      break;
    case BypassWord::IcmpErrors:
      for (const std::uint16_t type : {std::uint16_t{3}, std::uint16_t{11}, std::uint16_t{12}})
        add(Family::V4, {spd::kIcmp, type, 0});
      for (std::uint16_t type = 1; type <= 4; ++type) add(Family::V6, {spd::kIcmp6, type, 0});
      break;
    case BypassWord::Ike:
      both({spd::kUdp, 500, 500});
      both({spd::kUdp, 4500, 4500});
      break;
    case BypassWord::Icmp:
      add(Family::V4, {spd::kIcmp, 0, 0});
      add(Family::V6, {spd::kIcmp6, 0, 0});
      break;
    case BypassWord::Dhcp:
      add(Family::V4, {spd::kUdp, 68, 67});
      add(Family::V4, {spd::kUdp, 67, 68});
      add(Family::V6, {spd::kUdp, 546, 547});
      add(Family::V6, {spd::kUdp, 547, 546});
      break;
    // The controller's address is not known here; both ends' port 22, since its host may be one of the mesh.
    case BypassWord::SshController: port(spd::kTcp, 22); break;
    case BypassWord::Selector: port(bypass.protocol, bypass.port); break;
  }
}

spd::Policy protection(const AddressPair& pair, const LocalSelector& selector, const Terms& terms,
                       std::uint32_t priority) {
  spd::Policy policy;
  policy.action = spd::Action::Ipsec;
  policy.priority = priority;
  policy.selector = {Prefix::host(pair.local), Prefix::host(pair.remote), selector.protocol, selector.local_port,
                     selector.remote_port};
  spd::Request request;
  request.level = terms.level == Level::Use ? spd::RequestLevel::Use : spd::RequestLevel::Require;
  if (terms.mode == Mode::Tunnel) {
    request.encapsulation = spd::Encapsulation::Tunnel;
    request.has_endpoints = true;
    request.source = pair.local;
    request.destination = pair.remote;
  }
  policy.add(request);
  return policy;
}

}  // namespace

void append_bypasses(const HostPlan& plan, std::vector<XfrmPolicy>& policies) {
  bool v4 = false;
  bool v6 = false;
  for (const auto& pair : plan.pairs) (pair.local.family() == Family::V4 ? v4 : v6) = true;
  Holes holes(policies, v4, v6);
  for (const auto& bypass : plan.mesh->bypasses) holes.bypass(bypass);
}

void make_policies(const HostPlan& plan, const std::vector<std::uint32_t>& reqids, std::vector<XfrmPolicy>& policies) {
  policies.clear();
  std::size_t index = 0;
  for (const auto& peer : plan.peers) {
    for (const auto& pair : plan.pairs_of(peer)) {
      std::uint32_t priority = kLinkPriority;
      for (const auto& selector : plan.selectors_of(peer)) {
        const spd::Policy out = protection(pair, selector, *peer.terms, priority++);
        policies.push_back({out, reqids[index]});
        policies.push_back({spd::reversed(out), reqids[index]});
        ++index;
      }
    }
  }
  append_bypasses(plan, policies);
}

}  // namespace meshctl::strongswan
