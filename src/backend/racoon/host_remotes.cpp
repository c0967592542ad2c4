// Links -> racoon.conf's `remote`s.
#include <algorithm>
#include <utility>

#include "backend/racoon/conf_words.hpp"
#include "backend/racoon/host_files.hpp"

namespace meshctl::racoon {
namespace {

constexpr std::uint16_t kDefaultIkePort = 500;

std::string_view type_word(IdentityKind kind) {
  switch (kind) {
    case IdentityKind::Address: return "address";
    case IdentityKind::Fqdn: return "fqdn";
    case IdentityKind::UserFqdn: return "user_fqdn";
    case IdentityKind::KeyId: return "keyid";
    case IdentityKind::Asn1Dn: return "asn1dn";
  }
  return {};
}

/// Behind a NAT the peer goes by the address that it has itself, not by the one that its packets come from.
Address own_address(const Host& peer, const Address& remote) {
  if (peer.public_address != remote) return remote;
  const auto same = [&](const Address& a) { return a.family() == remote.family(); };
  const auto found = std::find_if(peer.addresses.begin(), peer.addresses.end(), same);
  return found == peer.addresses.end() ? remote : *found;
}

std::string_view on_off(bool value) { return value ? "on" : "off"; }

std::string_view method_word(Auth auth) {
  switch (auth) {
    case Auth::Psk: return "pre_shared_key";
    case Auth::Rsa:
    case Auth::X509: return "rsasig";
    case Auth::Kerberos: return "gssapi_krb";
    case Auth::Manual: return {};
  }
  return {};
}

void fill_certificates(const HostPlan& plan, const PeerPlan& peer, bool dynamic, const KeySource& keys, Remote& out) {
  out.certificate = {};
  out.peers_certfiles.clear();
  out.ca_file.clear();
  const Terms& terms = *peer.terms;
  if (terms.auth == Auth::Rsa) {
    const HeldKey* held = keys.rsa_held(plan.host);
    out.certificate.kind = OwnCertificate::Kind::PlainRsa;
    out.certificate.key = held != nullptr ? held->path : rsa_private_name(plan.self());
    const std::string theirs = dynamic ? std::string(kDynamicKeysFile) : rsa_public_name(plan.peer(peer));
    out.peers_certfiles.push_back({PeerCertificate::Kind::PlainRsa, theirs});
  }
  if (terms.auth == Auth::X509) {
    const HeldKey* held = keys.certificate_held(plan.host);
    out.certificate = {OwnCertificate::Kind::X509, std::string(kCertificateFile),
                       held != nullptr ? held->path : std::string(kKeyFile)};
    out.ca_file = kCaFile;
    // A peer that is told not to send its certificate is known by our copy of it.
    if (!terms.send_cert && !dynamic) {
      out.peers_certfiles.push_back({PeerCertificate::Kind::X509, peer_certificate_name(plan.peer(peer))});
    }
  }
}

void fill_settings(const HostPlan& plan, const PeerPlan& peer, Remote& out) {
  const Terms& terms = *peer.terms;
  const auto word = [](auto value) { return Setting::of(text(value)); };
  out.settings = {};
  out[RemoteSetting::VerifyIdentifier] = Setting::of(on_off(terms.verify_identifier));
  out[RemoteSetting::InitialContact] = Setting::of(on_off(terms.initial_contact));
  out[RemoteSetting::Passive] = Setting::of(on_off(peer.passive));
  out[RemoteSetting::GeneratePolicy] = word(GeneratePolicy::Off);
  out[RemoteSetting::NatTraversal] = word(terms.nat_traversal);
  out[RemoteSetting::IkeFrag] = word(terms.fragmentation);
  out[RemoteSetting::ProposalCheck] = word(terms.proposal_check);
  out[RemoteSetting::Dpd] = Setting::of(on_off(terms.dpd_delay != 0));
  out[RemoteSetting::DpdDelay] = Setting::of(terms.dpd_delay);
  out[RemoteSetting::DpdRetry] = Setting::of(terms.dpd_retry);
  out[RemoteSetting::DpdMaxfail] = Setting::of(terms.dpd_maxfail);
  out[RemoteSetting::Lifetime] = Setting::of(terms.ike_lifetime);
  // Written only where they say something: a thousand remotes are read at every reload.
  if (terms.rekey != Rekey::On) out[RemoteSetting::Rekey] = word(terms.rekey);
  if (terms.nonce_size != 16) out[RemoteSetting::NonceSize] = Setting::of(terms.nonce_size);
  if (terms.auth == Auth::Rsa || terms.auth == Auth::X509) {
    out[RemoteSetting::NonceSize] = Setting::of(terms.nonce_size);
    out[RemoteSetting::SendCert] = Setting::of(on_off(terms.send_cert));
    out[RemoteSetting::SendCr] = Setting::of(on_off(terms.send_cr));
  }
  if (terms.auth == Auth::X509) out[RemoteSetting::VerifyCert] = Setting::of("on");
  if (!plan.peer(peer).dynamic) return;
  // Its policies cannot be written beforehand. `unique` keeps clients behind one NAT apart.
  const GeneratePolicy wanted =
      terms.generate_policy == GeneratePolicy::Off ? GeneratePolicy::Unique : terms.generate_policy;
  out[RemoteSetting::GeneratePolicy] = word(wanted);
  out[RemoteSetting::Passive] = Setting::of("on");
}

}  // namespace

void fill_identifier(const Identity& identity, const std::optional<Address>& seen, Identifier& out) {
  out.type = type_word(identity.kind);
  out.address.reset();
  out.value.clear();
  out.qualifier = identity.kind == IdentityKind::KeyId ? "tag" : "";
  if (identity.kind == IdentityKind::Address) {
    out.address = identity.value.empty() ? seen : Address::parse(identity.value);
  } else {
    out.value = identity.value;
  }
}

std::string rsa_private_name(const Host& host) { return host.name + ".key"; }
std::string rsa_public_name(const Host& peer) { return peer.name + ".pub"; }
std::string peer_certificate_name(const Host& peer) { return peer.name + ".pem"; }

void fill_remote(const HostPlan& plan, const PeerPlan& peer, const AddressPair& pair, const KeySource& keys,
                 Remote& out) {
  const Terms& terms = *peer.terms;
  const Host& other = plan.peer(peer);
  const IkeProposal& ike = terms.proposals.ike;
  out.anonymous = other.dynamic;
  out.address = other.dynamic ? std::nullopt : std::optional(pair.remote);
  out.port = other.daemon.port == kDefaultIkePort ? std::uint16_t{0} : other.daemon.port;
  only(out.exchange_modes) = text(terms.exchange_mode);
  // An address without a value is the one that the IKE packets really leave from: right also with several of them. A
  // DN without one is the certificate's own.
  if (!out.my_identifier) out.my_identifier.emplace();
  fill_identifier(*peer.local_identity, std::nullopt, *out.my_identifier);
  if (terms.auth == Auth::X509 && peer.local_identity->kind == IdentityKind::Asn1Dn) out.my_identifier->value.clear();
  const std::optional<Address> seen = other.dynamic ? std::nullopt : std::optional(own_address(other, pair.remote));
  fill_identifier(*peer.remote_identity, seen, only(out.peers_identifiers));
  fill_settings(plan, peer, out);
  fill_certificates(plan, peer, other.dynamic, keys, out);
  ConfProposal& proposal = only(out.proposals);
  proposal.encryption = encryption_word(ike.cipher);
  proposal.key_bits = ike.key_bits;
  proposal.hash = hash_word(ike.hash);
  proposal.authentication = method_word(terms.auth);
  proposal.group = static_cast<std::uint8_t>(ike.group);
  proposal.gss_id = terms.auth == Auth::Kerberos ? plan.self().gss_id : std::string();
}

bool RemoteWalk::next(Remote& out) {
  while (peer_ < plan_->peers.size()) {
    const PeerPlan& peer = plan_->peers[peer_];
    const auto pairs = plan_->pairs_of(peer);
    if (pair_ == pairs.size() || !peer.terms->uses_ike() || plan_->peer(peer).dynamic) {
      ++peer_;
      pair_ = 0;
      continue;
    }
    const std::size_t index = pair_++;
    const bool again = std::any_of(pairs.begin(), pairs.begin() + static_cast<std::ptrdiff_t>(index),
                                   [&](const AddressPair& earlier) { return earlier.remote == pairs[index].remote; });
    if (again) continue;
    current_ = &peer;
    fill_remote(*plan_, peer, pairs[index], *keys_, out);
    return true;
  }
  return !std::exchange(done_, true) && anonymous(out);
}

/// From an address that is not known beforehand.
bool RemoteWalk::may_come(const PeerPlan& peer) const {
  return peer.terms->uses_ike() && plan_->peer(peer).dynamic && peer.pair_count != 0;
}

void RemoteWalk::append_peers(std::string& out) const {
  if (!may_come(*current_)) {
    out += plan_->peer(*current_).name;
    return;
  }
  std::string_view separator;
  for (const PeerPlan& peer : plan_->peers) {
    if (!may_come(peer)) continue;
    out += separator;
    out += plan_->peer(peer).name;
    separator = ", ";
  }
}

bool RemoteWalk::anonymous(Remote& out) {
  std::vector<Identifier> all;
  for (const PeerPlan& peer : plan_->peers) {
    if (!may_come(peer)) continue;
    // What they may differ in is who they are: check() has seen to the rest.
    fill_remote(*plan_, peer, plan_->pairs_of(peer).front(), *keys_, out);
    if (all.empty()) current_ = &peer;
    const Identifier& theirs = out.peers_identifiers.front();
    if (std::find(all.begin(), all.end(), theirs) == all.end()) all.push_back(theirs);
  }
  if (all.empty()) return false;
  out.peers_identifiers = std::move(all);
  return true;
}

}  // namespace meshctl::racoon
