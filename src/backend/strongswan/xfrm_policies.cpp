// HostPlan -> kernel policies.
#include <algorithm>
#include <set>
#include <tuple>
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

/// There are policies for forwarded packets that the holes come before.
bool forwards_behind_holes(const HostPlan& plan) {
  return std::any_of(plan.peers.begin(), plan.peers.end(), [&](const PeerPlan& peer) {
    const auto flows = plan.flows_of(peer);
    return std::any_of(flows.begin(), flows.end(),
                       [&](const Flow& flow) { return flow.rank >= kHoleRank && is_inner(plan, peer, flow); });
  });
}

class Holes {
 public:
  Holes(std::vector<XfrmPolicy>& policies, const HostPlan& plan)
      : policies_(policies), plan_(plan), forwards_(forwards_behind_holes(plan)) {}

  void bypass(const Bypass& bypass);

 private:
  void add(Family family, const Hole& hole) { add(family, hole, priority_++); }
  void add(Family family, const Hole& hole, std::uint32_t priority);
  void both(const Hole& hole) {
    add(Family::V4, hole);
    add(Family::V6, hole);
  }
  void port(std::uint8_t protocol, std::uint16_t number) {
    both({protocol, number, 0});
    if (number != 0) both({protocol, 0, number});
  }
  void push(const XfrmPolicy& hole);

  std::vector<XfrmPolicy>& policies_;
  const HostPlan& plan_;
  bool forwards_;
  std::set<std::tuple<spd::Selector, std::int16_t, spd::Direction>> keys_;  // two entries may ask for the same hole
  std::uint32_t priority_ = kBypassPriority;
};

void Holes::push(const XfrmPolicy& hole) {
  if (keys_.insert({hole.policy.selector, hole.icmp_type, hole.policy.direction}).second) policies_.push_back(hole);
}

void Holes::add(Family family, const Hole& hole, std::uint32_t priority) {
  if (!plan_.uses(family)) return;
  const bool icmp = hole.protocol == spd::kIcmp || hole.protocol == spd::kIcmp6;
  XfrmPolicy out;
  out.policy.direction = spd::Direction::Out;
  out.policy.action = spd::Action::None;
  out.policy.priority = priority;
  out.policy.selector = {Prefix::all(family), Prefix::all(family), hole.protocol, icmp ? std::uint16_t{0} : hole.local,
                         icmp ? std::uint16_t{0} : hole.remote};
  if (icmp && hole.local != 0) out.icmp_type = static_cast<std::int16_t>(hole.local);
  XfrmPolicy in = out;
  in.policy = spd::reversed(out.policy);
  push(out);
  push(in);
  if (!forwards_) return;
  in.policy.direction = spd::Direction::Fwd;
  push(in);
}

// ICMP types: RFC 4861 (nd), RFC 792 and 4443 (errors). Echo is no error: it stays protected.
void Holes::bypass(const Bypass& bypass) {
  switch (bypass.word) {
    case BypassWord::Nd:
      for (std::uint16_t type = 133; type <= 137; ++type) {
        add(Family::V6, {spd::kIcmp6, type, 0}, kDiscoveryPriority + type - 133);
      }
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

void add_request(spd::Policy& policy, spd::Transform transform, bool tunnel, const AddressPair& pair,
                 spd::RequestLevel level) {
  spd::Request request;
  request.transform = transform;
  request.level = level;
  if (tunnel) {
    request.encapsulation = spd::Encapsulation::Tunnel;
    request.has_endpoints = true;
    request.source = pair.local;
    request.destination = pair.remote;
  }
  policy.add(request);
}

/// The innermost transformation comes first; in tunnel mode it is the one that makes the tunnel.
void add_requests(spd::Policy& policy, const Terms& terms, const AddressPair& pair) {
  const auto level = terms.level == Level::Use ? spd::RequestLevel::Use : spd::RequestLevel::Require;
  bool tunnel = terms.mode == Mode::Tunnel;
  const auto add = [&](spd::Transform transform) {
    add_request(policy, transform, std::exchange(tunnel, false), pair, level);
  };
  if (terms.ipcomp) add(spd::Transform::Ipcomp);
  if (terms.protect != Protect::Ah) add(spd::Transform::Esp);
  if (terms.protect != Protect::Esp) add(spd::Transform::Ah);
}

/// Small packets are not worth compressing, so what comes in need not have been.
spd::Policy incoming(const spd::Policy& out) {
  spd::Policy in = spd::reversed(out);
  for (spd::Request& request : in.request) {
    if (request.transform == spd::Transform::Ipcomp) request.level = spd::RequestLevel::Use;
  }
  return in;
}

class Links {
 public:
  Links(const HostPlan& plan, const Layout& layout, std::vector<XfrmPolicy>& policies)
      : plan_(plan), layout_(layout), policies_(policies) {}

  void add(const PeerPlan& peer, std::uint32_t at) {
    const Flow& flow = plan_.flows[at];
    if (flow.action == FlowAction::Protect && charon_owns(plan_, peer, flow)) {
      block(peer, flow);
      return;
    }
    if (is_unknown(flow.local) || is_unknown(flow.remote)) return;  // an exception that E2207 refuses
    XfrmPolicy out = selecting(flow, link_priority(flow));
    switch (flow.action) {
      case FlowAction::None: out.policy.action = spd::Action::None; break;
      case FlowAction::Discard: out.policy.action = spd::Action::Discard; break;
      case FlowAction::Protect:
        add_requests(out.policy, *peer.terms, plan_.outer(peer, flow));
        out.reqid = layout_.reqids[at];
        break;
    }
    push(out, is_inner(plan_, peer, flow));
  }

 private:
  static XfrmPolicy selecting(const Flow& flow, std::uint32_t priority) {
    XfrmPolicy out;
    out.policy.direction = spd::Direction::Out;
    out.policy.action = spd::Action::Ipsec;
    out.policy.priority = priority;
    out.policy.selector = {flow.local, flow.remote, flow.protocol, flow.local_port, flow.remote_port};
    out.icmp_type = flow.icmp_type;
    out.icmp_code = flow.icmp_code;
    return out;
  }

  void push(const XfrmPolicy& out, bool forwards) {
    policies_.push_back(out);
    XfrmPolicy in = out;
    in.policy = incoming(out.policy);
    policies_.push_back(in);
    if (!forwards) return;
    in.policy.direction = spd::Direction::Fwd;
    policies_.push_back(in);
  }

  /// charon writes its policies for this traffic without a mark. A policy of ours for the same traffic would be
  /// replaced by them, and be gone when they go; two that share all packets between them by one bit of the mark are
  /// others, and so is one from any address. Where the far end is not known, nothing says what to block.
  void block(const PeerPlan& peer, const Flow& flow) {
    if (is_unknown(flow.remote)) return;
    XfrmPolicy out = selecting(flow, block_priority(flow));
    out.policy.action = spd::Action::Discard;
    if (is_unknown(flow.local)) {
      out.policy.selector.source = Prefix::all(flow.local.family());
      push(out, false);
      return;
    }
    for (const std::uint32_t value : {0U, 1U}) {
      out.mark = {value, 1};
      push(out, is_inner(plan_, peer, flow));
    }
  }

  const HostPlan& plan_;
  const Layout& layout_;
  std::vector<XfrmPolicy>& policies_;
};

}  // namespace

void append_bypasses(const HostPlan& plan, std::vector<XfrmPolicy>& policies) {
  Holes holes(policies, plan);
  for (const auto& bypass : plan.mesh->bypasses) holes.bypass(bypass);
}

void make_policies(const HostPlan& plan, const Layout& layout, std::vector<XfrmPolicy>& policies) {
  policies.clear();
  Links links(plan, layout, policies);
  for (const auto& peer : plan.peers) {
    for (std::uint32_t at = peer.first_flow; at < peer.first_flow + peer.flow_count; ++at) links.add(peer, at);
  }
  append_bypasses(plan, policies);
}

}  // namespace meshctl::strongswan
