#include "import/conf_terms.hpp"

#include <algorithm>

namespace meshctl::importer {
namespace {

using racoon::SainfoId;

bool side_fits(const SainfoId& id, const Prefix& net, std::uint8_t protocol) {
  switch (id.kind) {
    case SainfoId::Kind::Anonymous:
    case SainfoId::Kind::ClientAddr: return true;
    case SainfoId::Kind::Net: return id.net == net && id.protocol == protocol && !id.range_end && !id.host_bits;
    case SainfoId::Kind::Text: return false;
  }
  return false;
}

int rank(const racoon::Sainfo& sainfo) {
  const auto exact = [](const SainfoId& id) { return id.kind == SainfoId::Kind::Net ? 1 : 0; };
  return exact(sainfo.local) + exact(sainfo.remote) + (sainfo.from ? 3 : 0);
}

}  // namespace

ConfTerms::ConfTerms(const HostSource& source, DiagSink& sink) : source_(source), sink_(sink) {
  for (const HeldPsk& line : source.psks) {
    psks_.emplace(line.id, &line);
    if (line.id == "*" && any_psk_ == nullptr) any_psk_ = &line;
  }
  if (!source.conf) return;
  for (const racoon::Remote& remote : source.conf->remotes) {
    if (remote.anonymous) {
      anonymous_ = &remote;
    } else if (remote.address) {
      remotes_.emplace(*remote.address, &remote);
    }
  }
  for (const racoon::Sainfo& sainfo : source.conf->sainfos) {
    const bool nets = sainfo.local.kind == SainfoId::Kind::Net && sainfo.remote.kind == SainfoId::Kind::Net;
    if (nets && !sainfo.from && side_fits(sainfo.local, *sainfo.local.net, sainfo.local.protocol) &&
        side_fits(sainfo.remote, *sainfo.remote.net, sainfo.local.protocol)) {
      exact_.emplace(NetKey(*sainfo.local.net, *sainfo.remote.net, sainfo.local.protocol), &sainfo);
    } else {
      loose_.push_back(&sainfo);
    }
  }
  std::stable_sort(loose_.begin(), loose_.end(), [](const auto* x, const auto* y) { return rank(*x) > rank(*y); });
}

const racoon::Remote* ConfTerms::remote_for(const Address& peer) const {
  const auto found = remotes_.find(peer);
  return found == remotes_.end() ? anonymous_ : found->second;
}

const racoon::Sainfo* ConfTerms::sainfo_for(const Prefix& local, const Prefix& remote, std::uint8_t protocol,
                                            std::string_view who) {
  if (const auto found = exact_.find({local, remote, protocol}); found != exact_.end()) return found->second;
  for (const racoon::Sainfo* sainfo : loose_) {
    if (!who.empty() && sainfo->from && sainfo->from->value != who) continue;
    if (side_fits(sainfo->local, local, protocol) && side_fits(sainfo->remote, remote, protocol)) return sainfo;
  }
  return nullptr;
}

const Found* ConfTerms::phase1(const Address& peer) {
  if (source_.terms) {
    const auto at = source_.terms->peers.find(peer);
    return at == source_.terms->peers.end() ? nullptr : &at->second.found;
  }
  const racoon::Remote* remote = remote_for(peer);
  if (remote == nullptr) return nullptr;
  const auto found = phase1_.find(remote);
  if (found != phase1_.end()) return &found->second;
  Found told = found_in(*remote, sink_);
  RareOptions& rare = told.options.rare.edit();
  const racoon::Setting& keepalive = source_.conf->timers.natt_keepalive;
  if (keepalive.given && rare.nat_traversal && rare.nat_traversal->value != NatTraversal::Off) {
    constexpr std::uint32_t least = 5;
    constexpr std::uint32_t most = 3600;
    rare.natt_keepalive = Marked<unsigned>{std::clamp(keepalive.number, least, most), remote->where};
  }
  return &phase1_.emplace(remote, std::move(told)).first->second;
}

const Found* ConfTerms::phase2(const Prefix& local, const Prefix& remote, std::uint8_t protocol, std::string_view who) {
  if (source_.terms) {
    const auto at = std::find_if(source_.terms->traffic.begin(), source_.terms->traffic.end(), [&](const auto& one) {
      return one.local == local && one.remote == remote && one.protocol == protocol;
    });
    return at == source_.terms->traffic.end() ? nullptr : &at->found;
  }
  const racoon::Sainfo* sainfo = sainfo_for(local, remote, protocol, who);
  if (sainfo == nullptr) return nullptr;
  const auto found = phase2_.find(sainfo);
  return found != phase2_.end() ? &found->second : &phase2_.emplace(sainfo, found_in(*sainfo, sink_)).first->second;
}

const HeldPsk* ConfTerms::psk(const Address& peer) const {
  const auto found = psks_.find(peer.text());
  if (found == psks_.end()) return any_psk_;
  // The first line that fits wins, and `*` fits.
  return any_psk_ != nullptr && any_psk_->where < found->second->where ? any_psk_ : found->second;
}

std::uint16_t ConfTerms::port_of(const Address& peer) const {
  const racoon::Remote* remote = remote_for(peer);
  return remote == nullptr || remote->anonymous ? std::uint16_t{0} : remote->port;
}

bool ConfTerms::waits_for(const Address& peer) const {
  if (source_.terms) {
    const auto at = source_.terms->peers.find(peer);
    return at != source_.terms->peers.end() && at->second.waits;
  }
  const racoon::Remote* remote = remote_for(peer);
  return remote != nullptr && (*remote)[racoon::RemoteSetting::Passive].word == "on";
}

void ConfTerms::tell_unused(const std::function<bool(const Address&)>& linked) {
  if (!source_.conf) return;
  const auto tell = [&](const Range& where, const char* what) {
    sink_.warning("W8004", where, std::string(what) + " is left out: no policy of this host asks for it")
        .with_hint("add a link to the inventory if it is still needed");
  };
  for (const racoon::Remote& remote : source_.conf->remotes) {
    const bool made_anyway = remote.address && linked(*remote.address);
    if (!phase1_.contains(&remote) && !made_anyway) tell(remote.where, "this 'remote'");
  }
  for (const racoon::Sainfo& sainfo : source_.conf->sainfos) {
    if (!phase2_.contains(&sainfo)) tell(sainfo.where, "this 'sainfo'");
  }
}

}  // namespace meshctl::importer
