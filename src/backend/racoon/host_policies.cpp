// Links and holes -> security policies.
#include <algorithm>
#include <set>
#include <utility>

#include "backend/racoon/host_files.hpp"

namespace meshctl::racoon {
namespace {

// Two policies of one link and class are equal or disjoint; policies of two links are disjoint by their addresses. So
// the class alone keeps overlapping policies apart, and the more specific one comes first.
std::uint32_t link_priority(const LocalSelector& selector) {
  std::uint32_t rank = 1;                                // any
  if (selector.protocol != spd::kAnyProtocol) rank = 2;  // tcp
  if (selector.remote_port != 0) rank = 3;               // tcp, their port 80
  if (selector.local_port != 0) rank = 4;                // tcp, our port 22
  if (selector.local_port != 0 && selector.remote_port != 0) rank = 5;
  return spd::kPrioDef - rank * 100;
}

/// Collects holes of one host: each in both directions, none twice.
class Holes {
 public:
  explicit Holes(Family family) : family_(family) {}

  /// `source` and `destination` are those of an outgoing packet. `rank` counts towards later.
  void add(std::uint32_t rank, std::uint8_t protocol, std::uint16_t source, std::uint16_t destination) {
    spd::Policy policy;
    policy.selector = {Prefix::all(family_), Prefix::all(family_), protocol, source, destination};
    policy.direction = spd::Direction::Out;
    policy.action = spd::Action::None;
    policy.priority = spd::kPrioHigh + rank;
    for (const spd::Policy& wanted : {policy, spd::reversed(policy)}) {
      if (keys_.insert({wanted.selector, wanted.direction}).second) policies_.push_back(wanted);
    }
  }
  /// A port of either end. The two overlap where both ends use it, so they get two priorities.
  void add_port(std::uint32_t rank, std::uint8_t protocol, std::uint16_t port) {
    add(rank, protocol, port, 0);
    if (port != 0) add(rank + 1, protocol, 0, port);
  }
  std::vector<spd::Policy> take() { return std::move(policies_); }

 private:
  Family family_;
  std::vector<spd::Policy> policies_;
  std::set<std::pair<spd::Selector, spd::Direction>> keys_;
};

constexpr std::uint32_t before(std::uint32_t count) { return 0u - count; }  // `prio high + count`

void add_word(const Bypass& bypass, Family family, std::uint32_t index, Holes& holes) {
  const bool v4 = family == Family::V4;
  switch (bypass.word) {
    case BypassWord::Nd:
      if (v4) return;  // ARP is no IP
      for (std::uint16_t type = 133; type <= 137; ++type) holes.add(before(700), spd::kIcmp6, type, 0);
      return;
    case BypassWord::IcmpErrors:
      for (const std::uint16_t type :
           v4 ? std::vector<std::uint16_t>{3, 11, 12} : std::vector<std::uint16_t>{1, 2, 3, 4}) {
        holes.add(before(600), v4 ? spd::kIcmp : spd::kIcmp6, type, 0);
      }
      return;
    case BypassWord::Ike:
      for (const std::uint16_t port : {std::uint16_t{500}, std::uint16_t{4500}}) {
        holes.add(before(500), spd::kUdp, port, port);
      }
      return;
    case BypassWord::Icmp: holes.add(before(400), v4 ? spd::kIcmp : spd::kIcmp6, 0, 0); return;
    case BypassWord::Dhcp: {
      const std::uint16_t client = v4 ? 68 : 546;
      const std::uint16_t server = v4 ? 67 : 547;
      holes.add(before(300), spd::kUdp, client, server);
      holes.add(before(300), spd::kUdp, server, client);
      return;
    }
    // The controller's address is not known here, so the service itself is the hole, at both ends: a host that only
    // opened its own port could not reach its neighbours' any more.
    case BypassWord::SshController: holes.add_port(before(200), spd::kTcp, 22); return;
    case BypassWord::Selector: holes.add_port(1 + 2 * index, bypass.protocol, bypass.port); return;
  }
}

}  // namespace

void fill_link_policy(const PeerPlan& peer, const AddressPair& pair, const LocalSelector& selector,
                      spd::Direction direction, spd::Policy& out) {
  const bool outward = direction == spd::Direction::Out;
  const Address& source = outward ? pair.local : pair.remote;
  const Address& destination = outward ? pair.remote : pair.local;
  out.selector.source = Prefix::host(source);
  out.selector.destination = Prefix::host(destination);
  out.selector.protocol = selector.protocol;
  out.selector.source_port = outward ? selector.local_port : selector.remote_port;
  out.selector.destination_port = outward ? selector.remote_port : selector.local_port;
  out.direction = direction;
  out.action = spd::Action::Ipsec;
  out.priority = link_priority(selector);
  spd::Request request;
  request.level = peer.terms->level == Level::Use ? spd::RequestLevel::Use : spd::RequestLevel::Require;
  if (peer.terms->mode == Mode::Tunnel) {
    request.encapsulation = spd::Encapsulation::Tunnel;
    request.has_endpoints = true;
    request.source = source;
    request.destination = destination;
  }
  out.request_count = 0;
  out.add(request);
}

std::vector<spd::Policy> bypass_policies(const Mesh& mesh, const Host& host) {
  std::vector<spd::Policy> all;
  for (const Family family : {Family::V4, Family::V6}) {
    // No policy for a family that the host does not use: its kernel may lack it, and would refuse the file.
    const auto uses = [family](const Address& address) { return address.family() == family; };
    if (std::none_of(host.addresses.begin(), host.addresses.end(), uses)) continue;
    Holes holes(family);
    std::uint32_t index = 0;
    for (const Bypass& bypass : mesh.bypasses) {
      add_word(bypass, family, index, holes);
      if (bypass.word == BypassWord::Selector) ++index;
    }
    const std::vector<spd::Policy> found = holes.take();
    all.insert(all.end(), found.begin(), found.end());
  }
  return all;
}

bool PolicyWalk::next(spd::Policy& out) {
  while (peer_ < plan_->peers.size()) {
    const PeerPlan& peer = plan_->peers[peer_];
    if (pair_ == peer.pair_count) {
      ++peer_;
      pair_ = 0;
    } else if (selector_ == peer.selector_count) {
      ++pair_;
      selector_ = 0;
    } else {
      fill_link_policy(peer, plan_->pairs_of(peer)[pair_], plan_->selectors_of(peer)[selector_],
                       inward_ ? spd::Direction::In : spd::Direction::Out, out);
      if (inward_) ++selector_;
      inward_ = !inward_;
      return true;
    }
  }
  return false;
}

std::vector<spd::Policy> policies_of(const HostPlan& plan) {
  std::vector<spd::Policy> all;
  spd::Policy policy;
  for (PolicyWalk walk(plan); walk.next(policy);) all.push_back(policy);
  const std::vector<spd::Policy> holes = bypass_policies(*plan.mesh, plan.self());
  all.insert(all.end(), holes.begin(), holes.end());
  return all;
}

}  // namespace meshctl::racoon
