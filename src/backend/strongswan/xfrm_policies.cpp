// HostPlan -> kernel policies.
#include <algorithm>
#include <utility>

#include "backend/strongswan/xfrm.hpp"
#include "mesh/bypasses.hpp"

namespace meshctl::strongswan {
namespace {

/// There are policies for forwarded packets that the bypasses come before.
bool forwards_behind_bypasses(const HostPlan& plan) {
  return std::any_of(plan.peers.begin(), plan.peers.end(), [&](const PeerPlan& peer) {
    const auto flows = plan.flows_of(peer);
    return std::any_of(flows.begin(), flows.end(),
                       [&](const Flow& flow) { return flow.rank >= kHoleRank && is_inner(plan, peer, flow); });
  });
}

std::uint32_t priority_of(const BypassFlow& flow) {
  switch (flow.place) {
    case BypassPlace::First: return kDiscoveryPriority + flow.order;
    case BypassPlace::BeforeHosts: return kBypassPriority + flow.order;
    case BypassPlace::ByRank: break;
  }
  return rank_priority(flow.rank);
}

XfrmPolicy outward(const BypassFlow& flow) {
  XfrmPolicy out;
  out.policy.direction = spd::Direction::Out;
  out.policy.action = spd::Action::None;
  out.policy.priority = priority_of(flow);
  out.policy.selector = {flow.local, flow.remote, flow.protocol, flow.local_port, flow.remote_port};
  out.icmp_type = flow.icmp_type;
  return out;
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
  Links(const HostPlan& plan, const Layout& layout, std::vector<XfrmPolicy>& policies, PolicyNotes& notes)
      : plan_(plan), layout_(layout), policies_(policies), notes_(notes) {}

  void add(const PeerPlan& peer, std::uint32_t at) {
    const Flow& flow = plan_.flows[at];
    if (is_block(peer, flow)) return;
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
    say(PolicySection::Links, peer, flow);
    push(out, is_inner(plan_, peer, flow));
  }

  /// charon writes its policies for this traffic without a mark. A policy of ours for the same traffic would be
  /// replaced by them, and be gone when they go; two that share all packets between them by one bit of the mark are
  /// others, and so is one from any address. Where the far end is not known, nothing says what to block.
  void block(const PeerPlan& peer, std::uint32_t at) {
    const Flow& flow = plan_.flows[at];
    if (!is_block(peer, flow) || is_unknown(flow.remote)) return;
    say(PolicySection::Blocks, peer, flow);
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

 private:
  [[nodiscard]] bool is_block(const PeerPlan& peer, const Flow& flow) const {
    return flow.action == FlowAction::Protect && charon_owns(plan_, peer, flow);
  }

  void say(PolicySection section, const PeerPlan& peer, const Flow& flow) {
    add_note({policies_.size(), section, plan_.peer(peer).name, flow.local, flow.remote}, notes_);
  }

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

  const HostPlan& plan_;
  const Layout& layout_;
  std::vector<XfrmPolicy>& policies_;
  PolicyNotes& notes_;
};

}  // namespace

void append_bypasses(const HostPlan& plan, std::vector<XfrmPolicy>& policies, PolicyNotes& notes) {
  const bool forwards = forwards_behind_bypasses(plan);
  for (const BypassFlow& flow : bypass_flows(plan)) {
    const XfrmPolicy out = outward(flow);
    XfrmPolicy in = out;
    in.policy = spd::reversed(out.policy);
    add_note({policies.size(), PolicySection::Bypasses, text(flow.word), {}, {}}, notes);
    policies.push_back(out);
    policies.push_back(in);
    if (!forwards || flow.local.is_host()) continue;  // what is for an own address is not forwarded
    in.policy.direction = spd::Direction::Fwd;
    policies.push_back(in);
  }
}

void make_policies(const HostPlan& plan, const Layout& layout, std::vector<XfrmPolicy>& policies, PolicyNotes& notes) {
  policies.clear();
  notes.clear();
  Links links(plan, layout, policies, notes);
  for (const auto step : {&Links::add, &Links::block}) {
    for (const auto& peer : plan.peers) {
      for (std::uint32_t at = peer.first_flow; at < peer.first_flow + peer.flow_count; ++at) (links.*step)(peer, at);
    }
  }
  append_bypasses(plan, policies, notes);
}

}  // namespace meshctl::strongswan
