// Links -> racoon.conf's `sainfo`s.
#include <algorithm>
#include <utility>

#include "backend/racoon/conf_words.hpp"
#include "backend/racoon/host_files.hpp"

namespace meshctl::racoon {
namespace {

void fill_side(const Prefix& net, std::uint8_t protocol, SainfoId::Kind unknown, SainfoId& out) {
  const bool given = !is_unknown(net);
  out.kind = given ? SainfoId::Kind::Net : unknown;
  out.net = given ? std::optional(net) : std::nullopt;
  out.protocol = given ? protocol : std::uint8_t{0};
}

/// Same as an earlier flow of its pair, for racoon: it compares nets and protocols, no ports and no ICMP types.
bool seen_before(std::span<const Flow> flows, std::size_t index) {
  const Flow& flow = flows[index];
  for (std::size_t i = index; i-- > 0 && flows[i].pair == flow.pair;) {
    const Flow& earlier = flows[i];
    if (earlier.action == FlowAction::Protect && earlier.protocol == flow.protocol && earlier.local == flow.local &&
        earlier.remote == flow.remote) {
      return true;
    }
  }
  return false;
}

/// racoon takes the nets of a sainfo with `from` for the SA's own ends when both are single addresses (a feature for
/// mobile IPv6): then the tunnel would end inside of itself.
bool may_name_peer(const Host& peer, const Flow& flow) {
  return peer.dynamic && !(flow.local.is_host() && flow.remote.is_host() && !is_unknown(flow.remote));
}

}  // namespace

void fill_sainfo(const HostPlan& plan, const PeerPlan& peer, const Flow& flow, Sainfo& out) {
  const Terms& terms = *peer.terms;
  const EspProposal& esp = terms.proposals.esp;
  // Our own address is not known: then whatever the policy has. The peer's: only the one that its packets come from.
  fill_side(flow.local, flow.protocol, SainfoId::Kind::Anonymous, out.local);
  fill_side(flow.remote, flow.protocol, SainfoId::Kind::ClientAddr, out.remote);
  out.from.reset();
  if (may_name_peer(plan.peer(peer), flow)) fill_identifier(*peer.remote_identity, std::nullopt, out.from.emplace());
  out.pfs_group = static_cast<std::uint8_t>(esp.pfs);
  out.lifetime = terms.child_lifetime;
  only(out.encryption) = {encryption_word(esp.cipher), esp.key_bits};
  // One list for ESP and AH: check() has seen to it that a bundle asks for one hash.
  only(out.authentication) = {authentication_word(terms.protect == Protect::Esp ? esp.hash : terms.ah_hash), 0};
  only(out.compression) = {"deflate", 0};  // racoon insists on one; without ipcomp in a policy it has no effect
}

bool SainfoWalk::next(Sainfo& out) {
  while (peer_ < plan_->peers.size()) {
    const PeerPlan& peer = plan_->peers[peer_];
    const auto flows = plan_->flows_of(peer);
    if (flow_ == flows.size() || peer.terms->auth == Auth::Manual) {
      ++peer_;
      flow_ = 0;
      continue;
    }
    const std::size_t index = flow_++;
    const Flow& flow = flows[index];
    if (flow.action != FlowAction::Protect || seen_before(flows, index)) continue;
    fill_sainfo(*plan_, peer, flow, out);
    return true;
  }
  return false;
}

}  // namespace meshctl::racoon
