// The IKE half of a racoon host's link end: remote, identities, keys, sainfo.
#include <fmt/core.h>

#include <algorithm>

#include "verify/racoon_host.hpp"
#include "verify/words.hpp"

namespace meshctl::verify {
namespace {

using racoon::RemoteSetting;

constexpr std::uint32_t kDefaultLifetime = 28800;  // seconds, both phases

Check check_of(std::string_view word) {
  if (word == "obey") return Check::Obey;
  if (word == "claim") return Check::Claim;
  return word == "exact" ? Check::Exact : Check::Strict;
}

Mode mode_of(std::string_view word) {
  if (word == "aggressive") return Mode::Aggressive;
  return word == "base" ? Mode::Base : Mode::Main;
}

Nat nat_of(std::string_view word) {
  if (word == "on") return Nat::On;
  return word == "force" ? Nat::Force : Nat::Off;
}

IdKind kind_of(std::string_view word) {
  for (const IdKind kind : {IdKind::Address, IdKind::Fqdn, IdKind::UserFqdn, IdKind::KeyId, IdKind::Dn}) {
    if (text(kind) == word) return kind;
  }
  return IdKind::Any;
}

Id address_id(const Address& address, const Pair& pair) {
  Id out{IdKind::Address, address == pair.local, address == pair.remote, {}};
  if (!out.mine && !out.peers) out.value = address.text();
  return out;
}

}  // namespace

Id id_of(const racoon::Identifier& id, const Pair& pair) {
  const IdKind kind = kind_of(id.type);
  if (id.any()) return {};
  if (id.address) return address_id(*id.address, pair);
  return {kind, false, false, kind == IdKind::Dn ? canonical_dn(id.value) : id.value};
}

namespace {

Id own_id(const racoon::Remote& remote, const Pair& pair) {
  if (!remote.my_identifier) return {IdKind::Address, true, false, {}};
  const racoon::Identifier& id = *remote.my_identifier;
  const IdKind kind = kind_of(id.type);
  if (kind == IdKind::Address) return id.address ? address_id(*id.address, pair) : Id{kind, true, false, {}};
  return {kind, false, false, kind == IdKind::Dn ? canonical_dn(id.value) : id.value};
}

}  // namespace

void RacoonHost::fill_ike(const racoon::Remote& remote, const Pair& pair, LinkEnd& end) {
  fill_phase1(remote, end);
  fill_identities(remote, pair, end);
  fill_keys(remote, end);
  end.me = caches_.me.put(me_);
  fill_psk(remote, end);
}

void RacoonHost::fill_phase1(const racoon::Remote& remote, LinkEnd& end) {
  phase1_.v1 = true;
  phase1_.passive = remote[RemoteSetting::Passive].word == "on";
  phase1_.check = check_of(remote[RemoteSetting::ProposalCheck].word);
  phase1_.nat = nat_of(remote[RemoteSetting::NatTraversal].word);
  const std::string_view frag = remote[RemoteSetting::IkeFrag].word;
  phase1_.fragments = frag == "on" || frag == "force";
  phase1_.dpd_delay = remote[RemoteSetting::Dpd].word == "off" ? 0 : remote[RemoteSetting::DpdDelay].number;
  phase1_.port = remote.port == 0 ? std::uint16_t{500} : remote.port;
  phase1_.modes.clear();
  for (const std::string_view word : remote.exchange_modes) phase1_.modes.push_back(mode_of(word));
  const racoon::Setting& lifetime = remote[RemoteSetting::Lifetime];
  phase1_.offers.resize(remote.proposals.size());
  for (std::size_t i = 0; i < remote.proposals.size(); ++i) {
    const racoon::ConfProposal& from = remote.proposals[i];
    IkeOffer& offer = phase1_.offers[i];
    const CipherWord cipher = racoon_cipher(from.encryption, from.key_bits);
    offer.auth = racoon_auth(from.authentication);
    offer.cipher = cipher.name;
    offer.key_bits = cipher.key_bits;
    offer.hash = offer.prf = racoon_hash(from.hash);
    offer.group = from.group;
    offer.lifetime = from.lifetime != 0 ? from.lifetime : lifetime.given ? lifetime.number : kDefaultLifetime;
    offer.where = spot_of(from.where).from(end.ike);
  }
  end.phase1 = caches_.phase1.put(phase1_);
}

void RacoonHost::fill_identities(const racoon::Remote& remote, const Pair& pair, LinkEnd& end) {
  me_.ids.assign(1, own_id(remote, pair));
  peer_.ids.clear();
  peer_.prefix = true;
  peer_.checked = remote[RemoteSetting::VerifyIdentifier].word == "on";
  for (const racoon::Identifier& id : remote.peers_identifiers) peer_.ids.push_back(id_of(id, pair));
  end.peer = caches_.peer.put(peer_);
}

const racoon::PskLine* RacoonHost::psk_line(std::string_view id) const {
  const auto at = psk_by_id_.find(id);
  std::optional<std::uint32_t> best = psk_for_all_;
  if (at != psk_by_id_.end() && (!best || at->second < *best)) best = at->second;
  return best ? &psk_.lines[*best] : nullptr;
}

/// Main mode looks up the peer's address as text, the others the identity that the peer sends.
void RacoonHost::fill_psk(const racoon::Remote& remote, LinkEnd& end) {
  const bool wanted = std::any_of(phase1_.offers.begin(), phase1_.offers.end(), [](const IkeOffer& offer) {
    return offer.auth == Auth::Psk || offer.auth == Auth::Xauth;
  });
  if (!wanted) return;
  const racoon::PskLine* line = nullptr;
  if (!phase1_.modes.empty() && phase1_.modes.front() != Mode::Main) {
    for (const racoon::Identifier& id : remote.peers_identifiers) {
      if (line == nullptr && !id.value.empty()) line = psk_line(id.value);
    }
  }
  if (line == nullptr) line = psk_line(end.remote.text());
  if (line == nullptr) return;
  end.psk = spot_of(line->where);
  end.key = prints_.of(line->key);
}

/// One Child for each ID payload that the link's own protecting policies lead to.
void RacoonHost::fill_children(const Pair& pair, const racoon::Remote* remote, LinkEnd& end) {
  std::size_t used = 0;
  for (Rule& rule : direct_.list) {
    if (rule.action != spd::Action::Ipsec || rule.steps.empty()) continue;
    const bool out = rule.direction == spd::Direction::Out;
    const Reach& local = out ? rule.source : rule.destination;
    const Reach& far = out ? rule.destination : rule.source;
    std::size_t at = 0;
    while (at < used && !(children_.list[at].local == local && children_.list[at].remote == far &&
                          children_.list[at].protocol == rule.protocol)) {
      ++at;
    }
    rule.child = static_cast<std::uint16_t>(at + 1);
    if (at < used) continue;
    if (children_.list.size() <= used) children_.list.emplace_back();
    Child& child = children_.list[used++];
    child.local = local;
    child.remote = far;
    child.protocol = rule.protocol;
    const Prefix near_net = net_of(local, pair), far_net = net_of(far, pair);
    const racoon::Sainfo* info = conf_ ? conf_->sainfo_for(near_net, far_net, rule.protocol, remote) : nullptr;
    child.found = info != nullptr;
    child.where = {};
    child.esp.clear();
    child.ah.clear();
    if (info == nullptr && conf_) info = conf_->near_sainfo(near_net, far_net);
    if (info != nullptr && !end.child.known()) end.child = spot_of(info->where);
    if (info != nullptr) fill_child(*info, end, child);
  }
  children_.list.resize(used);
  end.children = caches_.children.put(children_);
}

void RacoonHost::fill_child(const racoon::Sainfo& info, const LinkEnd& end, Child& out) {
  out.where = spot_of(info.where).from(end.child);
  out.lifetime = info.lifetime != 0 ? info.lifetime : kDefaultLifetime;
  out.compression = !info.compression.empty();
  out.esp.resize(info.encryption.size() * info.authentication.size());
  out.ah.resize(info.authentication.size());
  std::size_t next = 0;
  for (const racoon::Algorithm& encryption : info.encryption) {
    const CipherWord cipher = racoon_cipher(encryption.name, encryption.bits);
    for (const racoon::Algorithm& authentication : info.authentication) {
      ChildOffer& offer = out.esp[next++];
      offer.cipher = cipher.name;
      offer.key_bits = cipher.key_bits;
      offer.hash = racoon_hash(authentication.name);
      offer.icv_bits = icv_bits(offer.hash, true);
      offer.group = info.pfs_group;
    }
  }
  for (std::size_t i = 0; i < info.authentication.size(); ++i) {
    out.ah[i].hash = racoon_hash(info.authentication[i].name);
    out.ah[i].icv_bits = icv_bits(out.ah[i].hash, true);
    out.ah[i].group = info.pfs_group;
  }
}

}  // namespace meshctl::verify
