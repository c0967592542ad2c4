#include "backend/strongswan/values.hpp"

#include "backend/strongswan/credentials.hpp"
#include "backend/strongswan/names.hpp"

namespace meshctl::strongswan {
namespace {

enum Slot : int {
  kHost,
  kConnection,
  kPeer,
  kVersion,
  kLocal,
  kRemote,
  kRemotePort,
  kIkeProposals,
  kIkeRekey,
  kIkeMargin,
  kDpdDelay,
  kDpdTimeout,
  kFragmentation,
  kAuth,
  kLocalId,
  kRemoteId,
  kPeerKey,
  kCas,
  kPsk,
  kConnectionText,
  kChildText,
  kSwanctlText,
  kChild,
  kMode,
  kLocalTs,
  kRemoteTs,
  kEspProposals,
  kAhProposals,
  kEspRekey,
  kEspLifetime,
  kRekeyBytes,
  kLifeBytes,
  kPriority,
  kReqid,
  kStart,
  kPolicy,
  kLine,
};
enum Flag : int {
  kIkev1,
  kLocalKnown,
  kRemoteKnown,
  kOtherPort,
  kNeedsDpdTimeout,
  kNoRekey,
  kAggressive,
  kEncap,
  kHideCert,
  kHideCertreq,
  kRawConnection,
  kRawSwanctl,
  kPskAuth,
  kRsa,
  kX509,
  kCheckId,
  kAh,
  kSha256_96,
  kIpcomp,
  kBytes,
  kOwnPolicies,
  kRawChild,
};
enum Loop : int { kConnections, kChildren, kPolicies, kLines };

std::string_view fragmentation(Fragmentation value) {
  switch (value) {
    case Fragmentation::Off: return "no";
    case Fragmentation::On: return "yes";
    case Fragmentation::Force: return "force";
  }
  return "yes";
}

/// The line end after the slot is the template's.
void append_raw(std::string_view text, std::string& out) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  out += text;
}

}  // namespace

const Vocabulary& connection_vocabulary() {
  static const Vocabulary child{{{"child", SlotType::Word, kChild},
                                 {"mode", SlotType::Word, kMode},
                                 {"local_ts", SlotType::Token, kLocalTs},
                                 {"remote_ts", SlotType::Token, kRemoteTs},
                                 {"esp_proposals", SlotType::Token, kEspProposals},
                                 {"ah_proposals", SlotType::Token, kAhProposals},
                                 {"esp_rekey", SlotType::Number, kEspRekey},
                                 {"esp_lifetime", SlotType::Number, kEspLifetime},
                                 {"rekey_bytes", SlotType::Number, kRekeyBytes},
                                 {"life_bytes", SlotType::Number, kLifeBytes},
                                 {"priority", SlotType::Number, kPriority},
                                 {"reqid", SlotType::Number, kReqid},
                                 {"start", SlotType::Word, kStart},
                                 {"child_text", SlotType::Lines, kChildText}},
                                {{"ah", kAh},
                                 {"sha256_96", kSha256_96},
                                 {"ipcomp", kIpcomp},
                                 {"bytes", kBytes},
                                 {"own_policies", kOwnPolicies},
                                 {"raw_child", kRawChild}},
                                {}};
  static const Vocabulary connection{{{"connection", SlotType::Token, kConnection},
                                      {"peer", SlotType::Word, kPeer},
                                      {"version", SlotType::Number, kVersion},
                                      {"local", SlotType::Address, kLocal},
                                      {"remote", SlotType::Address, kRemote},
                                      {"remote_port", SlotType::Number, kRemotePort},
                                      {"ike_proposals", SlotType::Token, kIkeProposals},
                                      {"ike_rekey", SlotType::Number, kIkeRekey},
                                      {"ike_margin", SlotType::Number, kIkeMargin},
                                      {"dpd_delay", SlotType::Number, kDpdDelay},
                                      {"dpd_timeout", SlotType::Number, kDpdTimeout},
                                      {"fragmentation", SlotType::Word, kFragmentation},
                                      {"auth", SlotType::Word, kAuth},
                                      {"local_id", SlotType::Quoted, kLocalId},
                                      {"remote_id", SlotType::Quoted, kRemoteId},
                                      {"peer_key", SlotType::Token, kPeerKey},
                                      {"cas", SlotType::Token, kCas},
                                      {"psk", SlotType::Quoted, kPsk},
                                      {"connection_text", SlotType::Lines, kConnectionText}},
                                     {{"ikev1", kIkev1},
                                      {"local_known", kLocalKnown},
                                      {"remote_known", kRemoteKnown},
                                      {"other_port", kOtherPort},
                                      {"dpd_timeout_needed", kNeedsDpdTimeout},
                                      {"no_rekey", kNoRekey},
                                      {"aggressive", kAggressive},
                                      {"encap", kEncap},
                                      {"hide_cert", kHideCert},
                                      {"hide_certreq", kHideCertreq},
                                      {"raw_connection", kRawConnection},
                                      {"psk_auth", kPskAuth},
                                      {"rsa", kRsa},
                                      {"x509", kX509},
                                      {"check_id", kCheckId}},
                                     {{"children", kChildren, &child}}};
  static const Vocabulary file{{{"host", SlotType::Word, kHost}, {"swanctl_text", SlotType::Lines, kSwanctlText}},
                               {{"raw_swanctl", kRawSwanctl}},
                               {{"connections", kConnections, &connection}}};
  return file;
}

const Vocabulary& policy_vocabulary() {
  static const Vocabulary policy = [] {
    Vocabulary words{{{"policy", SlotType::Token, kPolicy}}, {}, {}};
    NoteValues::extend(words);
    return words;
  }();
  static const Vocabulary file{{{"host", SlotType::Word, kHost}}, {}, {{"policies", kPolicies, &policy}}};
  return file;
}

const Vocabulary& line_vocabulary() {
  // The lines are our own and hold nothing that the user wrote; key material is hexadecimal.
  static const Vocabulary line{{{"line", SlotType::Quoted, kLine}}, {}, {}};
  static const Vocabulary file{{{"host", SlotType::Word, kHost}}, {}, {{"lines", kLines, &line}}};
  return file;
}

bool needs_short_sha256(const HostPlan& plan, const PeerPlan& peer) {
  const Terms& terms = *peer.terms;
  const Hash hash = terms.protect == Protect::Ah ? terms.ah_hash : terms.proposals.esp.hash;
  return plan.peer(peer).backend == BackendKind::Racoon && hash == Hash::Sha256;
}

bool is_own(const Prefix& net, const Address& outer) { return net == Prefix::host(outer); }

std::string_view start_action(const HostPlan& plan, const PeerPlan& peer) {
  return peer.passive || plan.peer(peer).dynamic ? "none" : "trap";
}

void ConnectionValues::slot(int id, std::string& out) const {
  switch (id) {
    case kHost: out += plan_.self().name; return;
    case kSwanctlText: append_raw(plan_.self().daemon.raw_swanctl, out); return;
    default: break;
  }
  if (id >= kChild || id == kChildText) {
    child_slot(id, out);
  } else {
    connection_slot(id, out);
  }
}

void ConnectionValues::connection_slot(int id, std::string& out) const {
  const Host& remote = plan_.peer(peer());
  switch (id) {
    case kConnection: append_connection_name(remote.name, connection().pair, out); break;
    case kPeer: out += remote.name; break;
    case kVersion: append_number(terms_->ike_version == IkeVersion::V1 ? 1 : 2, out); break;
    case kLocal: pair().local.append_to(out); break;
    case kRemote: pair().remote.append_to(out); break;
    case kRemotePort: append_number(remote.daemon.port, out); break;
    case kIkeProposals: out += ike_text_; break;
    case kIkeRekey: append_number(ike_rekey_time(*terms_), out); break;
    case kIkeMargin: append_number(rekey_margin(terms_->ike_lifetime), out); break;
    case kDpdDelay: append_number(terms_->dpd_delay, out); break;
    case kDpdTimeout: append_number(dpd_timeout(*terms_), out); break;
    case kFragmentation: out += fragmentation(terms_->fragmentation); break;
    case kAuth: out += terms_->auth == Auth::Psk ? "psk" : "pubkey"; break;
    case kLocalId: append_identity(*peer().local_identity, plan_.self(), pair().local, out); break;
    case kRemoteId: append_identity(*peer().remote_identity, remote, pair().remote, out); break;
    case kPeerKey: append_public_key_name(remote.name, out); break;
    case kCas: append_ca_names(keys_, out); break;
    case kPsk: keys_.append(peer().link, out); break;
    case kConnectionText: append_raw(terms_->raw_connection, out); break;
    default: break;
  }
}

void ConnectionValues::child_slot(int id, std::string& out) const {
  const auto selector = [&](const Prefix& net, const Address& outer, bool local) {
    append_traffic_selector(net, is_own(net, outer), flow().protocol, ports_of(flow(), local), out);
  };
  switch (id) {
    case kChild: append_child_name(child_ - 1, out); break;
    case kMode: out += text(terms_->mode); break;
    case kLocalTs: selector(flow().local, pair().local, true); break;
    case kRemoteTs: selector(flow().remote, pair().remote, false); break;
    case kEspProposals: out += esp_text_; break;
    case kAhProposals: out += ah_text_; break;
    case kEspRekey: append_number(terms_->child_lifetime - rekey_margin(terms_->child_lifetime), out); break;
    case kEspLifetime: append_number(terms_->child_lifetime, out); break;
    case kRekeyBytes: append_number(terms_->child_bytes - rekey_margin(terms_->child_bytes), out); break;
    case kLifeBytes: append_number(terms_->child_bytes, out); break;
    case kPriority: append_number(link_priority(flow()), out); break;
    case kReqid: append_number(layout_.reqids[flow_at()], out); break;
    case kStart: out += start_action(plan_, peer()); break;
    case kChildText: append_raw(terms_->raw_child, out); break;
    default: break;
  }
}

bool ConnectionValues::flag(int id) const {
  switch (id) {
    case kRawSwanctl: return !plan_.self().daemon.raw_swanctl.empty();
    case kIkev1: return terms_->ike_version == IkeVersion::V1;
    case kLocalKnown: return !pair().local.unspecified();
    case kRemoteKnown: return !pair().remote.unspecified();
    case kOtherPort: return plan_.peer(peer()).daemon.port != 500;
    case kNeedsDpdTimeout: return terms_->ike_version == IkeVersion::V1 && terms_->dpd_delay != 0;
    case kNoRekey: return terms_->rekey == Rekey::Off;
    case kAggressive: return terms_->exchange_mode == ExchangeMode::Aggressive;
    case kEncap: return terms_->nat_traversal == NatTraversal::Force;
    case kHideCert: return terms_->auth == Auth::X509 && !terms_->send_cert;
    case kHideCertreq: return terms_->auth == Auth::X509 && !terms_->send_cr;
    case kRawConnection: return !terms_->raw_connection.empty();
    case kPskAuth: return terms_->auth == Auth::Psk;
    case kRsa: return terms_->auth == Auth::Rsa;
    case kX509: return terms_->auth == Auth::X509;
    case kCheckId: return checks_identity(*terms_);
    default: return child_flag(id);
  }
}

bool ConnectionValues::child_flag(int id) const {
  switch (id) {
    case kAh: return terms_->protect == Protect::Ah;
    case kSha256_96: return needs_short_sha256(plan_, peer());
    case kIpcomp: return terms_->ipcomp;
    case kBytes: return terms_->child_bytes != 0;
    case kOwnPolicies: return charon_owns(plan_, peer(), flow());
    case kRawChild: return !terms_->raw_child.empty();
    default: return false;
  }
}

void ConnectionValues::begin(int loop) { (loop == kChildren ? child_ : connection_) = 0; }

bool ConnectionValues::next(int loop) {
  if (loop == kChildren) return child_++ < connection().child_count;
  if (connection_++ == layout_.connections.size()) return false;
  if (terms_ != peer().terms) {
    terms_ = peer().terms;
    ike_text_ = text(terms_->proposals.ike);
    esp_text_ = text(terms_->proposals.esp);
    ah_text_ = ah_proposal(*terms_);
  }
  return true;
}

void LineValues::slot(int id, std::string& out) const { out += id == kHost ? host_.name : lines_[next_ - 1]; }

void PolicyValues::slot(int id, std::string& out) const {
  if (id == kHost) out += plan_.self().name;
  if (id == kPolicy) append_line(policies_[next_ - 1], out);
  if (id >= NoteValues::kFirst) note_.slot(id, out);
}

void PolicyValues::begin(int) {
  walk_ = NoteWalk(notes_);
  note_.begin();
  next_ = 0;
}

bool PolicyValues::next(int) {
  if (next_ == policies_.size()) return false;
  note_.step(walk_.of(next_++));
  return true;
}

void StateValues::slot(int id, std::string& out) const {
  if (id == kHost) out += plan_.self().name;
  if (id == kLine) append_line(plan_, states_[next_ - 1], keys_, out);
}

}  // namespace meshctl::strongswan
