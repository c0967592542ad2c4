// racoon.conf without its blocks, psk.txt's lines, and what of the daemon a host's links use.
#include <algorithm>
#include <utility>

#include "backend/racoon/conf_words.hpp"
#include "backend/racoon/host_files.hpp"

namespace meshctl::racoon {

HostNeeds needs_of(const HostPlan& plan) {
  HostNeeds out;
  for (const PeerPlan& peer : plan.peers) {
    const Terms& terms = *peer.terms;
    if (!terms.protects()) continue;
    out.manual |= terms.auth == Auth::Manual;
    if (!terms.uses_ike()) continue;
    out.ike = true;
    out.psk |= terms.auth == Auth::Psk;
    out.rsa |= terms.auth == Auth::Rsa;
    out.x509 |= terms.auth == Auth::X509;
    if (terms.nat_traversal == NatTraversal::Off) continue;
    out.natt_keepalive = out.natt ? std::min(out.natt_keepalive, terms.natt_keepalive) : terms.natt_keepalive;
    out.natt = true;
  }
  return out;
}

ConfFile conf_head(const HostPlan& plan) {
  const HostNeeds needs = needs_of(plan);
  const Host& host = plan.self();
  const DaemonSettings& daemon = host.daemon;
  ConfFile out;
  if (needs.psk) out.paths.pre_shared_key = kPskPath;
  if (needs.rsa || needs.x509) out.paths.certificate = kCertificatePath;
  out.log_level = text(daemon.log);
  // Without any, as on a host of unknown addresses, racoon listens on all.
  const std::vector<Address>& addresses = daemon.listen.empty() ? host.addresses : daemon.listen;
  for (const Address& address : addresses) {
    out.listen.push_back({address, daemon.port, false});
    // UDP encapsulation is IPv4's: nobody translates IPv6 addresses.
    if (needs.natt && address.family() == Family::V4) out.listen.push_back({address, daemon.natt_port, true});
  }
  if (needs.natt) out.timers.natt_keepalive = Setting::of(needs.natt_keepalive);
  return out;
}

bool PskWalk::next(std::string& id, LinkIndex& link) {
  while (peer_ < plan_->peers.size()) {
    const PeerPlan& peer = plan_->peers[peer_];
    const Terms& terms = *peer.terms;
    const auto pairs = plan_->pairs_of(peer);
    if (terms.auth != Auth::Psk || !terms.uses_ike() || pair_ == pairs.size()) {
      ++peer_;
      pair_ = 0;
      named_ = false;
      continue;
    }
    link = peer.link;
    // Outside of main mode racoon looks for the identity first.
    if (terms.exchange_mode != ExchangeMode::Main && !std::exchange(named_, true) &&
        peer.remote_identity->kind != IdentityKind::Address) {
      id += peer.remote_identity->value;
      return true;
    }
    const std::size_t index = pair_++;
    const Address& remote = pairs[index].remote;
    const bool again = std::any_of(pairs.begin(), pairs.begin() + static_cast<std::ptrdiff_t>(index),
                                   [&](const AddressPair& earlier) { return earlier.remote == remote; });
    if (again || remote.unspecified()) continue;
    remote.append_to(id);
    return true;
  }
  return false;
}

ConfFile conf_of(const HostPlan& plan, const KeySource& keys) {
  ConfFile out = conf_head(plan);
  Remote remote;
  for (RemoteWalk walk(plan, keys); walk.next(remote);) out.remotes.push_back(remote);
  Sainfo sainfo;
  for (SainfoWalk walk(plan); walk.next(sainfo);) out.sainfos.push_back(sainfo);
  return out;
}

}  // namespace meshctl::racoon
