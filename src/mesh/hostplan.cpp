#include "mesh/hostplan.hpp"

#include <algorithm>
#include <string_view>

#include "mesh/flows.hpp"

namespace meshctl {
namespace {

std::uint64_t fnv1a(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

/// Which end starts negotiating. It depends on the two ids alone, so that a new host or another order of the file
/// flips no other link; about half of a host's links are started by it. An end that we do not manage never starts, nor
/// does Windows where the peer can: it negotiates only when a packet asks for it, and a link need not let a ping do
/// that.
bool starts(const LinkView& view, std::uint64_t self_hash) {
  const auto& [self, peer, terms, is_a, _] = view;
  if (self.dynamic != peer.dynamic) return self.dynamic;  // nobody could find it
  if (terms.a_initiates) return *terms.a_initiates == is_a;
  if (self.managed != peer.managed) return self.managed;
  const bool self_waits = self.backend == BackendKind::Windows;
  if (self_waits != (peer.backend == BackendKind::Windows)) return !self_waits;
  const bool self_first = self.id < peer.id;
  const std::uint64_t peer_hash = fnv1a(peer.id);
  // Both ends must mix the same two numbers in the same order; the multiplier (MurmurHash3's finalizer) spreads
  // the low bits, where FNV-1a is little more than a parity, into the bit that is looked at.
  std::uint64_t mixed = (self_first ? self_hash : peer_hash) * 3 + (self_first ? peer_hash : self_hash);
  mixed ^= mixed >> 33;
  mixed *= 0xff51afd7ed558ccdU;
  return (mixed >> 63 != 0) == self_first;
}

bool behind(const Mesh& mesh, LinkIndex link) {
  return std::binary_search(mesh.behind_bypasses.begin(), mesh.behind_bypasses.end(), link);
}

}  // namespace

const Identity& identity_of(const Host& host, const Terms& terms, bool is_a) {
  const auto& own = is_a ? terms.a_identity : terms.b_identity;
  if (own && !own->value.empty()) return *own;
  if (own && own->kind == IdentityKind::Address) return host.address_identity;
  if (own) {
    const bool named = host.identity && host.identity->kind == IdentityKind::Asn1Dn;
    return named ? *host.identity : host.subject_identity;
  }
  if (host.identity) return *host.identity;
  return terms.auth == Auth::X509 ? host.subject_identity : host.address_identity;
}

bool HostPlan::uses(Family family) const {
  const Host& own = self();
  return own.dynamic ||
         std::any_of(own.addresses.begin(), own.addresses.end(),
                     [&](const Address& address) { return address.family() == family; }) ||
         std::any_of(flows.begin(), flows.end(), [&](const Flow& flow) { return flow.local.family() == family; });
}

void project(const Mesh& mesh, HostIndex host, HostPlan& plan) {
  plan.mesh = &mesh;
  plan.host = host;
  plan.peers.clear();
  plan.pairs.clear();
  plan.flows.clear();
  const Host& self = mesh.hosts[host];
  const std::uint64_t self_hash = fnv1a(self.id);
  for (const LinkIndex index : mesh.links_of[host]) {
    const Link& link = mesh.links[index];
    const bool self_is_a = link.a == host;
    PeerPlan& peer = plan.peers.emplace_back();
    peer.link = index;
    peer.peer = self_is_a ? link.b : link.a;
    peer.terms = &mesh.terms[link.terms];
    const LinkView view{self, mesh.hosts[peer.peer], *peer.terms, self_is_a, behind(mesh, index)};
    peer.is_a = self_is_a;
    peer.initiator = starts(view, self_hash);
    peer.passive = !peer.initiator && (peer.terms->passive || view.peer.dynamic);
    peer.local_identity = &identity_of(self, view.terms, self_is_a);
    peer.remote_identity = &identity_of(view.peer, view.terms, !self_is_a);

    peer.first_pair = static_cast<std::uint32_t>(plan.pairs.size());
    append_pairs(view, plan.pairs);
    peer.pair_count = static_cast<std::uint32_t>(plan.pairs.size()) - peer.first_pair;

    peer.first_flow = static_cast<std::uint32_t>(plan.flows.size());
    append_flows(view, plan.pairs_of(peer), plan.flows);
    peer.flow_count = static_cast<std::uint32_t>(plan.flows.size()) - peer.first_flow;
  }
}

}  // namespace meshctl
