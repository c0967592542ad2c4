#include "verify/swan_host.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "backend/strongswan/xfrm.hpp"
#include "base/sources.hpp"

namespace meshctl::verify {
namespace {

using strongswan::SwanChild;
using strongswan::SwanConnection;

/// The parsers of strongSwan's files number their file themselves: leaves them the number that this file has.
Sources numbered(std::size_t index) {
  Sources out;
  while (index-- > 0) out.add({}, {});
  return out;
}

/// charon's own numbers: the more a policy says, the earlier it is asked; pass and drop come before protection.
/// Source: get_priority() in kernel_netlink_ipsec.c.
std::uint32_t charon_priority(const spd::Selector& selector, bool shunt) {
  std::uint32_t out = shunt ? 200000 : 400000;
  out -= (selector.source.length + selector.destination.length) * 256U;
  if (selector.source_port != 0 || selector.destination_port != 0) out -= 2;
  if (selector.protocol != 0) out -= 1;
  return out;
}

/// Rules have 0 for "any" type and code; the type 0 (echo reply) gets a number that no other has.
PlacedPolicy placed(const strongswan::XfrmPolicy& from, const Spot& where) {
  constexpr std::uint16_t kZero = 256;
  const auto number = [](std::int16_t value) {
    if (value == kAnyIcmp) return std::uint16_t{0};
    return value == 0 ? kZero : static_cast<std::uint16_t>(value);
  };
  PlacedPolicy out{from.policy, from.reqid, where};
  if (from.icmp_type != kAnyIcmp) {
    out.policy.selector.source_port = number(from.icmp_type);
    out.policy.selector.destination_port = number(from.icmp_code);
  }
  return out;
}

Address unspecified(Family family) { return family == Family::V4 ? Address::v4(0) : Address::v6({}); }

spd::Request request_of(const SwanChild& child, const Address& local, const Address& remote) {
  spd::Request out;
  out.transform = child.ah_proposals.empty() ? spd::Transform::Esp : spd::Transform::Ah;
  out.encapsulation = child.mode == "tunnel" ? spd::Encapsulation::Tunnel : spd::Encapsulation::Transport;
  out.has_endpoints = child.mode == "tunnel";
  out.source = local;
  out.destination = remote;
  return out;
}

bool tunnels(const Rule& rule) {
  return std::any_of(rule.steps.begin(), rule.steps.end(), [](const Step& step) { return step.tunnel; });
}

/// Has each tunnel into a net of ours its `fwd` policy, and does that ask for the same?
void judge_forwarding(Rules& rules) {
  for (Rule& in : rules.list) {
    const bool into_net = in.destination.kind == Reach::Kind::Net && !in.destination.net.is_host();
    if (in.direction != spd::Direction::In || !into_net || !tunnels(in)) continue;
    const auto at = std::find_if(rules.list.begin(), rules.list.end(), [&](const Rule& other) {
      return other.direction == spd::Direction::Fwd && other.source == in.source &&
             other.destination == in.destination && other.protocol == in.protocol &&
             other.source_port == in.source_port && other.destination_port == in.destination_port;
    });
    const bool same = at != rules.list.end() && at->action == in.action && at->steps == in.steps;
    in.forwarded = at == rules.list.end() ? Forwarded::Nothing : same ? Forwarded::Same : Forwarded::Other;
  }
}

std::int64_t place_key(const Spot& spot) { return (std::int64_t{spot.file} << 32) + spot.line; }

bool swanctl_file(std::string_view path) {
  if (path == "/etc/swanctl/swanctl.conf") return true;
  return path.starts_with("/etc/swanctl/conf.d/") && path.ends_with(".conf");
}

}  // namespace

Spot spot_of(const strongswan::Place& place) {
  return {static_cast<std::uint16_t>(place.range.file), static_cast<std::int32_t>(place.range.line)};
}

void SwanHost::read() {
  read_connections();
  index_connections();
  const PolicySet policies(read_policies());
  view_.strongswan = !files_.empty();
  policies.find_ties(sink_);
  for (const PolicySet::Link& link : policies.links()) add_link(policies, link);
  add_anyone(policies);
}

void SwanHost::read_connections() {
  for (std::size_t index = 0; index < tree_.files.size(); ++index) {
    const TreeFile& file = tree_.files[index];
    if (!swanctl_file(file.path)) continue;
    Sources sources = numbered(index);
    files_.push_back(strongswan::parse_swanctl(file.name, file.content, sources, sink_));
    view_.files[index].secret = !files_.back().secrets.empty();
    includes(files_.back(), file.path);
    if (!view_.policy_file.known()) view_.policy_file.file = static_cast<std::uint16_t>(index + 1);
  }
}

/// A pattern that matches nothing is nothing to charon; a name is a file that somebody counts on.
void SwanHost::includes(const strongswan::SwanFile& file, std::string_view path) {
  for (const NamedFile& named : strongswan::named_files(file, path.substr(0, path.rfind('/') + 1))) {
    if (!named.include || named.path.find_first_of("*?[") != std::string::npos) continue;
    if (!named.path.starts_with("/etc/swanctl/")) continue;  // not read: nothing is known of it
    if (tree_.find(named.path) != HostTree::npos) continue;
    sink_.error("E7010", named.where, fmt::format("no file matches '{}'", named.path))
        .with_hint("copy it into the folder, at its live path");
  }
}

void SwanHost::index_connections() {
  for (const strongswan::SwanFile& file : files_) {
    for (const SwanConnection& connection : file.connections) {
      const auto locals = read_addresses(connection.local_addrs);
      for (const Address& local : locals) view_.addresses.push_back(local);
      for (const Address& remote : read_addresses(connection.remote_addrs)) {
        for (const Address& local : locals) by_pair_[{local, remote}].push_back(&connection);
        if (locals.empty()) by_pair_[{{}, remote}].push_back(&connection);
      }
      for (const SwanChild& child : connection.children) {
        if (child.policies) by_place_[place_key(spot_of(child.where))] = {&connection, &child};
        if (child.reqid == 0) continue;
        const auto [at, fresh] = by_reqid_.try_emplace(child.reqid, ChildAt{&connection, &child});
        if (fresh) continue;
        sink_.error("E7013", child.where.range, fmt::format("two children have the reqid {}", child.reqid))
            .note(at->second.child->where.range, "the other one")
            .with_hint("packets of one would leave through the other's SAs: give each its own");
      }
    }
    for (const strongswan::SwanSecret& secret : file.secrets) {
      if (secret.ids.empty()) secrets_for_all_.push_back(&secret);
      for (const std::string& id : secret.ids) secrets_[read_id(id).value].push_back(&secret);
    }
  }
}

std::vector<PlacedPolicy> SwanHost::read_policies() {
  std::vector<PlacedPolicy> out;
  for (std::size_t index = 0; index < tree_.files.size(); ++index) {
    const TreeFile& file = tree_.files[index];
    if (!file.path.ends_with(".xfrm")) continue;
    if (file.path.ends_with("/states.xfrm")) {
      read_states(index);
      continue;
    }
    Sources sources = numbered(index);
    const auto policies = strongswan::parse_xfrm(file.name, file.content, sources, sink_);
    view_.policy_file.file = static_cast<std::uint16_t>(index + 1);
    std::int32_t line = 0;
    std::size_t next = 0;
    for (std::string_view rest = file.content; !rest.empty() && next < policies.size();) {
      const std::size_t end = rest.find('\n');
      ++line;
      if (rest.starts_with("xfrm ")) {
        // With a mark stand only the blocks beneath what charon makes for peers that may come from anywhere.
        if (policies[next].mark.mask == 0) {
          out.push_back(placed(policies[next], {static_cast<std::uint16_t>(index + 1), line}));
        }
        ++next;
      }
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    }
  }
  for (const strongswan::SwanFile& file : files_) {
    for (const SwanConnection& connection : file.connections) {
      for (const SwanChild& child : connection.children) {
        if (child.mode == "pass" || child.mode == "drop") {
          add_shunts(child, out);
        } else if (child.policies) {
          add_own_policies(connection, child, out);
        }
      }
    }
  }
  return out;
}

void SwanHost::read_states(std::size_t index) {
  view_.files[index].secret = true;
  std::int32_t line = 0;
  for (std::string_view rest = tree_.files[index].content; !rest.empty();) {
    const std::size_t end = rest.find('\n');
    manual_.add_line(rest.substr(0, end), {static_cast<std::uint16_t>(index + 1), ++line});
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  }
}

/// The trap policies that charon installs for a child.
void SwanHost::add_own_policies(const SwanConnection& connection, const SwanChild& child,
                                std::vector<PlacedPolicy>& out) const {
  auto locals = read_addresses(connection.local_addrs);
  const auto remotes = read_addresses(connection.remote_addrs);
  if (remotes.empty()) return;
  if (locals.empty()) locals.push_back(unspecified(remotes.front().family()));  // whatever it then has
  for (const TrafficSelector& local : read_traffic_selectors(child.local_ts).list) {
    for (const TrafficSelector& remote : read_traffic_selectors(child.remote_ts).list) {
      spd::Policy policy;
      policy.selector.source = local.net ? *local.net : Prefix::host(locals.front());
      policy.selector.destination = remote.net ? *remote.net : Prefix::host(remotes.front());
      if (policy.selector.source.family() != policy.selector.destination.family()) continue;
      policy.selector.protocol = local.protocol != 0 ? local.protocol : remote.protocol;
      policy.selector.source_port = local.port;
      policy.selector.destination_port = remote.port;
      policy.priority = child.priority != 0 ? child.priority : charon_priority(policy.selector, false);
      policy.action = spd::Action::Ipsec;
      policy.add(request_of(child, locals.front(), remotes.front()));
      out.push_back({policy, child.reqid, spot_of(child.where)});
      policy = spd::reversed(policy);
      policy.direction = spd::Direction::In;
      out.push_back({policy, child.reqid, spot_of(child.where)});
      if (child.mode != "tunnel") continue;
      policy.direction = spd::Direction::Fwd;
      out.push_back({policy, child.reqid, spot_of(child.where)});
    }
  }
}

/// The pass or drop policies that charon installs for a child.
void SwanHost::add_shunts(const SwanChild& child, std::vector<PlacedPolicy>& out) const {
  for (const spd::Selector& selector : strongswan::shunt_selectors(child.local_ts, child.remote_ts)) {
    spd::Policy policy;
    policy.selector = selector;
    policy.priority = child.priority != 0 ? child.priority : charon_priority(selector, true);
    policy.action = child.mode == "pass" ? spd::Action::None : spd::Action::Discard;
    out.push_back({policy, child.reqid, spot_of(child.where)});
    policy = spd::reversed(policy);
    for (const spd::Direction direction : {spd::Direction::In, spd::Direction::Fwd}) {
      policy.direction = direction;
      out.push_back({policy, child.reqid, spot_of(child.where)});
    }
  }
}

const SwanHost::ChildAt* SwanHost::child_for(const PlacedPolicy& policy) const {
  const auto own = by_place_.find(place_key(policy.where));
  if (own != by_place_.end()) return &own->second;
  const auto tied = by_reqid_.find(policy.reqid);
  return policy.reqid != 0 && tied != by_reqid_.end() ? &tied->second : nullptr;
}

const SwanConnection* SwanHost::connection_for(const PolicySet& policies, const PolicySet::Link& link, LinkEnd& end) {
  auto at = by_pair_.find(link.pair);
  if (at == by_pair_.end()) at = by_pair_.find({{}, link.pair.remote});
  if (at == by_pair_.end()) return nullptr;
  end.choice = Choice::One;
  for (const std::uint32_t index : link.policies) {  // the one whose child the policies are tied to
    const ChildAt* tied = child_for(policies[index]);
    if (tied == nullptr) continue;
    if (std::find(at->second.begin(), at->second.end(), tied->connection) != at->second.end()) return tied->connection;
  }
  return at->second.front();
}

void SwanHost::add_link(const PolicySet& policies, const PolicySet::Link& link) {
  LinkEnd& end = view_.links.emplace_back();
  end.local = link.pair.local;
  end.remote = link.pair.remote;
  end.policy = policies[link.policies.front()].where;
  policies.direct_rules(link, end.policy, direct_);
  judge_forwarding(direct_);
  policies.general_rules(link, key_);
  policies.general_rules(link, key_, general_);
  end.general = caches_.general.put(general_);
  const SwanConnection* connection = connection_for(policies, link, end);
  if (connection != nullptr) {
    end.ike = spot_of(connection->where);
    fill_phase1(*connection, end);
    fill_identities(*connection, link.pair, end);
    fill_keys(*connection, end);
    fill_psk(*connection, end);
  }
  if (connection == nullptr && manual_.fill(prints_, end)) {
    end.direct = caches_.direct.put(direct_);
    return;
  }
  fill_children(policies, link, end);
  end.direct = caches_.direct.put(direct_);
}

void read_strongswan(const HostTree& tree, Fingerprinter& prints, TableCaches& caches, HostView& view, DiagSink& sink) {
  SwanHost(tree, prints, caches, view, sink).read();
}

}  // namespace meshctl::verify
