#include "mesh/hostplan.hpp"

#include <algorithm>
#include <string_view>

namespace meshctl {
namespace {

std::uint64_t fnv1a(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

/// Which end starts negotiating. It depends on the two ids alone, so that a new host or another order of the file
/// flips no other link; about half of a host's links are started by it. An end that we do not manage never starts.
bool starts(const Host& self, std::uint64_t self_hash, const Host& peer) {
  if (self.managed != peer.managed) return self.managed;
  const bool self_first = self.id < peer.id;
  const std::uint64_t peer_hash = fnv1a(peer.id);
  // Both ends must mix the same two numbers in the same order; the multiplier (MurmurHash3's finalizer) spreads
  // the low bits, where FNV-1a is little more than a parity, into the bit that is looked at.
  std::uint64_t mixed = (self_first ? self_hash : peer_hash) * 3 + (self_first ? peer_hash : self_hash);
  mixed ^= mixed >> 33;
  mixed *= 0xff51afd7ed558ccdU;
  return (mixed >> 63 != 0) == self_first;
}

void append_pairs(const Host& self, const Host& peer, std::vector<AddressPair>& out) {
  const auto first = static_cast<std::ptrdiff_t>(out.size());
  for (const Address& local : self.addresses) {
    for (const Address& remote : peer.addresses) {
      if (local.family() == remote.family()) out.push_back({local, remote});
    }
  }
  std::sort(out.begin() + first, out.end());  // the order of `addresses:` must not show
}

}  // namespace

void project(const Mesh& mesh, HostIndex host, HostPlan& plan) {
  plan.mesh = &mesh;
  plan.host = host;
  plan.peers.clear();
  plan.pairs.clear();
  plan.selectors.clear();
  const Host& self = mesh.hosts[host];
  const std::uint64_t self_hash = fnv1a(self.id);
  for (const LinkIndex index : mesh.links_of[host]) {
    const Link& link = mesh.links[index];
    const bool self_is_a = link.a == host;
    PeerPlan& peer = plan.peers.emplace_back();
    peer.link = index;
    peer.peer = self_is_a ? link.b : link.a;
    peer.terms = &mesh.terms[link.terms];
    peer.initiator = starts(self, self_hash, mesh.hosts[peer.peer]);

    peer.first_pair = static_cast<std::uint32_t>(plan.pairs.size());
    append_pairs(self, mesh.hosts[peer.peer], plan.pairs);
    peer.pair_count = static_cast<std::uint32_t>(plan.pairs.size()) - peer.first_pair;

    peer.first_selector = static_cast<std::uint32_t>(plan.selectors.size());
    for (const Selector& selector : peer.terms->selectors) {
      const auto local = self_is_a ? selector.a_port : selector.b_port;
      const auto remote = self_is_a ? selector.b_port : selector.a_port;
      plan.selectors.push_back({selector.protocol, local, remote});
    }
    peer.selector_count = static_cast<std::uint32_t>(plan.selectors.size()) - peer.first_selector;
  }
}

}  // namespace meshctl
