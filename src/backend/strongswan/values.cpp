#include "backend/strongswan/values.hpp"

#include "backend/strongswan/names.hpp"

namespace meshctl::strongswan {
namespace {

enum Slot : int {
  kHost,
  kConnection,
  kVersion,
  kLocal,
  kRemote,
  kIkeProposals,
  kIkeRekey,
  kIkeMargin,
  kDpdDelay,
  kPsk,
  kChild,
  kMode,
  kLocalTs,
  kRemoteTs,
  kEspProposals,
  kEspRekey,
  kEspLifetime,
  kReqid,
  kPolicy,
};
enum Flag : int { kIkev1, kSha256_96, kInitiator };
enum Loop : int { kConnections, kChildren, kPolicies };

}  // namespace

const Vocabulary& connection_vocabulary() {
  static const Vocabulary child{{{"child", SlotType::Word, kChild},
                                 {"mode", SlotType::Word, kMode},
                                 {"local_ts", SlotType::Token, kLocalTs},
                                 {"remote_ts", SlotType::Token, kRemoteTs},
                                 {"esp_proposals", SlotType::Token, kEspProposals},
                                 {"esp_rekey", SlotType::Number, kEspRekey},
                                 {"esp_lifetime", SlotType::Number, kEspLifetime},
                                 {"reqid", SlotType::Number, kReqid}},
                                {{"sha256_96", kSha256_96}},
                                {}};
  static const Vocabulary connection{{{"connection", SlotType::Token, kConnection},
                                      {"version", SlotType::Number, kVersion},
                                      {"local", SlotType::Address, kLocal},
                                      {"remote", SlotType::Address, kRemote},
                                      {"ike_proposals", SlotType::Token, kIkeProposals},
                                      {"ike_rekey", SlotType::Number, kIkeRekey},
                                      {"ike_margin", SlotType::Number, kIkeMargin},
                                      {"dpd_delay", SlotType::Number, kDpdDelay},
                                      {"psk", SlotType::Quoted, kPsk}},
                                     {{"ikev1", kIkev1}, {"initiator", kInitiator}},
                                     {{"children", kChildren, &child}}};
  static const Vocabulary file{{{"host", SlotType::Word, kHost}}, {}, {{"connections", kConnections, &connection}}};
  return file;
}

const Vocabulary& policy_vocabulary() {
  static const Vocabulary policy{{{"policy", SlotType::Token, kPolicy}}, {}, {}};
  static const Vocabulary file{{{"host", SlotType::Word, kHost}}, {}, {{"policies", kPolicies, &policy}}};
  return file;
}

bool needs_short_sha256(const HostPlan& plan, const PeerPlan& peer) {
  return plan.peer(peer).backend == BackendKind::Racoon && peer.terms->proposals.esp.hash == Hash::Sha256;
}

void ConnectionValues::slot(int id, std::string& out) const {
  switch (id) {
    case kHost: out += plan_.self().name; break;
    case kConnection: append_connection_name(plan_.peer(peer()).name, pair_, out); break;
    case kVersion: append_number(peer().terms->ike_version == IkeVersion::V1 ? 1 : 2, out); break;
    case kLocal: pair().local.append_to(out); break;
    case kRemote: pair().remote.append_to(out); break;
    case kIkeProposals: out += ike_text_; break;
    case kIkeRekey: append_number(terms_->ike_lifetime - rekey_margin(terms_->ike_lifetime), out); break;
    case kIkeMargin: append_number(rekey_margin(terms_->ike_lifetime), out); break;
    case kDpdDelay: append_number(terms_->dpd_delay, out); break;
    case kPsk: psks_.append(peer().link, out); break;
    case kChild: append_child_name(selector_, out); break;
    case kMode: out += text(terms_->mode); break;
    case kLocalTs: append_traffic_selector(selector().protocol, selector().local_port, out); break;
    case kRemoteTs: append_traffic_selector(selector().protocol, selector().remote_port, out); break;
    case kEspProposals: out += esp_text_; break;
    case kEspRekey: append_number(terms_->child_lifetime - rekey_margin(terms_->child_lifetime), out); break;
    case kEspLifetime: append_number(terms_->child_lifetime, out); break;
    case kReqid: append_number(reqids_[first_reqid_ + selector_], out); break;
    default: break;
  }
}

bool ConnectionValues::flag(int id) const {
  switch (id) {
    case kIkev1: return terms_->ike_version == IkeVersion::V1;
    case kSha256_96: return needs_short_sha256(plan_, peer());
    case kInitiator: return peer().initiator;
    default: return false;
  }
}

void ConnectionValues::begin(int loop) {
  if (loop == kChildren) {
    before_first_child_ = true;
    return;
  }
  before_first_connection_ = true;
  peer_ = 0;
  pair_ = 0;
  first_reqid_ = 0;
}

bool ConnectionValues::next(int loop) { return loop == kChildren ? next_child() : next_connection(); }

bool ConnectionValues::next_child() {
  selector_ = before_first_child_ ? 0 : selector_ + 1;
  before_first_child_ = false;
  return selector_ < peer().selector_count;
}

bool ConnectionValues::next_connection() {
  if (before_first_connection_) {
    before_first_connection_ = false;
  } else {
    first_reqid_ += peer().selector_count;
    ++pair_;
  }
  while (peer_ < plan_.peers.size() && pair_ == peer().pair_count) {
    ++peer_;
    pair_ = 0;
  }
  if (peer_ == plan_.peers.size()) return false;
  if (terms_ != peer().terms) {
    terms_ = peer().terms;
    ike_text_ = text(terms_->proposals.ike);
    esp_text_ = text(terms_->proposals.esp);
  }
  return true;
}

void PolicyValues::slot(int id, std::string& out) const {
  if (id == kHost) out += plan_.self().name;
  if (id == kPolicy) append_line(policies_[next_ - 1], out);
}

}  // namespace meshctl::strongswan
