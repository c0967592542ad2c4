#include "mesh/flows.hpp"

#include <algorithm>
#include <tuple>

#include "mesh/hosts.hpp"
#include "net/protocol.hpp"

namespace meshctl {
namespace {

Address unspecified(Family family) { return Prefix::all(family).address; }

/// Both behind one NAT: they reach each other without it.
bool nat_between(const Host& one, const Host& other) { return one.public_address != other.public_address; }

/// The addresses of `host` that packets between it and `other` have, seen at `host` or, past a NAT, at `other`.
void append_addresses(const Host& host, const Host& other, bool seen_by_other, std::vector<Address>& out) {
  if (host.dynamic) {
    out.push_back(unspecified(Family::V4));
    out.push_back(unspecified(Family::V6));
    return;
  }
  if (!host.public_address || !nat_between(host, other)) {
    out.insert(out.end(), host.addresses.begin(), host.addresses.end());
    return;
  }
  // One public address stands for one address inside: the first of its family.
  const Family translated = host.public_address->family();
  bool first = true;
  for (const Address& address : host.addresses) {
    if (address.family() != translated) {
      out.push_back(address);
    } else if (first) {
      out.push_back(seen_by_other ? *host.public_address : address);
      first = false;
    }
  }
}

bool plain(const Host& host) { return !host.dynamic && !host.public_address; }

/// A tunnel of two hosts for themselves: each pair of addresses has its own, as in transport mode.
bool host_to_host(const LinkView& view) {
  const auto alone = [](const Host& host) {
    return plain(host) && host.subnets.empty() && host.inner_addresses.empty();
  };
  return alone(view.self) && alone(view.peer) && !view.terms.outer;
}

/// The two ends of a tunnel of this outer family, or nullopt.
std::optional<AddressPair> tunnel_pair(const LinkView& view, Family family) {
  std::vector<Address> local;
  std::vector<Address> remote;
  append_addresses(view.self, view.peer, false, local);
  append_addresses(view.peer, view.self, true, remote);
  const Address* here = first_of(local, family);
  const Address* there = first_of(remote, family);
  if (here == nullptr || there == nullptr) return std::nullopt;
  return AddressPair{*here, *there};
}

/// Through which outer family inner traffic of `inner` goes.
std::optional<Family> outer_family(const LinkView& view, Family inner, bool v4, bool v6) {
  const auto has = [&](Family family) { return family == Family::V4 ? v4 : v6; };
  if (view.terms.outer) return has(*view.terms.outer) ? view.terms.outer : std::nullopt;
  if (has(inner)) return inner;
  const Family other = inner == Family::V4 ? Family::V6 : Family::V4;
  return has(other) ? std::optional(other) : std::nullopt;
}

Flow make_flow(const LinkView& view, std::size_t index, const Prefix& local, const Prefix& remote, std::size_t pair) {
  const Selector& selector = view.terms.selectors[index];
  Flow flow;
  flow.local = local;
  flow.remote = remote;
  flow.protocol = selector.protocol;
  flow.action = selector.action;
  flow.local_port = view.is_a ? selector.a_port : selector.b_port;
  flow.remote_port = view.is_a ? selector.b_port : selector.a_port;
  flow.icmp_type = selector.icmp_type;
  flow.icmp_code = selector.icmp_code;
  flow.pair = static_cast<std::uint16_t>(pair);
  flow.selector = static_cast<std::uint16_t>(index);
  const auto& a = view.is_a ? local : remote;
  const auto& b = view.is_a ? remote : local;
  flow.rank = rank_of(selector, view.terms.priority, a.length, b.length);
  return flow;
}

/// In transport mode the nets of a selector pick addresses.
bool picks(const std::optional<NetSpec>& net, const Address& address) {
  return !net || net->host || address.unspecified() || net->prefix.contains(address);
}

void append_transport(const LinkView& view, std::span<const AddressPair> pairs, std::vector<Flow>& out) {
  for (std::size_t pair = 0; pair < pairs.size(); ++pair) {
    const auto& [local, remote] = pairs[pair];
    for (std::size_t i = 0; i < view.terms.selectors.size(); ++i) {
      const Selector& selector = view.terms.selectors[i];
      if (!fits_family(selector.protocol, local.family())) continue;
      if (!picks(view.is_a ? selector.a_net : selector.b_net, local)) continue;
      if (!picks(view.is_a ? selector.b_net : selector.a_net, remote)) continue;
      out.push_back(make_flow(view, i, Prefix::host(local), Prefix::host(remote), pair));
      out.back().rank += kHoleRank;
    }
  }
}

/// More than what the ends of the tunnel say to each other themselves.
bool goes_beyond(const LinkView& view, const AddressPair& pair, const Flow& flow) {
  const bool translated = view.peer.public_address == pair.remote && nat_between(view.peer, view.self);
  const Address& there = translated ? *first_of(view.peer.addresses, pair.remote.family()) : pair.remote;
  return flow.local != Prefix::host(pair.local) || flow.remote != Prefix::host(there);
}

/// An outer address of either end stands on both sides of the flow: it takes what that host says to its own network.
bool holds_own_network(const LinkView& view, const Flow& flow) {
  const auto on_both = [&](const Address& own) { return flow.local.contains(own) && flow.remote.contains(own); };
  const auto any_of = [&](const Host& host) {
    if (host.dynamic) return on_both(unspecified(flow.local.family()));
    return std::any_of(host.addresses.begin(), host.addresses.end(), on_both);
  };
  return flow.local.overlaps(flow.remote) && (any_of(view.self) || any_of(view.peer));
}

/// Puts the flows from `begin` on before the bypasses or behind them.
void place_holes(const LinkView& view, std::span<const AddressPair> pairs, std::vector<Flow>& flows,
                 std::size_t begin) {
  const auto own = std::span(flows).subspan(begin);
  // As one, since flows of one link may lie in each other.
  const bool beyond = !view.behind_bypasses && std::any_of(own.begin(), own.end(), [&](const Flow& flow) {
    return goes_beyond(view, pairs[flow.pair], flow);
  });
  for (Flow& flow : own) {
    if (!beyond || holds_own_network(view, flow)) flow.rank += kHoleRank;
  }
}

void append_tunnel(const LinkView& view, std::span<const AddressPair> pairs, std::vector<Flow>& out) {
  const auto own_pair = [&](const Prefix& here, const Prefix& there) {
    const auto found = std::find(pairs.begin(), pairs.end(), AddressPair{here.address, there.address});
    return here.is_host() && there.is_host() ? found : pairs.end();
  };
  const auto pair_of = [&](Family outer) {
    return static_cast<std::size_t>(
        std::find_if(pairs.begin(), pairs.end(), [&](const AddressPair& p) { return p.local.family() == outer; }) -
        pairs.begin());
  };
  const bool v4 = pair_of(Family::V4) != pairs.size();
  const bool v6 = pair_of(Family::V6) != pairs.size();
  std::vector<Prefix> local;
  std::vector<Prefix> remote;
  for (std::size_t i = 0; i < view.terms.selectors.size(); ++i) {
    const Selector& selector = view.terms.selectors[i];
    local.clear();
    remote.clear();
    append_nets(view.self, view.is_a ? selector.a_net : selector.b_net, local);
    append_nets(view.peer, view.is_a ? selector.b_net : selector.a_net, remote);
    for (const Prefix& here : local) {
      for (const Prefix& there : remote) {
        if (here.family() != there.family() || !fits_family(selector.protocol, here.family())) continue;
        const auto outer = outer_family(view, here.family(), v4, v6);
        const auto own = own_pair(here, there);
        if (own != pairs.end()) {
          out.push_back(make_flow(view, i, here, there, static_cast<std::size_t>(own - pairs.begin())));
        } else if (outer) {
          out.push_back(make_flow(view, i, here, there, pair_of(*outer)));
        }
      }
    }
  }
}

/// Who of two that mean the same traffic is heard: the one that says it more exactly, then the exception.
auto weight(const Selector& s) { return std::tuple((s.a_net ? 1 : 0) + (s.b_net ? 1 : 0), s.action); }

/// By pair, then by rank; traffic that two selectors name in different words stays once.
void put_in_order(const LinkView& view, std::vector<Flow>& flows, std::size_t begin) {
  const auto first = flows.begin() + static_cast<std::ptrdiff_t>(begin);
  const auto& selectors = view.terms.selectors;
  std::sort(first, flows.end(), [&](const Flow& x, const Flow& y) {
    const auto place = [](const Flow& f) { return std::tie(f.pair, f.rank, f.local, f.remote, f.protocol); };
    if (place(x) != place(y)) return place(x) < place(y);
    const auto ports = [](const Flow& f) { return std::tie(f.local_port, f.remote_port, f.icmp_type, f.icmp_code); };
    if (ports(x) != ports(y)) return ports(x) < ports(y);
    return weight(selectors[x.selector]) > weight(selectors[y.selector]);
  });
  const auto same = [](const Flow& x, const Flow& y) {
    return std::tie(x.pair, x.rank, x.local, x.remote, x.protocol, x.local_port, x.remote_port, x.icmp_type,
                    x.icmp_code) == std::tie(y.pair, y.rank, y.local, y.remote, y.protocol, y.local_port, y.remote_port,
                                             y.icmp_type, y.icmp_code);
  };
  flows.erase(std::unique(first, flows.end(), same), flows.end());
}

}  // namespace

bool fits_family(std::uint8_t protocol, Family family) {
  return !(protocol == kIcmp && family == Family::V6) && !(protocol == kIcmp6 && family == Family::V4);
}

unsigned specificity(const Selector& s) {
  if (s.b_port != 0) return s.a_port != 0 ? 6 : 5;
  if (s.a_port != 0) return 4;
  if (s.icmp_type != kAnyIcmp) return s.icmp_code != kAnyIcmp ? 3 : 2;
  return s.protocol != 0 ? 1 : 0;
}

namespace {

constexpr std::uint32_t kLengths = 129;
constexpr std::uint32_t kSpecificities = 8;
constexpr std::uint32_t kClasses = std::uint32_t{1} << 19;
static_assert((2 * (kLengths - 1) * kLengths + kLengths) * kSpecificities < kClasses);
static_assert(201 * kClasses < kHoleRank);

std::uint32_t rank_of_value(int priority, std::uint32_t value) {
  return static_cast<std::uint32_t>(100 - priority) * kClasses + (kClasses - 1 - value);
}

}  // namespace

std::uint32_t rank_of(const Selector& selector, int priority, unsigned a_length, unsigned b_length) {
  // The sum orders what lies within another; at one sum, prefixes of one length each are equal or disjoint.
  return rank_of_value(priority,
                       ((a_length + b_length) * kLengths + a_length) * kSpecificities + specificity(selector));
}

std::uint32_t rank_behind_hosts(Family family, int priority, std::uint32_t number) {
  // Below the least value of two host prefixes, above the largest of one that is a bit shorter.
  const std::uint32_t bits = family == Family::V4 ? 32 : 128;
  return kHoleRank + rank_of_value(priority, (2 * bits * kLengths + bits) * kSpecificities - 1 - number);
}

void append_nets(const Host& host, const std::optional<NetSpec>& net, std::vector<Prefix>& out) {
  if (net && !net->host) return out.push_back(net->prefix);
  if (!net && !host.subnets.empty()) {
    out.insert(out.end(), host.subnets.begin(), host.subnets.end());
    return;
  }
  const auto& own = host.inner_addresses.empty() ? host.addresses : host.inner_addresses;
  for (const Address& address : own) out.push_back(Prefix::host(address));
  if (!own.empty() || !host.dynamic) return;
  for (const Family family : {Family::V4, Family::V6}) out.push_back(Prefix::host(unspecified(family)));
}

void append_pairs(const LinkView& view, std::vector<AddressPair>& out) {
  const auto begin = static_cast<std::ptrdiff_t>(out.size());
  if (view.terms.mode == Mode::Transport || host_to_host(view)) {
    if (plain(view.self) && plain(view.peer)) {  // a thousand hosts in full mesh: no lists of their own
      for (const Address& local : view.self.addresses) {
        for (const Address& remote : view.peer.addresses) {
          if (local.family() == remote.family()) out.push_back({local, remote});
        }
      }
    } else {
      std::vector<Address> here;
      std::vector<Address> there;
      append_addresses(view.self, view.peer, false, here);
      append_addresses(view.peer, view.self, true, there);
      for (const Address& local : here) {
        for (const Address& remote : there) {
          if (local.family() == remote.family()) out.push_back({local, remote});
        }
      }
    }
  } else {
    for (const Family family : {Family::V4, Family::V6}) {
      if (view.terms.outer && *view.terms.outer != family) continue;
      if (const auto pair = tunnel_pair(view, family)) out.push_back(*pair);
    }
  }
  std::sort(out.begin() + begin, out.end());  // the order of `addresses:` must not show
}

void append_flows(const LinkView& view, std::span<const AddressPair> pairs, std::vector<Flow>& out) {
  const std::size_t begin = out.size();
  if (view.terms.mode == Mode::Transport) {
    append_transport(view, pairs, out);
    if (view.terms.selectors.size() == 1) return;  // a thousand hosts in full mesh: in order as they are
  } else {
    append_tunnel(view, pairs, out);
    place_holes(view, pairs, out, begin);
  }
  put_in_order(view, out, begin);
}

}  // namespace meshctl
