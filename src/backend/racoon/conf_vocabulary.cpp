// What templates/racoon/racoon.conf may say.
#include "backend/racoon/conf_slots.hpp"
#include "backend/racoon/conf_words.hpp"
#include "backend/racoon/emit_conf.hpp"

namespace meshctl::racoon {
namespace {

using namespace conf_slots;

constexpr int id(RemoteSetting setting) { return static_cast<int>(setting); }

const Vocabulary& identifier_vocabulary() {
  static const Vocabulary words{{{"type", SlotType::Token, kIdentifierType},
                                 {"id_address", SlotType::Address, kIdentifierAddress},
                                 {"id_value", SlotType::Quoted, kIdentifierValue}},
                                {{"has_address", kHasAddress}, {"has_value", kHasValue}},
                                {}};
  return words;
}

Vocabulary make_remote_vocabulary() {
  Vocabulary words{{{"peers", SlotType::Token, kRemotePeers},
                    {"remote", SlotType::Token, kRemote},
                    {"exchange_mode", SlotType::Word, kExchangeMode},
                    {"certificate", SlotType::Quoted, kCertificate},
                    {"private_key", SlotType::Quoted, kPrivateKey},
                    {"peers_file", SlotType::Quoted, kPeersFile},
                    {"ca_file", SlotType::Quoted, kCaFileName},
                    {"ike_encryption", SlotType::Token, kIkeEncryption},
                    {"ike_hash", SlotType::Word, kIkeHash},
                    {"ike_authentication", SlotType::Word, kIkeAuthentication},
                    {"ike_group", SlotType::Word, kIkeGroup},
                    {"gss_id", SlotType::Quoted, kGssId},
                    {"raw_remote", SlotType::Lines, kRawRemote},
                    {"ike_lifetime", SlotType::Number, id(RemoteSetting::Lifetime)}},
                   {{"uses_dpd", kUsesDpd},
                    {"x509", kIsX509},
                    {"plain_rsa", kIsPlainRsa},
                    {"peer_x509", kPeerX509},
                    {"peer_plain_rsa", kPeerPlainRsa},
                    {"has_gss_id", kHasGssId},
                    {"has_raw_remote", kHasRawRemote},
                    {"has_nonce_size", id(RemoteSetting::NonceSize)},
                    {"has_rekey", id(RemoteSetting::Rekey)},
                    {"has_verify_cert", id(RemoteSetting::VerifyCert)},
                    {"has_send_cert", id(RemoteSetting::SendCert)},
                    {"has_send_cr", id(RemoteSetting::SendCr)}},
                   {{"my_identifier", kMyIdentifier, &identifier_vocabulary()},
                    {"peers_identifiers", kPeersIdentifiers, &identifier_vocabulary()}}};
  for (const RemoteSetting setting :
       {RemoteSetting::VerifyIdentifier, RemoteSetting::ProposalCheck, RemoteSetting::InitialContact,
        RemoteSetting::Passive, RemoteSetting::GeneratePolicy, RemoteSetting::NatTraversal, RemoteSetting::IkeFrag,
        RemoteSetting::Dpd, RemoteSetting::DpdDelay, RemoteSetting::DpdRetry, RemoteSetting::DpdMaxfail,
        RemoteSetting::NonceSize, RemoteSetting::Rekey, RemoteSetting::VerifyCert, RemoteSetting::SendCert,
        RemoteSetting::SendCr}) {
    const SettingRule& rule = rule_of(setting);
    words.slots.push_back(
        {rule.name, rule.kind == SettingRule::Kind::Number ? SlotType::Number : SlotType::Word, id(setting)});
  }
  return words;
}

const Vocabulary& sainfo_vocabulary() {
  static const Vocabulary words{{{"peer", SlotType::Word, kSainfoPeer},
                                 {"local", SlotType::Token, kSainfoLocal},
                                 {"remote", SlotType::Token, kSainfoRemote},
                                 {"pfs_group", SlotType::Word, kPfsGroup},
                                 {"esp_lifetime", SlotType::Number, kEspLifetime},
                                 {"esp_encryption", SlotType::Token, kEspEncryption},
                                 {"esp_authentication", SlotType::Word, kEspAuthentication},
                                 {"esp_compression", SlotType::Word, kEspCompression},
                                 {"raw_sainfo", SlotType::Lines, kRawSainfo}},
                                {{"pfs", kPfs}, {"has_from", kHasFrom}, {"has_raw_sainfo", kHasRawSainfo}},
                                {{"from", kFrom, &identifier_vocabulary()}}};
  return words;
}

}  // namespace

const Vocabulary& conf_vocabulary() {
  static const Vocabulary listen{{{"kind", SlotType::Word, kListenKind},
                                  {"address", SlotType::Address, kListenAddress},
                                  {"port", SlotType::Number, kListenPort}},
                                 {},
                                 {}};
  static const Vocabulary remote = make_remote_vocabulary();
  static const Vocabulary top{
      {{"host", SlotType::Word, kHost},
       {"psk_path", SlotType::Quoted, kPathPsk},
       {"certificate_path", SlotType::Quoted, kPathCertificate},
       {"log_level", SlotType::Word, kLogLevel},
       {"natt_keepalive", SlotType::Number, kNattKeepalive},
       {"raw", SlotType::Lines, kRaw}},
      {{"has_psk", kHasPsk},
       {"has_certificates", kHasCertificates},
       {"has_listen", kHasListen},
       {"has_natt", kHasNatt},
       {"has_raw", kHasRaw}},
      {{"listen", kListen, &listen}, {"remotes", kRemotes, &remote}, {"sainfos", kSainfos, &sainfo_vocabulary()}}};
  return top;
}

}  // namespace meshctl::racoon
