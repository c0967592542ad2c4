// Links -> security policies.
#include <algorithm>
#include <string>

#include "backend/racoon/host_files.hpp"
#include "mesh/flows.hpp"

namespace meshctl::racoon {
namespace {

/// What packets get, in the order in which they get it. The first one makes the tunnel; what comes after it goes around
/// the tunnel's packets, between the same two ends.
void add_requests(const Terms& terms, const AddressPair& outer, std::uint16_t unique, spd::Policy& out) {
  const bool inward = out.direction == spd::Direction::In;
  spd::Request request;
  if (terms.mode == Mode::Tunnel) {
    request.encapsulation = spd::Encapsulation::Tunnel;
    request.has_endpoints = true;
    request.source = inward ? outer.remote : outer.local;
    request.destination = inward ? outer.local : outer.remote;
  }
  const auto add = [&](spd::Transform transform, bool optional) {
    request.transform = transform;
    request.level = optional || terms.level == Level::Use ? spd::RequestLevel::Use
                    : unique != 0                         ? spd::RequestLevel::Unique
                                                          : spd::RequestLevel::Require;
    request.unique = request.level == spd::RequestLevel::Unique ? unique : std::uint16_t{0};
    out.add(request);
    request.encapsulation = spd::Encapsulation::Transport;
    request.has_endpoints = false;
    request.source = request.destination = Address();
  };
  // A packet that compression would not make smaller comes without it (RFC 3173, 2.2).
  if (terms.ipcomp) add(spd::Transform::Ipcomp, inward);
  if (terms.protect != Protect::Ah) add(spd::Transform::Esp, false);
  if (terms.protect != Protect::Esp) add(spd::Transform::Ah, false);
}

/// FNV-1a over what names the flow, in 1..kMaxUnique.
std::size_t start_number(std::string_view peer, const Flow& flow) {
  std::string name(peer);
  for (const Prefix& prefix : {flow.local, flow.remote}) {
    name += ' ';
    prefix.append_to(name);
  }
  for (const int part :
       {int{flow.protocol}, int{flow.local_port}, int{flow.remote_port}, int{flow.icmp_type}, int{flow.icmp_code}}) {
    name += ' ';
    append_number(static_cast<std::uint32_t>(part), name);
  }
  std::uint32_t hash = 0x811c9dc5;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x01000193;
  return 1 + hash % kMaxUnique;
}

}  // namespace

std::uint32_t rank_priority(std::uint32_t rank) {
  // Links without a priority of their own stand at `def + 1` (`high + 200000001`) and more.
  const std::uint32_t last = rank_of(Selector{}, 0, 0, 0);
  const std::uint32_t base = rank < kHoleRank ? kInnerPriority : spd::kPrioDef - kHoleRank;
  return base + rank - last - 1;
}

std::uint32_t link_priority(const Flow& flow) { return rank_priority(flow.rank); }

bool known(const PeerPlan& peer, const Flow& flow, const AddressPair& outer) {
  if (is_unknown(flow.local) || is_unknown(flow.remote)) return false;
  const bool endpoints = peer.terms->mode == Mode::Tunnel && flow.action == FlowAction::Protect;
  return !endpoints || !(outer.local.unspecified() || outer.remote.unspecified());
}

void fill_link_policy(const PeerPlan& peer, const Flow& flow, const AddressPair& outer, std::uint16_t unique,
                      spd::Direction direction, spd::Policy& out) {
  const bool outward = direction == spd::Direction::Out;
  out.selector.source = outward ? flow.local : flow.remote;
  out.selector.destination = outward ? flow.remote : flow.local;
  out.selector.protocol = flow.protocol;
  out.selector.source_port = outward ? flow.local_port : flow.remote_port;
  out.selector.destination_port = outward ? flow.remote_port : flow.local_port;
  if (flow.icmp_type != kAnyIcmp) {
    out.selector.source_port = static_cast<std::uint16_t>(flow.icmp_type);
    out.selector.destination_port = static_cast<std::uint16_t>(std::max<std::int16_t>(flow.icmp_code, 0));
  }
  out.direction = direction;
  out.priority = link_priority(flow);
  std::fill_n(out.request.begin(), out.request_count, spd::Request{});
  out.request_count = 0;
  out.action = flow.action == FlowAction::Protect ? spd::Action::Ipsec
               : flow.action == FlowAction::None  ? spd::Action::None
                                                  : spd::Action::Discard;
  if (flow.action == FlowAction::Protect) add_requests(*peer.terms, outer, unique, out);
}

std::vector<std::uint16_t> unique_numbers(const HostPlan& plan) {
  const auto wants = [](const PeerPlan& peer) { return peer.terms->level == Level::Unique && peer.terms->protects(); };
  if (std::none_of(plan.peers.begin(), plan.peers.end(), wants)) return {};
  std::vector<std::uint16_t> numbers(plan.flows.size());
  std::vector<bool> taken(kMaxUnique + 1);
  for (const PeerPlan& peer : plan.peers) {
    if (!wants(peer)) continue;
    for (std::uint32_t i = 0; i < peer.flow_count; ++i) {
      const Flow& flow = plan.flows[peer.first_flow + i];
      if (flow.action != FlowAction::Protect) continue;
      std::size_t number = start_number(plan.peer(peer).id, flow);
      // check() has seen to it that there are fewer flows than numbers.
      for (std::size_t tries = 0; tries < kMaxUnique && taken[number]; ++tries) number = number % kMaxUnique + 1;
      taken[number] = true;
      numbers[peer.first_flow + i] = static_cast<std::uint16_t>(number);
    }
  }
  return numbers;
}

bool PolicyWalk::next(spd::Policy& out) {
  while (peer_ < plan_->peers.size()) {
    const PeerPlan& peer = plan_->peers[peer_];
    if (flow_ == peer.flow_count) {
      ++peer_;
      flow_ = 0;
      continue;
    }
    const std::size_t index = peer.first_flow + flow_;
    const Flow& flow = plan_->flows[index];
    const AddressPair& outer = plan_->outer(peer, flow);
    if (!known(peer, flow, outer)) {
      ++flow_;
      continue;
    }
    fill_link_policy(peer, flow, outer, unique_.empty() ? std::uint16_t{0} : unique_[index],
                     inward_ ? spd::Direction::In : spd::Direction::Out, out);
    if (inward_) {
      ++flow_;
    } else {
      note_ = {0, PolicySection::Links, plan_->peer(peer).name, flow.local, flow.remote};
    }
    inward_ = !inward_;
    return true;
  }
  return false;
}

std::vector<spd::Policy> policies_of(const HostPlan& plan) {
  std::vector<spd::Policy> all;
  spd::Policy policy;
  for (PolicyWalk walk(plan); walk.next(policy);) all.push_back(policy);
  const std::vector<spd::Policy> rest = standing_policies(plan);
  all.insert(all.end(), rest.begin(), rest.end());
  return all;
}

}  // namespace meshctl::racoon
