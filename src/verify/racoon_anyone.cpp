// The part of racoon.conf that is for peers whose address nobody knows.
#include <algorithm>

#include "verify/racoon_host.hpp"
#include "verify/words.hpp"

namespace meshctl::verify {
namespace {

using racoon::RemoteSetting;
using racoon::SainfoId;

/// nullopt: what no ID payload of ours ever equals.
std::optional<Payload> payload_of(const SainfoId& id) {
  switch (id.kind) {
    case SainfoId::Kind::Anonymous: return Payload{};
    case SainfoId::Kind::ClientAddr: return Payload{Payload::Kind::Peer, {}, 0};
    case SainfoId::Kind::Net: break;
    case SainfoId::Kind::Text: return std::nullopt;
  }
  if (!plain(id)) return std::nullopt;
  return Payload{Payload::Kind::Net, *id.net, id.protocol};
}

}  // namespace

void RacoonHost::add_anyone(const PolicySet& policies) {
  if (!conf_) return;
  for (const racoon::Remote& remote : conf_->file().remotes) {
    if (!remote.anonymous) continue;
    Anyone& anyone = view_.anyone.emplace_back();
    const std::string_view made = remote[RemoteSetting::GeneratePolicy].word;
    anyone.generates = !made.empty() && made != "off";
    anyone.end.ike = anyone.end.policy = spot_of(remote.where);
    anyone.end.choice = Choice::One;
    fill_ike(remote, {}, anyone.end);
    if (anyone.generates) offer_sainfos(remote, anyone);
  }
  if (view_.anyone.empty()) return;
  policies.general_rules(view_.others);
  hold_keys();
}

/// In racoon's order of choice. Who belongs to a group shows only after XAuth: such a sainfo is left out.
void RacoonHost::offer_sainfos(const racoon::Remote& remote, Anyone& out) {
  for (const racoon::Sainfo* info : conf_->sainfos()) {
    const auto local = payload_of(info->local), far = payload_of(info->remote);
    if (!local || !far || info->group || info->remote_id != remote[RemoteSetting::Ph1id].number) continue;
    if (!out.end.child.known()) out.end.child = spot_of(info->where);
    Offered& offered = out.sainfos.emplace_back();
    offered.local = *local;
    offered.remote = *far;
    if (info->from) offered.from = id_of(*info->from, {});
    offered.child.found = true;
    fill_child(*info, out.end, offered.child);
  }
}

/// Up to the first line for everybody, since racoon takes the first that fits.
void RacoonHost::hold_keys() {
  for (const racoon::PskLine& line : psk_.lines) {
    HeldKey& key = view_.keys.emplace_back();
    key.key = prints_.of(line.key);
    key.where = spot_of(line.where);
    if (line.id == "*") return;
    key.ids.push_back(line.id);
  }
}

}  // namespace meshctl::verify
