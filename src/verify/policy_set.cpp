#include "verify/policy_set.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <map>

namespace meshctl::verify {
namespace {

bool inward(spd::Direction direction) { return direction != spd::Direction::Out; }

/// `ipsec` without a request is stored as `none`: clear text.
bool protects(const spd::Policy& policy) { return policy.action == spd::Action::Ipsec && policy.request_count > 0; }

const spd::Request* tunnel_of(const spd::Policy& policy) {
  for (const spd::Request& request : policy.requests()) {
    if (request.encapsulation == spd::Encapsulation::Tunnel && request.has_endpoints) return &request;
  }
  return nullptr;
}

bool between_hosts(const spd::Selector& selector) {
  return selector.source.is_host() && selector.destination.is_host();
}

std::size_t family_index(Family family) { return family == Family::V4 ? 0 : 1; }

/// `plain`: the link's own addresses get names; where networks are about, they must stay comparable with those.
Rule rule_of(const PlacedPolicy& placed, const Pair& pair, bool plain, const Spot& base) {
  const spd::Policy& policy = placed.policy;
  const auto reach = [&](const Prefix& net) { return plain ? reach_of(net, pair) : Reach{Reach::Kind::Net, net}; };
  Rule rule;
  rule.source = reach(policy.selector.source);
  rule.destination = reach(policy.selector.destination);
  rule.protocol = policy.selector.protocol;
  rule.source_port = policy.selector.source_port;
  rule.destination_port = policy.selector.destination_port;
  rule.typed = policy.selector.has_icmp_type();
  rule.ends = reach_of(policy.selector.source, pair).kind != Reach::Kind::Net &&
              reach_of(policy.selector.destination, pair).kind != Reach::Kind::Net;
  rule.direction = policy.direction;
  rule.action = policy.action == spd::Action::Ipsec && !protects(policy) ? spd::Action::None : policy.action;
  rule.priority = policy.priority;
  rule.where = placed.where.from(base);
  for (const spd::Request& request : policy.requests()) {
    Step& step = rule.steps.emplace_back();
    step.transform = request.transform;
    step.tunnel = request.encapsulation == spd::Encapsulation::Tunnel;
    step.level = request.level;
    if (!step.tunnel || !request.has_endpoints) continue;
    step.from = reach_of(Prefix::host(request.source), pair);
    step.to = reach_of(Prefix::host(request.destination), pair);
  }
  return rule;
}

bool meets(const Prefix& a, const Prefix& b) {
  return a.length < b.length ? a.contains(b.address) : b.contains(a.address);
}

}  // namespace

std::size_t AddressHash::operator()(const Address& address) const {
  std::uint64_t words[2];
  std::memcpy(words, address.bytes().data(), sizeof words);
  std::size_t seed = static_cast<std::size_t>(address.family());
  mix(seed, words[0] * 0xff51afd7ed558ccdULL);
  mix(seed, words[1] * 0xc4ceb9fe1a85ec53ULL);
  return seed ^ (seed >> 32U);
}

std::size_t PairHash::operator()(const Pair& pair) const {
  std::size_t seed = AddressHash()(pair.local);
  mix(seed, AddressHash()(pair.remote));
  return seed;
}

Reach reach_of(const Prefix& prefix, const Pair& pair) {
  if (prefix.is_host() && prefix.address == pair.local) return {Reach::Kind::Local, {}};
  if (prefix.is_host() && prefix.address == pair.remote) return {Reach::Kind::Remote, {}};
  return {Reach::Kind::Net, prefix};
}

Prefix net_of(const Reach& reach, const Pair& pair) {
  if (reach.kind == Reach::Kind::Local) return Prefix::host(pair.local);
  return reach.kind == Reach::Kind::Remote ? Prefix::host(pair.remote) : reach.net;
}

Range range_of(const Spot& spot) {
  if (!spot.known() || spot.line <= 0) return {};
  const auto line = static_cast<std::uint32_t>(spot.line);
  return {static_cast<FileId>(spot.file), line, 1, line + 1, 1};
}

PolicySet::PolicySet(std::vector<PlacedPolicy> policies) : policies_(std::move(policies)) {
  for (std::uint32_t index = 0; index < policies_.size(); ++index) sort_in(index);
  // A host-to-host hole or block beside no protection of the same pair is only one more rule for others.
  std::vector<Link> kept;
  for (Link& link : links_) {
    if (link.protects) {
      kept.push_back(std::move(link));
    } else {
      for (const std::uint32_t index : link.policies) general_.push_back(index);
    }
  }
  links_ = std::move(kept);
  by_pair_.clear();
  for (const Link& link : links_) {  // a tunnel between networks takes packets of other pairs, too
    for (const std::uint32_t index : link.policies) {
      if (!between_hosts(policies_[index].policy.selector)) general_.push_back(index);
    }
  }
  for (const std::uint32_t index : general_) {
    const spd::Selector& selector = policies_[index].policy.selector;
    const bool full = selector.source.length == 0 && selector.destination.length == 0;
    (full ? full_[family_index(selector.source.family())] : partial_).push_back(index);
  }
}

PolicySet::Link& PolicySet::link_of(const Pair& pair) {
  if (!links_.empty() && links_.back().pair == pair) return links_.back();
  const auto [at, fresh] = by_pair_.try_emplace(pair, static_cast<std::uint32_t>(links_.size()));
  if (fresh) links_.emplace_back().pair = pair;
  return links_[at->second];
}

void PolicySet::sort_in(std::uint32_t index) {
  const spd::Policy& policy = policies_[index].policy;
  const spd::Request* tunnel = protects(policy) ? tunnel_of(policy) : nullptr;
  const spd::Selector& selector = policy.selector;
  const bool hosts = between_hosts(selector);
  if (tunnel == nullptr && !hosts) {
    (protects(policy) ? nameless_ : general_).push_back(index);
    if (protects(policy)) general_.push_back(index);
    return;
  }
  const Address& source = tunnel != nullptr ? tunnel->source : selector.source.address;
  const Address& destination = tunnel != nullptr ? tunnel->destination : selector.destination.address;
  Link& link = link_of(inward(policy.direction) ? Pair{destination, source} : Pair{source, destination});
  link.policies.push_back(index);
  link.protects = link.protects || protects(policy);
  link.plain = link.plain && hosts && selector.source.address == source && selector.destination.address == destination;
}

void PolicySet::direct_rules(const Link& link, const Spot& base, Rules& out) const {
  out.list.clear();
  for (const std::uint32_t index : link.policies)
    out.list.push_back(rule_of(policies_[index], link.pair, link.plain, base));
}

void PolicySet::general_rules(const Link& link, std::vector<std::uint32_t>& key) const {
  key.clear();
  for (const std::uint32_t index : partial_) {
    if (std::find(link.policies.begin(), link.policies.end(), index) != link.policies.end()) continue;
    const spd::Selector& general = policies_[index].policy.selector;
    for (const std::uint32_t own : link.policies) {
      const spd::Selector& selector = policies_[own].policy.selector;
      if (general.source.family() != selector.source.family()) continue;
      if (!meets(general.source, selector.source) || !meets(general.destination, selector.destination)) continue;
      key.push_back(index);
      break;
    }
  }
}

void PolicySet::general_rules(const Link& link, const std::vector<std::uint32_t>& key, Rules& out) const {
  out.list.clear();
  const auto add = [&](std::uint32_t index) {
    Rule rule = rule_of(policies_[index], link.pair, link.plain, {});
    if (link.plain) {  // cut down to the two addresses, so that all links of the host look alike
      const bool in = inward(rule.direction);
      rule.source = {in ? Reach::Kind::Remote : Reach::Kind::Local, {}};
      rule.destination = {in ? Reach::Kind::Local : Reach::Kind::Remote, {}};
      rule.ends = true;
    }
    out.list.push_back(std::move(rule));
  };
  bool seen[2] = {false, false};  // a tunnel's inner family may be another than its outer one: the selectors count
  for (const std::uint32_t own : link.policies) {
    seen[family_index(policies_[own].policy.selector.source.family())] = true;
  }
  for (const std::size_t family : {0U, 1U}) {
    if (!seen[family]) continue;
    for (const std::uint32_t index : full_[family]) {
      if (std::find(link.policies.begin(), link.policies.end(), index) == link.policies.end()) add(index);
    }
  }
  for (const std::uint32_t index : key) add(index);
}

void PolicySet::general_rules(Rules& out) const {
  for (const std::uint32_t index : general_) out.list.push_back(rule_of(policies_[index], {}, false, {}));
}

void PolicySet::find_tie(std::uint32_t a, std::uint32_t b, DiagSink& sink) const {
  const PlacedPolicy& first = policies_[a];
  const PlacedPolicy& second = policies_[b];
  if (first.policy.priority != second.policy.priority || first.policy.direction != second.policy.direction) return;
  if (!spd::overlap(first.policy.selector, second.policy.selector)) return;
  const bool same = first.policy.action == second.policy.action && first.reqid == second.reqid &&
                    std::equal(first.policy.requests().begin(), first.policy.requests().end(),
                               second.policy.requests().begin(), second.policy.requests().end());
  if (same && first.policy.action != spd::Action::Ipsec) return;  // whichever wins, the packet fares the same
  sink.warning("W7020", range_of(second.where),
               "two policies of the same priority match the same packets: which one wins is not defined")
      .note(range_of(first.where), "the other one")
      .with_hint("give the more specific one the better priority");
}

void PolicySet::find_ties(DiagSink& sink) const {
  std::map<std::uint32_t, std::vector<std::uint32_t>> general;  // by priority
  for (std::size_t i = 0; i < general_.size(); ++i) {
    auto& same = general[policies_[general_[i]].policy.priority];
    for (const std::uint32_t other : same) find_tie(other, general_[i], sink);
    same.push_back(general_[i]);
  }
  for (const Link& link : links_) {
    for (std::size_t i = 0; i < link.policies.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) find_tie(link.policies[j], link.policies[i], sink);
      const auto same = general.find(policies_[link.policies[i]].policy.priority);
      if (same == general.end()) continue;
      if (!between_hosts(policies_[link.policies[i]].policy.selector)) continue;  // one of the general ones itself
      for (const std::uint32_t other : same->second) find_tie(other, link.policies[i], sink);
    }
  }
}

}  // namespace meshctl::verify
