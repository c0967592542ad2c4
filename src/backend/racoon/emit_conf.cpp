// racoon.conf: where its template's values come from. What the template may say is conf_vocabulary.cpp.
#include "backend/racoon/emit_conf.hpp"
#include "backend/racoon/conf_slots.hpp"
#include "backend/racoon/conf_values.hpp"
#include "backend/racoon/conf_words.hpp"
#include "backend/racoon/host_files.hpp"
#include "backend/racoon/setkey_file.hpp"

namespace meshctl::racoon {

using namespace conf_slots;

namespace {

void append_algorithm(std::string_view name, std::uint16_t bits, std::string& out) {
  out += name;
  if (bits == 0) return;
  out += ' ';
  append_number(bits, out);
}

void append_side(const SainfoId& side, std::string& out) {
  switch (side.kind) {
    case SainfoId::Kind::Anonymous: out += "anonymous"; return;
    case SainfoId::Kind::ClientAddr: out += "clientaddr"; return;
    case SainfoId::Kind::Net:
    case SainfoId::Kind::Text: break;  // Text is read, never written
  }
  out += "address ";
  side.net->append_to(out);
  out += ' ';
  append_sainfo_protocol(side.protocol, out);
}

void append_remote(const Remote& remote, std::string& out) {
  if (remote.anonymous) {
    out += "anonymous";
  } else {
    remote.address->append_to(out);
  }
  if (remote.port == 0) return;
  out += " [";
  append_number(remote.port, out);
  out += ']';
}

void append_setting(const Setting& value, std::string& out) {
  if (value.word.empty()) {
    append_number(value.number, out);
  } else {
    out += value.word;
  }
}

void append_identifier_type(const Identifier& identifier, std::string& out) {
  out += identifier.type;
  if (identifier.qualifier.empty()) return;
  out += ' ';
  out += identifier.qualifier;
}

}  // namespace

void ConfValues::slot(int slot, std::string& out) const {
  if (slot < kFirstOwn) return append_setting(remote_[static_cast<RemoteSetting>(slot)], out);
  if (slot >= kIdentifierType) return identifier_slot(slot, out);
  if (slot >= kSainfoPeer) return sainfo_slot(slot, out);
  if (slot >= kRemotePeers) return remote_slot(slot, out);
  switch (slot) {
    case kHost: out += plan_.self().name; break;
    case kPathPsk: out += head_.paths.pre_shared_key; break;
    case kPathCertificate: out += head_.paths.certificate; break;
    case kLogLevel: out += head_.log_level; break;
    case kListenKind: out += head_.listen[listen_ - 1].natt ? "isakmp_natt" : "isakmp"; break;
    case kListenAddress: head_.listen[listen_ - 1].address->append_to(out); break;
    case kListenPort: append_number(head_.listen[listen_ - 1].port, out); break;
    case kNattKeepalive: append_setting(head_.timers.natt_keepalive, out); break;
    case kRaw: out += without_line_end(plan_.self().daemon.raw_racoon); break;
    default: break;
  }
}

bool ConfValues::flag(int flag) const {
  if (flag < kFirstOwn) return remote_[static_cast<RemoteSetting>(flag)].given;
  switch (flag) {
    case kHasPsk: return !head_.paths.pre_shared_key.empty();
    case kHasCertificates: return !head_.paths.certificate.empty();
    case kHasListen: return !head_.listen.empty();
    case kHasNatt: return head_.timers.natt_keepalive.given;
    case kHasRaw: return !plan_.self().daemon.raw_racoon.empty();
    case kUsesDpd: return remote_[RemoteSetting::Dpd].word == "on";
    case kIsX509: return remote_.certificate.kind == OwnCertificate::Kind::X509;
    case kIsPlainRsa: return remote_.certificate.kind == OwnCertificate::Kind::PlainRsa;
    case kPeerX509: return peers_file(PeerCertificate::Kind::X509);
    case kPeerPlainRsa: return peers_file(PeerCertificate::Kind::PlainRsa);
    case kHasGssId: return !remote_.proposals.front().gss_id.empty();
    case kHasRawRemote: return !remotes_.peer().terms->raw_remote.empty();
    case kPfs: return sainfo_.pfs_group != 0;
    case kHasFrom: return sainfo_.from.has_value();
    case kHasRawSainfo: return !sainfos_.peer().terms->raw_sainfo.empty();
    case kHasAddress: return identifier_->address.has_value();
    case kHasValue: return !identifier_->value.empty();
    default: return false;
  }
}

void ConfValues::begin(int loop) {
  if (loop == kListen) listen_ = 0;
  if (loop == kRemotes) remotes_ = RemoteWalk(plan_, keys_);
  if (loop == kSainfos) sainfos_ = SainfoWalk(plan_);
  step_ = 0;
}

bool ConfValues::next(int loop) {
  switch (loop) {
    case kListen: return ++listen_ <= head_.listen.size();
    case kRemotes: return remotes_.next(remote_);
    case kSainfos: return sainfos_.next(sainfo_);
    case kMyIdentifier: identifier_ = &*remote_.my_identifier; return step_++ == 0;
    case kFrom: identifier_ = sainfo_.from ? &*sainfo_.from : nullptr; return identifier_ != nullptr && step_++ == 0;
    case kPeersIdentifiers:
      if (step_ == remote_.peers_identifiers.size()) return false;
      identifier_ = &remote_.peers_identifiers[step_++];
      return true;
    default: return false;
  }
}

bool ConfValues::peers_file(PeerCertificate::Kind kind) const {
  return !remote_.peers_certfiles.empty() && remote_.peers_certfiles.front().kind == kind;
}

void ConfValues::remote_slot(int slot, std::string& out) const {
  const ConfProposal& proposal = remote_.proposals.front();
  switch (slot) {
    case kRemotePeers: remotes_.append_peers(out); break;
    case kRemote: append_remote(remote_, out); break;
    case kExchangeMode: out += remote_.exchange_modes.front(); break;
    case kCertificate: out += remote_.certificate.certificate; break;
    case kPrivateKey: out += remote_.certificate.key; break;
    case kPeersFile: out += remote_.peers_certfiles.front().file; break;
    case kCaFileName: out += remote_.ca_file; break;
    case kIkeEncryption: append_algorithm(proposal.encryption, proposal.key_bits, out); break;
    case kIkeHash: out += proposal.hash; break;
    case kIkeAuthentication: out += proposal.authentication; break;
    case kIkeGroup: out += group_word(proposal.group); break;
    case kGssId: out += proposal.gss_id; break;
    case kRawRemote: out += without_line_end(remotes_.peer().terms->raw_remote); break;
    default: break;
  }
}

void ConfValues::sainfo_slot(int slot, std::string& out) const {
  switch (slot) {
    case kSainfoPeer: out += plan_.peer(sainfos_.peer()).name; break;
    case kSainfoLocal: append_side(sainfo_.local, out); break;
    case kSainfoRemote: append_side(sainfo_.remote, out); break;
    case kPfsGroup: out += group_word(sainfo_.pfs_group); break;
    case kEspLifetime: append_number(sainfo_.lifetime, out); break;
    case kEspEncryption: append_algorithm(sainfo_.encryption.front().name, sainfo_.encryption.front().bits, out); break;
    case kEspAuthentication: out += sainfo_.authentication.front().name; break;
    case kEspCompression: out += sainfo_.compression.front().name; break;
    case kRawSainfo: out += without_line_end(sainfos_.peer().terms->raw_sainfo); break;
    default: break;
  }
}

void ConfValues::identifier_slot(int slot, std::string& out) const {
  switch (slot) {
    case kIdentifierType: append_identifier_type(*identifier_, out); break;
    case kIdentifierAddress: identifier_->address->append_to(out); break;
    case kIdentifierValue: out += identifier_->value; break;
    default: break;
  }
}

std::string_view without_line_end(std::string_view raw) {
  if (raw.ends_with('\n')) raw.remove_suffix(1);
  return raw;
}

bool render_conf(const Template& compiled, const HostPlan& plan, const KeySource& keys, std::string& out) {
  ConfValues values(plan, keys);
  return compiled.render(values, out);
}

}  // namespace meshctl::racoon
