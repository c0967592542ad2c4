#include "backend/strongswan/credentials.hpp"

#include <algorithm>

#include "backend/strongswan/names.hpp"

namespace meshctl::strongswan {
namespace {

class Files {
 public:
  explicit Files(host::ArtefactList& files) : files_(files) {}

  void shown(std::string_view name, std::string_view content) { files_.add(path(name), 0644, false) = content; }
  /// The caller appends the key: a copy of it would have to be wiped.
  std::string& secret(std::string_view name) {
    std::string& content = files_.add(path(name), 0600, true);
    content.reserve(kPrivateKeyRoom);
    return content;
  }

 private:
  static std::string path(std::string_view name) { return std::string(kSwanctlFolder) + std::string(name); }
  host::ArtefactList& files_;
};

std::string numbered(std::string_view stem, std::size_t index) {
  std::string name(stem);
  append_number(index + 1, name);
  name += ".pem";
  return name;
}

void append_rsa(const HostPlan& plan, const KeySource& keys, Files& files) {
  files.shown("pubkey/meshctl.pem", keys.rsa_public(plan.host).pem);
  for (const PeerPlan& peer : plan.peers) {
    if (peer.terms->auth != Auth::Rsa || !peer.terms->protects()) continue;
    std::string name = "pubkey/";
    append_public_key_name(plan.peer(peer).name, name);
    files.shown(name, keys.rsa_public(peer.peer).pem);
  }
  // A key that was made on the host stays where it is, and a third party has its own.
  if (keys.has_rsa_private(plan.host)) {
    keys.append_rsa_private(plan.host, PrivateForm::Pem, files.secret("private/meshctl-rsa.pem"));
  }
}

void append_x509(const HostPlan& plan, const KeySource& keys, Files& files) {
  const HostCertificate& own = keys.certificate(plan.host);
  if (!own.pem.empty()) files.shown("x509/meshctl.pem", own.pem);
  // One file holds one certificate: charon reads no further.
  for (std::size_t i = 0; i < own.chain.size(); ++i) files.shown(numbered("x509/meshctl-chain-", i), own.chain[i].pem);
  // A peer that is told not to send its certificate is known by our copy of it.
  for (const PeerPlan& peer : plan.peers) {
    if (peer.terms->auth != Auth::X509 || !peer.terms->protects() || peer.terms->send_cert) continue;
    files.shown("x509/meshctl-peer-" + plan.peer(peer).name + ".pem", keys.certificate(peer.peer).pem);
  }
  for (std::size_t i = 0; i < keys.cas().size(); ++i) files.shown(numbered("x509ca/meshctl-", i), keys.cas()[i].pem);
  for (std::size_t i = 0; i < keys.crls().size(); ++i) files.shown(numbered("x509crl/meshctl-", i), keys.crls()[i].pem);
  if (keys.has_certificate_private(plan.host)) {
    keys.append_certificate_private(plan.host, files.secret("private/meshctl-x509.pem"));
  }
}

}  // namespace

bool loads_private_key(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  const std::string_view folder = path.substr(0, slash == std::string_view::npos ? 0 : slash + 1);
  if (!folder.starts_with(kSwanctlFolder)) return false;
  const std::string_view name = folder.substr(kSwanctlFolder.size());
  return name == "private/" || name == "pkcs8/" || name == "rsa/" || name == "ecdsa/";
}

void append_public_key_name(std::string_view peer, std::string& out) {
  out += "meshctl-";
  out += peer;
  out += ".pem";
}

void append_ca_names(const KeySource& keys, std::string& out) {
  for (std::size_t i = 0; i < keys.cas().size(); ++i) {
    if (i != 0) out += ", ";
    out += numbered("meshctl-", i);
  }
}

void append_credentials(const HostPlan& plan, const KeySource& keys, host::ArtefactList& all) {
  Files files(all);
  const auto uses = [&](Auth auth) {
    return std::any_of(plan.peers.begin(), plan.peers.end(),
                       [auth](const PeerPlan& peer) { return peer.terms->auth == auth && peer.terms->protects(); });
  };
  if (uses(Auth::Rsa)) append_rsa(plan, keys, files);
  if (uses(Auth::X509)) append_x509(plan, keys, files);
}

}  // namespace meshctl::strongswan
