// The IKE half of a strongSwan host's link end: connection, identities, secret, children.
#include <fmt/core.h>

#include <algorithm>

#include "verify/swan_host.hpp"
#include "verify/words.hpp"

namespace meshctl::verify {
namespace {

using strongswan::SwanChild;
using strongswan::SwanConnection;

Auth auth_of(const std::vector<strongswan::SwanAuth>& rounds) {
  const std::string_view word = rounds.empty() ? std::string_view("pubkey") : std::string_view(rounds.front().auth);
  if (word == "psk") return Auth::Psk;
  if (word.starts_with("eap")) return Auth::Eap;
  if (word.starts_with("xauth")) return Auth::Xauth;
  return word.starts_with("pubkey") || word.starts_with("rsa") ? Auth::Rsa : Auth::Unknown;
}

void relate(const Pair& pair, Id& id) {
  if (id.kind != IdKind::Address) return;
  id.mine = id.value == pair.local.text();
  id.peers = id.value == pair.remote.text();
  if (id.mine || id.peers) id.value.clear();
}

/// One of the traffic selectors is exactly this; "dynamic" is the address of that end itself.
bool has(const TrafficSelectors& selectors, const Prefix& net, const Address& dynamic, std::uint8_t protocol,
         std::uint16_t port) {
  return std::any_of(selectors.list.begin(), selectors.list.end(), [&](const TrafficSelector& one) {
    return one.net.value_or(Prefix::host(dynamic)) == net && one.protocol == protocol && one.port == port;
  });
}

}  // namespace

void SwanHost::fill_phase1(const SwanConnection& connection, LinkEnd& end) {
  phase1_ = Phase1();
  phase1_.v1 = connection.version != 2;
  phase1_.v2 = connection.version != 1;
  phase1_.check = Check::Daemon;
  phase1_.nat = connection.encap ? Nat::Force : Nat::On;
  phase1_.fragments = connection.fragmentation != "no";
  phase1_.dpd_delay = connection.dpd_delay;
  phase1_.modes.assign(1, connection.aggressive ? Mode::Aggressive : Mode::Main);
  phase1_.local_auth = auth_of(connection.local);
  phase1_.remote_auth = auth_of(connection.remote);
  phase1_.passive = std::all_of(connection.children.begin(), connection.children.end(),
                                [](const SwanChild& child) { return child.start_action == "none"; });
  phase1_.offers = swan_ike_offers(connection.proposals);
  const std::uint32_t begin =
      phase1_.v1 && connection.reauth_time != 0 ? connection.reauth_time : connection.rekey_time;
  for (IkeOffer& offer : phase1_.offers) {
    offer.auth = phase1_.local_auth;
    offer.lifetime = begin + connection.over_time;
  }
  end.phase1 = caches_.phase1.put(phase1_);
}

void SwanHost::fill_identities(const SwanConnection& connection, const Pair& pair, LinkEnd& end) {
  const auto id_of = [&](const std::vector<strongswan::SwanAuth>& rounds) {
    Id id = read_id(rounds.empty() ? std::string_view() : std::string_view(rounds.front().id));
    relate(pair, id);
    return id;
  };
  me_.ids.assign(1, id_of(connection.local));
  if (me_.ids.front().kind == IdKind::Any) me_.ids.front() = {IdKind::Address, true, false, {}};
  end.me = caches_.me.put(me_);
  peer_.ids.assign(1, id_of(connection.remote));
  end.peer = caches_.peer.put(peer_);
}

/// The secret that names both ends comes before one that names the peer alone, and that before one for all.
void SwanHost::fill_psk(const SwanConnection& connection, LinkEnd& end) {
  if (phase1_.local_auth != Auth::Psk && phase1_.remote_auth != Auth::Psk) return;
  const auto named = [](const std::vector<strongswan::SwanAuth>& rounds, const Address& address) {
    const Id id = read_id(rounds.empty() ? std::string_view() : std::string_view(rounds.front().id));
    return id.kind == IdKind::Any ? address.text() : id.value;
  };
  const std::string mine = named(connection.local, end.local);
  const auto at = secrets_.find(named(connection.remote, end.remote));
  const strongswan::SwanSecret* best = nullptr;
  if (at != secrets_.end()) {
    for (const strongswan::SwanSecret* secret : at->second) {
      const bool both = std::any_of(secret->ids.begin(), secret->ids.end(),
                                    [&](const std::string& id) { return read_id(id).value == mine; });
      if (both || (best == nullptr && secret->ids.size() == 1)) best = secret;
      if (both) break;
    }
  }
  if (best == nullptr && !secrets_for_all_.empty()) best = secrets_for_all_.front();
  if (best == nullptr) return;
  end.psk = {static_cast<std::uint16_t>(best->where.range.file), static_cast<std::int32_t>(best->where.range.line)};
  if (const auto bytes = secret_bytes(best->secret)) end.key = prints_.of(*bytes);
}

void SwanHost::fill_children(const PolicySet& policies, const PolicySet::Link& link, LinkEnd& end) {
  children_.list.clear();
  std::vector<const SwanChild*> seen;
  for (std::size_t i = 0; i < direct_.list.size(); ++i) {
    Rule& rule = direct_.list[i];
    if (rule.action != spd::Action::Ipsec || rule.steps.empty()) continue;
    const PlacedPolicy& policy = policies[link.policies[i]];
    const ChildAt* found = child_for(policy);
    if (found == nullptr) {
      sink_
          .error("E7014", range_of(policy.where),
                 fmt::format("no child has the reqid {}: charon will never make its SAs", policy.reqid))
          .with_hint("give policy and child the same reqid");
      continue;
    }
    const auto at = std::find(seen.begin(), seen.end(), found->child);
    rule.child = static_cast<std::uint16_t>(at - seen.begin() + 1);
    if (at != seen.end()) continue;
    seen.push_back(found->child);
    if (!end.child.known())
      end.child = {static_cast<std::uint16_t>(found->child->where.range.file),
                   static_cast<std::int32_t>(found->child->where.range.line)};
    Child& child = children_.list.emplace_back();
    const TrafficSelectors local = read_traffic_selectors(found->child->local_ts);
    const TrafficSelectors remote = read_traffic_selectors(found->child->remote_ts);
    const bool out = rule.direction == spd::Direction::Out;
    child.local = out ? rule.source : rule.destination;
    child.remote = out ? rule.destination : rule.source;
    child.protocol = rule.protocol;
    child.local_port = out ? rule.source_port : rule.destination_port;
    child.remote_port = out ? rule.destination_port : rule.source_port;
    fill_child(*found->child, end, child);
    const bool local_fits =
        rule.typed || has(local, net_of(child.local, link.pair), link.pair.local, rule.protocol, child.local_port);
    const bool remote_fits =
        rule.typed || has(remote, net_of(child.remote, link.pair), link.pair.remote, rule.protocol, child.remote_port);
    if (local_fits && remote_fits) continue;
    sink_
        .error("E7015", found->child->where.range,
               "the child's traffic selectors are not those of the policy that is tied to it")
        .note(range_of(policy.where), "this policy")
        .with_hint("make local_ts and remote_ts say what the policy says");
  }
  end.children = caches_.children.put(children_);
}

void SwanHost::fill_child(const SwanChild& child, LinkEnd& end, Child& out) const {
  out.found = true;
  out.has_mode = true;
  out.tunnel = child.mode == "tunnel";
  out.esp = swan_child_offers(child.esp_proposals, child.sha256_96);
  out.ah = swan_child_offers(child.ah_proposals, child.sha256_96);
  out.lifetime = child.life_time;
  out.where =
      Spot{static_cast<std::uint16_t>(child.where.range.file), static_cast<std::int32_t>(child.where.range.line)}.from(
          end.child);
}

}  // namespace meshctl::verify
