// Links -> racoon.conf's blocks.
#include <algorithm>

#include "backend/racoon/conf_words.hpp"
#include "backend/racoon/host_files.hpp"

namespace meshctl::racoon {
namespace {

constexpr std::uint32_t kDpdRetry = 5;
constexpr std::uint32_t kDpdMaxfail = 5;

bool first_of_remote(std::span<const AddressPair> pairs, std::size_t index) {
  return std::none_of(pairs.begin(), pairs.begin() + static_cast<std::ptrdiff_t>(index),
                      [&](const AddressPair& earlier) { return earlier.remote == pairs[index].remote; });
}

bool first_of_protocol(std::span<const LocalSelector> selectors, std::size_t index) {
  return std::none_of(selectors.begin(), selectors.begin() + static_cast<std::ptrdiff_t>(index),
                      [&](const LocalSelector& earlier) { return earlier.protocol == selectors[index].protocol; });
}

template <class T>
T& only(std::vector<T>& values) {
  values.resize(1);
  return values.front();
}

}  // namespace

void fill_remote(const PeerPlan& peer, const AddressPair& pair, Remote& out) {
  const Terms& terms = *peer.terms;
  const IkeProposal& ike = terms.proposals.ike;
  out.address = pair.remote;
  only(out.exchange_modes) = "main";
  // Without a value it is the address that the IKE packets really leave from: right also with several of them.
  out.my_identifier = Identifier{"address", std::nullopt, {}};
  Identifier& theirs = only(out.peers_identifiers);
  theirs.type = "address";
  theirs.address = pair.remote;
  out[RemoteSetting::VerifyIdentifier] = Setting::of("on");
  out[RemoteSetting::InitialContact] = Setting::of("on");
  out[RemoteSetting::Passive] = Setting::of("off");
  out[RemoteSetting::GeneratePolicy] = Setting::of("off");
  out[RemoteSetting::NatTraversal] = Setting::of("off");
  out[RemoteSetting::IkeFrag] = Setting::of("on");
  // A peer that proposes a longer life gets ours; less than our key length or PFS is refused.
  out[RemoteSetting::ProposalCheck] = Setting::of("claim");
  out[RemoteSetting::Dpd] = Setting::of(terms.dpd_delay == 0 ? "off" : "on");
  out[RemoteSetting::DpdDelay] = Setting::of(terms.dpd_delay);
  out[RemoteSetting::DpdRetry] = Setting::of(kDpdRetry);
  out[RemoteSetting::DpdMaxfail] = Setting::of(kDpdMaxfail);
  out[RemoteSetting::Lifetime] = Setting::of(terms.ike_lifetime);
  ConfProposal& proposal = only(out.proposals);
  proposal.encryption = encryption_word(ike.cipher);
  proposal.key_bits = ike.key_bits;
  proposal.hash = hash_word(ike.hash);
  proposal.authentication = "pre_shared_key";
  proposal.group = static_cast<std::uint8_t>(ike.group);
}

void fill_sainfo(const PeerPlan& peer, const AddressPair& pair, std::uint8_t protocol, Sainfo& out) {
  const EspProposal& esp = peer.terms->proposals.esp;
  const auto side = [protocol](const Address& address, SainfoId& id) {
    id.kind = SainfoId::Kind::Net;
    id.net = Prefix::host(address);
    id.protocol = protocol;
  };
  side(pair.local, out.local);
  side(pair.remote, out.remote);
  out.pfs_group = static_cast<std::uint8_t>(esp.pfs);
  out.lifetime = peer.terms->child_lifetime;
  only(out.encryption) = {encryption_word(esp.cipher), esp.key_bits};
  only(out.authentication) = {authentication_word(esp.hash), 0};
  only(out.compression) = {"deflate", 0};  // racoon insists on one; without ipcomp in a policy it has no effect
}

ConfFile conf_head(const Host& host) {
  ConfFile out;
  out.paths.pre_shared_key = "/etc/racoon/psk.txt";
  out.log_level = "notify";
  for (const Address& address : host.addresses) out.listen.push_back({address, 500, false});
  return out;
}

const PeerPlan* RemoteWalk::next(AddressPair& pair) {
  while (peer_ < plan_->peers.size()) {
    const PeerPlan& peer = plan_->peers[peer_];
    const auto pairs = plan_->pairs_of(peer);
    if (pair_ == pairs.size()) {
      ++peer_;
      pair_ = 0;
      continue;
    }
    const std::size_t index = pair_++;
    if (!first_of_remote(pairs, index)) continue;
    pair = pairs[index];
    return &peer;
  }
  return nullptr;
}

bool SainfoWalk::next(Sainfo& out) {
  while (peer_ < plan_->peers.size()) {
    const PeerPlan& peer = plan_->peers[peer_];
    const auto selectors = plan_->selectors_of(peer);
    if (pair_ == peer.pair_count) {
      ++peer_;
      pair_ = 0;
    } else if (selector_ == selectors.size()) {
      ++pair_;
      selector_ = 0;
    } else {
      const std::size_t index = selector_++;
      if (!first_of_protocol(selectors, index)) continue;
      fill_sainfo(peer, plan_->pairs_of(peer)[pair_], selectors[index].protocol, out);
      return true;
    }
  }
  return false;
}

ConfFile conf_of(const HostPlan& plan) {
  ConfFile out = conf_head(plan.self());
  AddressPair pair;
  RemoteWalk remotes(plan);
  while (const PeerPlan* peer = remotes.next(pair)) fill_remote(*peer, pair, out.remotes.emplace_back());
  Sainfo sainfo;
  for (SainfoWalk walk(plan); walk.next(sainfo);) out.sainfos.push_back(sainfo);
  return out;
}

}  // namespace meshctl::racoon
