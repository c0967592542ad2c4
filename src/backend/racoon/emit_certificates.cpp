#include "backend/racoon/emit_certificates.hpp"

#include <string>

namespace meshctl::racoon {
namespace {

std::string path_of(std::string_view name) { return std::string(kCertificatePath) + '/' + std::string(name); }

void append_public(const Host& host, const RsaPublic& key, std::string& out) {
  out += "# Public key of host ";
  out += host.name;
  out += ", made by meshctl.\n: PUB ";
  out += key.plainrsa;
  out += '\n';
}

void add_rsa(const HostPlan& plan, const KeySource& keys, host::ArtefactList& files) {
  // A key that was made on the host stays where it is, and a third party has its own.
  if (keys.has_rsa_private(plan.host)) {
    std::string& own = files.add(path_of(rsa_private_name(plan.self())), 0600, true);
    own.reserve(kPrivateKeyRoom);
    keys.append_rsa_private(plan.host, PrivateForm::Plainrsa, own);
  }
  std::string unknown;
  for (const PeerPlan& peer : plan.peers) {
    if (peer.terms->auth != Auth::Rsa || !peer.terms->uses_ike()) continue;
    const Host& host = plan.peer(peer);
    if (host.dynamic) {
      append_public(host, keys.rsa_public(peer.peer), unknown);
    } else {
      append_public(host, keys.rsa_public(peer.peer), files.add(path_of(rsa_public_name(host)), 0644, false));
    }
  }
  if (!unknown.empty()) files.add(path_of(kDynamicKeysFile), 0644, false) = unknown;
}

void add_x509(const HostPlan& plan, const KeySource& keys, host::ArtefactList& files) {
  const HostCertificate& own = keys.certificate(plan.host);
  if (!own.pem.empty()) {
    std::string& certificate = files.add(path_of(kCertificateFile), 0644, false);
    certificate += own.pem;
    for (const ChainCertificate& between : own.chain) certificate += between.pem;
  }
  if (keys.has_certificate_private(plan.host)) {
    std::string& key = files.add(path_of(kKeyFile), 0600, true);
    key.reserve(kPrivateKeyRoom);
    keys.append_certificate_private(plan.host, key);
  }
  std::string& all = files.add(path_of(kCaFile), 0644, false);
  for (const CaCertificate& ca : keys.cas()) all += ca.pem;
  // Under the names by which OpenSSL looks issuers up: as files, since live paths are never links.
  for (const CaCertificate& ca : keys.cas()) files.add(path_of(ca.hash_name), 0644, false) = ca.pem;
  for (const CaCrl& crl : keys.crls()) files.add(path_of(crl.hash_name), 0644, false) = crl.pem;
  for (const PeerPlan& peer : plan.peers) {
    if (peer.terms->auth != Auth::X509 || peer.terms->send_cert || plan.peer(peer).dynamic) continue;
    files.add(path_of(peer_certificate_name(plan.peer(peer))), 0644, false) = keys.certificate(peer.peer).pem;
  }
}

}  // namespace

void add_certificates(const HostPlan& plan, const HostNeeds& needs, const KeySource& keys, host::ArtefactList& files) {
  if (needs.rsa) add_rsa(plan, keys, files);
  if (needs.x509) add_x509(plan, keys, files);
}

}  // namespace meshctl::racoon
