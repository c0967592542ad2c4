// Links of ends of unknown address -> policies that stop their traffic while there is none for it.
//
// The gateway's racoon makes the policy when the peer comes and deletes it when the peer goes; the peer's own is loaded
// by roaming.sh. The kernel knows a policy by its selector alone: a block with the same one would be replaced by it,
// and go with it. So a flow is blocked in parts that together are all of it.
//
// Towards a gateway there is one thing more: asked for a flow, racoon takes any inward policy with the first address of
// both nets in it for the answer, and refuses if that is not IPsec (cmpspidxwild() of its policy.c).
#include <algorithm>
#include <set>
#include <utility>

#include "backend/racoon/host_files.hpp"

namespace meshctl::racoon {
namespace {

Address with_bit(const Address& address, unsigned index, bool value) {
  std::array<std::uint8_t, 16> bytes = address.bytes();
  const auto mask = static_cast<std::uint8_t>(0x80U >> (index % 8));
  std::uint8_t& byte = bytes[index / 8];
  byte = static_cast<std::uint8_t>(value ? byte | mask : byte & ~mask);
  if (address.family() == Family::V6) return Address::v6(bytes);
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) number = number << 8 | bytes[i];
  return Address::v4(number);
}

class Blocks {
 public:
  explicit Blocks(const HostPlan& plan) : plan_(plan) {
    spd::Policy policy;
    for (const PeerPlan& peer : plan.peers) {
      for (const Flow& flow : plan.flows_of(peer)) {
        fill_link_policy(peer, flow, plan.outer(peer, flow), 0, spd::Direction::Out, policy);
        taken_.insert(policy.selector);
        if (plan.peer(peer).dynamic) firsts_.emplace(flow.remote.address, flow.local.address);
      }
    }
  }

  void add(const PeerPlan& peer, const Flow& flow) {
    // Where the far end is not known, nothing says what to block.
    if (flow.action != FlowAction::Protect || !peer.terms->uses_ike() || is_unknown(flow.remote)) return;
    if (!plan_.peer(peer).dynamic && known(peer, flow, plan_.outer(peer, flow))) return;
    fill_link_policy(peer, flow, plan_.outer(peer, flow), 0, spd::Direction::Out, block_);
    block_.action = spd::Action::Discard;
    block_.request_count = 0;
    block_.request = {};
    block_.priority += spd::kPrioLow - (flow.rank < kHoleRank ? kInnerPriority : spd::kPrioDef);
    spd::Selector whole = block_.selector;
    note_ = {0, PolicySection::Blocks, plan_.peer(peer).name, flow.local, flow.remote};
    if (is_unknown(flow.local)) whole.source = Prefix::all(flow.local.family());
    for (const spd::Direction direction : {spd::Direction::Out, spd::Direction::In}) cover(whole, direction);
  }

  std::vector<spd::Policy> take() { return std::move(policies_); }
  [[nodiscard]] const PolicyNotes& notes() const { return notes_; }

 private:
  /// Selectors are those of a packet that goes out, also of what blocks the answers.
  [[nodiscard]] bool in_the_way(const spd::Selector& part, spd::Direction direction) const {
    if (taken_.contains(part)) return true;
    if (direction == spd::Direction::Out) return false;
    for (auto at = firsts_.lower_bound({part.destination.address, {}});
         at != firsts_.end() && part.destination.contains(at->first); ++at) {
      if (part.source.contains(at->second)) return true;
    }
    return false;
  }

  /// All parts of `whole` that are not in the way. Of two single addresses that are there are none: then, where it
  /// helps, some addresses more at this end.
  void cover(const spd::Selector& whole, spd::Direction direction) {
    if (!in_the_way(whole, direction)) return push(whole, direction);
    for (Prefix spd::Selector::*const side : {&spd::Selector::source, &spd::Selector::destination}) {
      const Prefix& net = whole.*side;
      if (net.is_host()) continue;
      spd::Selector half = whole;
      for (const bool upper : {false, true}) {
        half.*side = {with_bit(net.address, net.length, upper), static_cast<std::uint8_t>(net.length + 1)};
        cover(half, direction);
      }
      return;
    }
    spd::Selector wider = whole;
    for (Prefix& near = wider.source; near.length > 0;) {
      --near.length;
      near.address = with_bit(near.address, near.length, false);
      if (!in_the_way(wider, direction)) return push(wider, direction);
    }
  }

  void push(const spd::Selector& selector, spd::Direction direction) {
    block_.selector = selector;
    const spd::Policy made = direction == spd::Direction::Out ? block_ : spd::reversed(block_);
    if (!blocked_.insert({made.selector, direction}).second) return;
    note_.at = policies_.size();
    add_note(note_, notes_);
    policies_.push_back(made);
  }

  const HostPlan& plan_;
  std::set<spd::Selector> taken_;                 // of links
  std::set<std::pair<Address, Address>> firsts_;  // of the nets between which racoon makes policies: far, near
  std::set<std::pair<spd::Selector, spd::Direction>> blocked_;
  spd::Policy block_;
  PolicyNote note_;  // of the flow that is being blocked
  PolicyNotes notes_;
  std::vector<spd::Policy> policies_;
};

}  // namespace

std::vector<spd::Policy> block_policies(const HostPlan& plan, PolicyNotes* notes) {
  const auto roams = [&](const PeerPlan& peer) { return plan.self().dynamic || plan.peer(peer).dynamic; };
  if (std::none_of(plan.peers.begin(), plan.peers.end(), roams)) return {};
  Blocks blocks(plan);
  for (const PeerPlan& peer : plan.peers) {
    for (const Flow& flow : plan.flows_of(peer)) blocks.add(peer, flow);
  }
  if (notes != nullptr) *notes = blocks.notes();
  return blocks.take();
}

std::vector<spd::Policy> standing_policies(const HostPlan& plan, PolicyNotes* notes) {
  std::vector<spd::Policy> all = block_policies(plan, notes);
  PolicyNotes of_holes;
  const std::vector<spd::Policy> holes = bypass_policies(plan, &of_holes);
  for (PolicyNote& note : of_holes) note.at += all.size();
  if (notes != nullptr) notes->insert(notes->end(), of_holes.begin(), of_holes.end());
  all.insert(all.end(), holes.begin(), holes.end());
  return all;
}

}  // namespace meshctl::racoon
