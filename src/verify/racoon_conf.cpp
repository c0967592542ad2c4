#include "verify/racoon_conf.hpp"

#include <algorithm>
#include <numeric>

namespace meshctl::verify {
namespace {

using racoon::SainfoId;

/// Names two networks and nothing about who asks.
bool exact(const racoon::Sainfo& info) {
  return plain(info.local) && plain(info.remote) && !info.from && !info.group && info.remote_id == 0 &&
         info.local.protocol == info.remote.protocol;
}

/// prisainfo(): who asks counts most, then our own network, then the peer's.
unsigned priority(const racoon::Sainfo& info) {
  unsigned out = 0;
  if (info.remote_id != 0) out += 3;
  if (info.from) out += 3;
  if (info.local.kind != SainfoId::Kind::Anonymous) ++out;
  if (info.remote.kind != SainfoId::Kind::Anonymous) ++out;
  return out;
}

/// The ID payload is equal; the port is not compared.
bool matches(const SainfoId& id, const Prefix& prefix, std::uint8_t protocol) {
  if (id.kind == SainfoId::Kind::Anonymous) return true;
  return plain(id) && *id.net == prefix && id.protocol == protocol;
}

bool from_matches(const racoon::Identifier& from, const racoon::Remote* peer) {
  if (peer == nullptr) return false;
  if (from.type == "address" && from.address && peer->address) return *from.address == *peer->address;
  return std::any_of(peer->peers_identifiers.begin(), peer->peers_identifiers.end(), [&](const racoon::Identifier& id) {
    return id.type == from.type && id.value == from.value && id.address == from.address;
  });
}

}  // namespace

bool plain(const SainfoId& id) { return id.kind == SainfoId::Kind::Net && id.net && !id.range_end && !id.host_bits; }

std::size_t RacoonConf::KeyHash::operator()(const Key& key) const {
  std::size_t seed = AddressHash()(key.local.address);
  mix(seed, AddressHash()(key.remote.address));
  mix(seed, (std::size_t{key.local.length} << 16U) + (std::size_t{key.remote.length} << 8U) + key.protocol);
  return seed;
}

RacoonConf::RacoonConf(racoon::ConfFile conf) : conf_(std::move(conf)), rank_(conf_.sainfos.size()) {
  remotes_.reserve(conf_.remotes.size());
  for (std::uint32_t index = 0; index < conf_.remotes.size(); ++index) {
    const racoon::Remote& remote = conf_.remotes[index];
    if (remote.address) remotes_[*remote.address].push_back(index);
    if (remote.anonymous) anonymous_.push_back(index);
  }
  std::vector<std::uint32_t> order(conf_.sainfos.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return priority(conf_.sainfos[a]) > priority(conf_.sainfos[b]);
  });
  exact_.reserve(order.size());
  for (std::uint32_t position = 0; position < order.size(); ++position) {
    const racoon::Sainfo& info = conf_.sainfos[order[position]];
    rank_[order[position]] = position;
    if (exact(info)) {
      exact_.try_emplace({*info.local.net, *info.remote.net, info.local.protocol}, order[position]);
    } else {
      loose_.push_back(order[position]);
    }
  }
}

std::vector<const racoon::Sainfo*> RacoonConf::sainfos() const {
  std::vector<const racoon::Sainfo*> out(conf_.sainfos.size());
  for (std::size_t index = 0; index < out.size(); ++index) out[rank_[index]] = &conf_.sainfos[index];
  return out;
}

RacoonConf::Remotes RacoonConf::remote_for(const Address& peer) const {
  const auto at = remotes_.find(peer);
  const std::vector<std::uint32_t>& best = at != remotes_.end() ? at->second : anonymous_;
  if (best.empty()) return {};
  if (best.size() == 1) return {Choice::One, &conf_.remotes[best[0]], nullptr};
  return {Choice::Many, &conf_.remotes[best[0]], &conf_.remotes[best[1]]};
}

const racoon::Sainfo* RacoonConf::sainfo_for(const Prefix& local, const Prefix& remote, std::uint8_t protocol,
                                             const racoon::Remote* peer) const {
  const auto at = exact_.find({local, remote, protocol});
  const racoon::Sainfo* found = at != exact_.end() ? &conf_.sainfos[at->second] : nullptr;
  const std::uint32_t found_rank = found != nullptr ? rank_[at->second] : static_cast<std::uint32_t>(-1);
  const std::uint32_t id = peer != nullptr ? (*peer)[racoon::RemoteSetting::Ph1id].number : 0;
  for (const std::uint32_t index : loose_) {
    if (rank_[index] > found_rank) break;
    const racoon::Sainfo& info = conf_.sainfos[index];
    if (info.remote_id != id || (info.from && !from_matches(*info.from, peer))) continue;
    if (matches(info.local, local, protocol) && matches(info.remote, remote, protocol)) return &info;
  }
  return found != nullptr && found->remote_id == id ? found : nullptr;
}

const racoon::Sainfo* RacoonConf::near_sainfo(const Prefix& local, const Prefix& remote) const {
  for (const racoon::Sainfo& info : conf_.sainfos) {
    const bool here = info.local.net && info.local.net->contains(local.address);
    const bool there = info.remote.net && info.remote.net->contains(remote.address);
    if (here && there) return &info;
  }
  return nullptr;
}

}  // namespace meshctl::verify
