// Holes of the mesh -> security policies.
#include <algorithm>
#include <set>
#include <utility>

#include "backend/racoon/host_files.hpp"

namespace meshctl::racoon {
namespace {

/// Whose traffic the holes of a host are for. racoon's own policies, which it makes for peers of unknown address, stand
/// at `def`, behind the holes: so that what those tunnels carry does not leave in clear, the holes of their gateway are
/// for its own addresses alone.
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

/// Collects holes of one host: each in both directions, none twice.
class Holes {
 public:
  Holes(Family family, std::vector<Prefix> sources) : family_(family), sources_(std::move(sources)) {}

  /// `source` and `destination` are those of an outgoing packet.
  void add(std::uint32_t priority, std::uint8_t protocol, std::uint16_t source, std::uint16_t destination) {
    spd::Policy policy;
    policy.direction = spd::Direction::Out;
    policy.action = spd::Action::None;
    policy.priority = priority;
    for (const Prefix& local : sources_) {
      policy.selector = {local, Prefix::all(family_), protocol, source, destination};
      for (const spd::Policy& wanted : {policy, spd::reversed(policy)}) {
        if (keys_.insert({wanted.selector, wanted.direction}).second) policies_.push_back(wanted);
      }
    }
  }
  /// A port of either end. The two overlap where both ends use it, so they get two priorities.
  void add_port(std::uint32_t priority, std::uint8_t protocol, std::uint16_t port) {
    add(priority, protocol, port, 0);
    if (port != 0) add(priority + 1, protocol, 0, port);
  }
  std::vector<spd::Policy> take() { return std::move(policies_); }

 private:
  Family family_;
  std::vector<Prefix> sources_;
  std::vector<spd::Policy> policies_;
  std::set<std::pair<spd::Selector, spd::Direction>> keys_;
};

constexpr std::uint32_t high(std::uint32_t count) { return spd::kPrioHigh - count; }  // `prio high + count`

void add_word(const Bypass& bypass, Family family, std::uint32_t index, Holes& holes) {
  const bool v4 = family == Family::V4;
  switch (bypass.word) {
    case BypassWord::Nd:
      if (v4) return;  // ARP is no IP
      for (std::uint16_t type = 133; type <= 137; ++type) holes.add(kDiscoveryPriority, spd::kIcmp6, type, 0);
      return;
    case BypassWord::IcmpErrors:
      for (const std::uint16_t type :
           v4 ? std::vector<std::uint16_t>{3, 11, 12} : std::vector<std::uint16_t>{1, 2, 3, 4}) {
        holes.add(high(600), v4 ? spd::kIcmp : spd::kIcmp6, type, 0);
      }
      return;
    case BypassWord::Ike:
      for (const std::uint16_t port : {std::uint16_t{500}, std::uint16_t{4500}}) {
        holes.add(high(500), spd::kUdp, port, port);
      }
      return;
    case BypassWord::Icmp: holes.add(high(400), v4 ? spd::kIcmp : spd::kIcmp6, 0, 0); return;
    case BypassWord::Dhcp: {
      const std::uint16_t client = v4 ? 68 : 546;
      const std::uint16_t server = v4 ? 67 : 547;
      holes.add(high(300), spd::kUdp, client, server);
      holes.add(high(300), spd::kUdp, server, client);
      return;
    }
    // The controller's address is not known here, so the service itself is the hole, at both ends: a host that only
    // opened its own port could not reach its neighbours' any more.
    case BypassWord::SshController: holes.add_port(high(200), spd::kTcp, 22); return;
    case BypassWord::Selector: holes.add_port(spd::kPrioHigh + 1 + 2 * index, bypass.protocol, bypass.port); return;
  }
}

}  // namespace

std::vector<spd::Policy> bypass_policies(const HostPlan& plan) {
  std::vector<spd::Policy> all;
  for (const Family family : {Family::V4, Family::V6}) {
    Holes holes(family, sources_of(plan, family));
    std::uint32_t index = 0;
    for (const Bypass& bypass : plan.mesh->bypasses) {
      add_word(bypass, family, index, holes);
      if (bypass.word == BypassWord::Selector) ++index;
    }
    const std::vector<spd::Policy> found = holes.take();
    all.insert(all.end(), found.begin(), found.end());
  }
  return all;
}

}  // namespace meshctl::racoon
