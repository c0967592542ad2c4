#include "verify/roaming.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "verify/written_out.hpp"

namespace meshctl::verify {
namespace {

/// Stands for the warrior's address where selectors are compared. RFC 2544 and RFC 5180: for benchmarks, never routed.
Address placeholder(Family family) {
  return *Address::parse(family == Family::V4 ? "198.18.255.254" : "2001:2:0:ffff::fffe");
}

/// Does the sainfo's payload take the one that the peer sends?
bool takes(const Payload& payload, const Prefix& net, std::uint8_t protocol, const Address& peer) {
  switch (payload.kind) {
    case Payload::Kind::Any: return true;
    case Payload::Kind::Peer: return net == Prefix::host(peer);
    case Payload::Kind::Net: return payload.net == net && payload.protocol == protocol;
  }
  return false;
}

/// generate_policy: the mirror of what the peer asks for, with the SAs of the sainfo that takes its ID payloads.
struct Generated {
  Rules rules;
  Children children;
};

Generated generate(const Anyone& gateway, const Rules& asked, const Children& payloads, const Identity& warrior,
                   const Address& peer) {
  Generated out;
  for (const Child& payload : payloads.list) {
    Child& child = out.children.list.emplace_back();
    for (const Offered& sainfo : gateway.sainfos) {
      const bool known = !sainfo.from || (!warrior.ids.empty() && says(warrior.ids.front(), *sainfo.from));
      if (!known || !takes(sainfo.local, payload.remote.net, payload.protocol, peer) ||
          !takes(sainfo.remote, payload.local.net, payload.protocol, peer)) {
        continue;
      }
      child = sainfo.child;
      break;
    }
    child.local = payload.remote;
    child.remote = payload.local;
    child.protocol = payload.protocol;
  }
  for (const Rule& rule : asked.list) {
    if (rule.action != spd::Action::Ipsec || rule.steps.empty() || rule.direction == spd::Direction::Fwd) continue;
    Rule& made = out.rules.list.emplace_back(rule);
    made.direction = rule.direction == spd::Direction::Out ? spd::Direction::In : spd::Direction::Out;
    made.priority = spd::kPrioDef;  // getsadbpolicy() of racoon
    made.forwarded = Forwarded::Same;
    made.where = {gateway.end.ike.file, 0};
    for (Step& step : made.steps) {
      step.from = turned(step.from);
      step.to = turned(step.to);
      if (step.level == spd::RequestLevel::Use) step.level = spd::RequestLevel::Require;
    }
  }
  return out;
}

/// Texts speak of the host rather than of the address that stands for its own.
void speak_of_host(Finding& finding) {
  for (std::string* text : {&finding.text, &finding.there_text, &finding.hint}) {
    for (const Family family : {Family::V4, Family::V6}) {
      const std::string stand_in = placeholder(family).text();
      for (std::size_t at = text->find(stand_in); at != std::string::npos; at = text->find(stand_in)) {
        text->replace(at, stand_in.size(), 1, kHere[0]);
      }
    }
  }
}

const HeldKey* key_for(const HostView& gateway, const Identity& me, const Identity& warrior) {
  const auto text = [](const Identity& identity) {
    return identity.ids.empty() ? std::string() : identity.ids.front().value;
  };
  const std::string mine = text(me), theirs = text(warrior);
  const auto names = [](const HeldKey& key, const std::string& id) {
    return std::find(key.ids.begin(), key.ids.end(), id) != key.ids.end();
  };
  const HeldKey *alone = nullptr, *all = nullptr;
  for (const HeldKey& key : gateway.keys) {
    if (key.ids.empty()) {
      if (all == nullptr) all = &key;
    } else if (!theirs.empty() && names(key, theirs)) {
      if (key.ids.size() > 1 && names(key, mine)) return &key;
      if (alone == nullptr && key.ids.size() == 1) alone = &key;
    }
  }
  return alone != nullptr ? alone : all;
}

/// What a road warrior's packets can come from: the addresses and networks that its policies speak of, and `peer`,
/// which stands for an address that is nobody else's.
std::vector<Prefix> owned(const Rules& direct, const Address& peer) {
  std::vector<Prefix> out{Prefix::host(peer)};
  for (const Rule& rule : direct.list) {
    const Prefix& own = (rule.direction == spd::Direction::Out ? rule.source : rule.destination).net;
    if (std::find(out.begin(), out.end(), own) == out.end()) out.push_back(own);
  }
  return out;
}

Findings compare_made(const Roaming& roaming, const LinkEnd& met, Memo& memo) {
  const Tables& tables = memo.tables();
  const LinkEnd& end = *roaming.warrior.end;
  const Anyone& gateway = *roaming.taken;
  const Address warrior = placeholder(end.remote.family()), own = end.remote;
  const Rules direct = written_out(tables.rules[end.direct], warrior, own);
  const Rules general = written_out(tables.rules[end.general], warrior, own);
  const Children children = written_out(tables.children[end.children], warrior, own);
  const Traffic here{&direct, &general, &children, tables.phase1[end.phase1].check, owned(direct, warrior)};
  const Generated made =
      gateway.generates
          ? generate(gateway, direct, children, concrete(tables.identities[end.me], end), warrior)
          : Generated{written_out(gateway.rules, own, warrior), written_out(gateway.children, own, warrior)};
  const Traffic there{&made.rules, &roaming.view->others, &made.children, tables.phase1[met.phase1].check};
  Findings out = compare_traffic(here, there);
  for (Finding& finding : out) speak_of_host(finding);
  return out;
}

}  // namespace

LinkEnd meet_anyone(const Roaming& roaming, Memo& memo) {
  LinkEnd met = roaming.taken->end;
  met.local = roaming.warrior.end->remote;
  met.remote = roaming.warrior.end->local;
  const Tables& tables = memo.tables();
  if (!memo.uses(Auth::Psk, met)) return met;
  const HeldKey* key = key_for(*roaming.view, concrete(tables.identities[met.me], met),
                               concrete(tables.identities[roaming.warrior.end->me], *roaming.warrior.end));
  met.psk = key == nullptr ? Spot() : key->where;
  met.key = key == nullptr ? Fingerprint() : key->key;
  return met;
}

void check_roaming(const Roaming& roaming, const LinkEnd& met, Memo& memo, Joined& out) {
  LinkCheck check(memo, out);
  const HostEnd there{roaming.gateway, &met};
  if (!check.choice(roaming.warrior, there)) return;
  if (!roaming.taken->generates && roaming.taken->rules.list.empty()) {
    check.add({Severity::Error, "E7170",
               fmt::format("{} makes no policies for peers from anywhere, and has none for {}", kThere, kHere),
               policy({}), ike(), "what it has for such peers",
               "set `generate_policy unique` (racoon) or `policies = yes` in the child (strongSwan)"},
              roaming.warrior, there);
  } else {
    check.add_all(compare_made(roaming, met, memo), roaming.warrior, there);
  }
  check.ike(roaming.warrior, there);
}

}  // namespace meshctl::verify
