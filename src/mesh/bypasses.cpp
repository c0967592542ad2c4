#include "mesh/bypasses.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "mesh/flows.hpp"
#include "mesh/hosts.hpp"
#include "net/protocol.hpp"

namespace meshctl {
namespace {

constexpr Family kFamilies[] = {Family::V4, Family::V6};

/// What one half opens, whoever the other end is.
struct Half {
  std::uint8_t protocol = 0;
  std::uint16_t local_port = 0;
  std::uint16_t remote_port = 0;
  bool asks = false;

  [[nodiscard]] Half other_end() const { return {protocol, remote_port, local_port, !asks}; }
};

/// Who is meant by `user@address:port` of a jump host, where that is no name.
std::optional<Address> address_of_jump(std::string_view jump) {
  jump.remove_prefix(jump.find('@') + 1);  // npos + 1 is 0
  if (jump.starts_with('[')) return Address::parse(jump.substr(1, jump.find(']') - 1));
  if (const auto whole = Address::parse(jump)) return whole;
  return Address::parse(jump.substr(0, jump.rfind(':')));
}

class Expansion {
 public:
  explicit Expansion(const HostPlan& plan) : plan_(plan), self_(plan.self()), lowest_(lowest_priority(plan)) {}

  std::vector<BypassFlow> run() {
    std::uint32_t entry = 0;
    for (const Bypass& bypass : plan_.mesh->bypasses) {
      word_ = bypass.word;
      number_ = entry++;
      add(bypass);
      if (bypass.word == BypassWord::Selector) ++selector_;
    }
    return std::move(out_);
  }

 private:
  void add(const Bypass& bypass) {
    switch (bypass.word) {
      // ICMP types: RFC 4861 (nd), RFC 792 and 4443 (errors). Echo is no error: it stays protected.
      case BypassWord::Nd:
        for (std::int16_t type = 133; type <= 137; ++type) discovery(type);
        break;
      case BypassWord::IcmpErrors:
        for (const std::int16_t type : {std::int16_t{3}, std::int16_t{11}, std::int16_t{12}}) icmp(Family::V4, type);
        for (const std::int16_t type : {std::int16_t{1}, std::int16_t{2}, std::int16_t{3}, std::int16_t{4}})
          icmp(Family::V6, type);
        break;
      // One port at each end: a source port reaches no port but its own.
      case BypassWord::Ike:
        if (!mesh_uses_ike()) break;
        for (const std::uint16_t port : {std::uint16_t{500}, std::uint16_t{4500}}) {
          for (const Family family : kFamilies) everywhere(family, {kUdp, port, port});
        }
        break;
      case BypassWord::Icmp:
        icmp(Family::V4, kAnyIcmp);
        icmp(Family::V6, kAnyIcmp);
        break;
      case BypassWord::Dhcp:  // client and server, of one port each
        everywhere(Family::V4, {kUdp, 68, 67});
        everywhere(Family::V4, {kUdp, 67, 68});
        everywhere(Family::V6, {kUdp, 546, 547});
        everywhere(Family::V6, {kUdp, 547, 546});
        break;
      case BypassWord::SshController: ssh(bypass); break;
      case BypassWord::Selector: selector(bypass); break;
    }
  }

  /// Asked of the mesh: the two ends of a link must have the same holes.
  [[nodiscard]] bool mesh_uses_ike() const {
    const auto& terms = plan_.mesh->terms;
    return std::any_of(terms.begin(), terms.end(), [](const Terms& one) { return one.uses_ike(); });
  }

  // ------------------------------------------------------------------------------------ words without two roles

  void discovery(std::int16_t type) {
    BypassFlow flow;
    flow.protocol = kIcmp6;
    flow.icmp_type = type;
    flow.place = BypassPlace::First;
    flow.local = flow.remote = Prefix::all(Family::V6);
    flow.order = static_cast<std::uint32_t>(type - 133);
    push(flow);
  }
  void icmp(Family family, std::int16_t type) { everywhere(family, {family == Family::V4 ? kIcmp : kIcmp6}, type); }
  void everywhere(Family family, const Half& half, std::int16_t icmp_type = kAnyIcmp) {
    BypassFlow flow = flow_of(half);
    flow.icmp_type = icmp_type;
    flow.local = flow.remote = Prefix::all(family);
    flow.order = order_++;
    push(flow);
  }

  // ------------------------------------------------------------------------------------------- words with roles

  /// sshd of this host, for the controller, and for the jump host that it comes through. A host that is one of these
  /// has the other half, towards those that it logs in to.
  void ssh(const Bypass& bypass) {
    const Half serves{kTcp, self_.ssh.port, 0, false};
    if (self_.managed) {
      open(bypass.peers, serves);
      through_jump(serves);
    }
    ++order_;
    const auto ask = [](const Host& target) { return Half{kTcp, 0, target.ssh.port, true}; };
    for (const Prefix& peer : bypass.peers) mirror(peer, ask);
    for (const Host& target : plan_.mesh->hosts) {
      if (&target != &self_ && target.managed && target.ssh.jump == self_.name) towards(target, ask(target));
    }
    ++order_;
  }

  /// {protocol: udp, port: 123, role: server, peers: […]}
  void selector(const Bypass& bypass) {
    const Half half = bypass.role == BypassRole::Client && bypass.port != 0
                          ? Half{bypass.protocol, 0, bypass.port, true}
                          : Half{bypass.protocol, bypass.port, 0, false};
    if (bypass.port == 0 && bypass.peers.empty()) {  // all of a protocol: there is no server
      for (const Family family : kFamilies) {
        if (fits_family(bypass.protocol, family)) everywhere(family, half);
      }
      return;
    }
    open(bypass.peers, half);
    ++order_;
    for (const Prefix& peer : bypass.peers) mirror(peer, [&](const Host&) { return half.other_end(); });
    ++order_;
  }

  /// Towards whom the entry names: addresses before the links of hosts, networks and everybody behind them.
  void open(const std::vector<Prefix>& peers, const Half& half) {
    if (peers.empty()) {
      for (const Family family : kFamilies) behind_hosts(half, Prefix::all(family));
    }
    for (const Prefix& peer : peers) {
      if (!peer.is_host()) {
        behind_hosts(half, peer);
      } else if (!own(peer.address)) {
        from_own(half, seen_as(peer.address));
      }
    }
  }

  void behind_hosts(const Half& half, const Prefix& remote) {
    BypassFlow flow = flow_of(half);
    flow.place = BypassPlace::ByRank;
    flow.remote = remote;
    flow.rank = rank_behind_hosts(remote.family(), lowest_, 2 * number_ + (half.asks ? 1 : 0));
    local_sides(flow);
  }

  void from_own(const Half& half, const std::optional<Address>& remote) {
    if (!remote) return;
    BypassFlow flow = flow_of(half);
    flow.remote = Prefix::host(*remote);
    flow.order = order_;
    local_sides(flow);
  }

  /// `peer` names this very host: it has the other end's half, towards the hosts that it has links with. Others have no
  /// policy that stands in the way.
  template <typename HalfFor>
  void mirror(const Prefix& peer, const HalfFor& half_for) {
    const auto local = peer.is_host() ? own(peer.address) : std::nullopt;
    if (!local) return;
    for (const PeerPlan& link : plan_.peers) {
      const Host& other = plan_.peer(link);
      if (word_ == BypassWord::SshController && !other.managed) continue;
      for (const AddressPair& pair : plan_.pairs_of(link)) {
        if (pair.local == *local) between(half_for(other), pair);
      }
    }
  }

  /// Between this host and one that it logs in to, or that logs in to it.
  void towards(const Host& other, const Half& half) {
    const auto is_it = [&](const PeerPlan& link) { return &plan_.peer(link) == &other; };
    const auto link = std::find_if(plan_.peers.begin(), plan_.peers.end(), is_it);
    if (link == plan_.peers.end()) {
      for (const Address& address : other.addresses) from_own(half, address);
    } else {
      for (const AddressPair& pair : plan_.pairs_of(*link)) between(half, pair);
    }
  }

  void through_jump(const Half& half) {
    if (self_.ssh.jump.empty()) return;
    const auto& hosts = plan_.mesh->hosts;
    const auto jump = std::find_if(hosts.begin(), hosts.end(), [&](const Host& h) { return h.name == self_.ssh.jump; });
    if (jump != hosts.end()) {
      towards(*jump, half);
    } else {
      from_own(half, address_of_jump(self_.ssh.jump));
    }
  }

  void between(const Half& half, const AddressPair& pair) {
    if (pair.local.unspecified() || pair.remote.unspecified()) return;  // nobody can say to whom it would be open
    BypassFlow flow = flow_of(half);
    flow.local = Prefix::host(pair.local);
    flow.remote = Prefix::host(pair.remote);
    flow.order = order_;
    push(flow);
  }

  // -------------------------------------------------------------------------------------------------- addresses

  /// The address of this host that others know as `address`.
  [[nodiscard]] std::optional<Address> own(const Address& address) const {
    const auto& all = self_.addresses;
    if (std::find(all.begin(), all.end(), address) != all.end()) return address;
    if (self_.public_address != address) return std::nullopt;
    const Address* inside = first_of(all, address.family());
    return inside != nullptr ? std::optional(*inside) : std::nullopt;
  }

  /// What packets of `address` have as their source when they come here. nullopt: a linked host that could not answer
  /// in clear, since it does not know where we are.
  [[nodiscard]] std::optional<Address> seen_as(const Address& address) const {
    for (const PeerPlan& link : plan_.peers) {
      const Host& peer = plan_.peer(link);
      const auto& all = peer.addresses;
      const bool its = std::find(all.begin(), all.end(), address) != all.end();
      if (!its && peer.public_address != address) continue;
      if (self_.dynamic) return std::nullopt;
      if (!its || !peer.public_address || peer.public_address->family() != address.family()) return address;
      for (const AddressPair& pair : plan_.pairs_of(link)) {
        if (pair.remote.family() == address.family()) return pair.remote;
      }
    }
    return address;
  }

  /// A host serves, or asks, with its own addresses: what it forwards is none of it.
  void local_sides(BypassFlow& flow) {
    const Family family = flow.remote.family();
    if (self_.dynamic) {
      flow.local = Prefix::all(family);
      return push(flow);
    }
    for (const Address& address : self_.addresses) {
      if (address.family() != family) continue;
      flow.local = Prefix::host(address);
      push(flow);
    }
    const auto logged_in_to = Address::parse(self_.ssh.address);
    const bool more = logged_in_to && logged_in_to->family() == family && word_ == BypassWord::SshController;
    if (!more || own(*logged_in_to)) return;
    flow.local = Prefix::host(*logged_in_to);
    push(flow);
  }

  [[nodiscard]] BypassFlow flow_of(const Half& half) const {
    BypassFlow flow;
    flow.protocol = half.protocol;
    flow.local_port = half.local_port;
    flow.remote_port = half.remote_port;
    flow.asks = half.asks;
    return flow;
  }

  void push(BypassFlow& flow) {
    if (!plan_.uses(flow.local.family()) || !fits_family(flow.protocol, flow.local.family())) return;
    flow.word = word_;
    flow.selector = selector_;
    const auto key =
        std::tuple(flow.local, flow.remote, flow.protocol, flow.local_port, flow.remote_port, flow.icmp_type);
    if (keys_.insert(key).second) out_.push_back(flow);
  }

  /// The least `priority` of a link between two hosts, at most 0.
  static int lowest_priority(const HostPlan& plan) {
    int lowest = 0;
    for (const PeerPlan& peer : plan.peers) {
      for (const Flow& flow : plan.flows_of(peer)) {
        const bool hosts = flow.rank >= kHoleRank && flow.local.is_host() && flow.remote.is_host();
        if (hosts) lowest = std::min(lowest, peer.terms->priority);
      }
    }
    return lowest;
  }

  const HostPlan& plan_;
  const Host& self_;
  int lowest_;
  BypassWord word_ = BypassWord::Nd;
  std::uint32_t number_ = 0;
  std::uint32_t selector_ = 0;
  std::uint32_t order_ = 0;
  // Two entries may ask for the same.
  std::set<std::tuple<Prefix, Prefix, std::uint8_t, std::uint16_t, std::uint16_t, std::int16_t>> keys_;
  std::vector<BypassFlow> out_;
};

}  // namespace

std::vector<BypassFlow> bypass_flows(const HostPlan& plan) { return Expansion(plan).run(); }

}  // namespace meshctl
