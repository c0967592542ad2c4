// The public-key half of a racoon host's link end.
#include <algorithm>
#include <cctype>

#include "verify/racoon_host.hpp"
#include "verify/words.hpp"

namespace meshctl::verify {
namespace {

using racoon::OwnCertificate;
using racoon::PeerCertificate;

/// "5ed36f99.0" holds a certificate, "5ed36f99.r0" a revocation list: found by the hash of its subject.
bool hashed(std::string_view path, bool crl) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  if (name.size() < 10 || name[8] != '.') return false;
  if (!std::all_of(name.begin(), name.begin() + 8, [](unsigned char c) { return std::isxdigit(c) != 0; })) return false;
  return (name[9] == 'r') == crl;
}

}  // namespace

std::string RacoonHost::certificate_path(const std::string& name) const {
  return racoon::certificate_path(conf_->file().paths, name);
}

void RacoonHost::fill_keys(const racoon::Remote& remote, LinkEnd& end) {
  const bool wanted = std::any_of(phase1_.offers.begin(), phase1_.offers.end(),
                                  [](const IkeOffer& offer) { return offer.auth == Auth::Rsa; });
  if (!wanted) return;
  Credential own, peer;
  own_key(remote, own);
  peer_keys(remote, peer);
  end.my_key = caches_.my_key.put(own);
  end.peer_key = caches_.peer_key.put(peer);
}

void RacoonHost::own_key(const racoon::Remote& remote, Credential& out) {
  const OwnCertificate& own = remote.certificate;
  if (own.kind == OwnCertificate::Kind::PlainRsa) {
    out.keys = keys_.plain_rsa(certificate_path(own.key), true, remote.where);
  } else if (own.kind == OwnCertificate::Kind::X509) {
    const KeyFiles::Certificates& read = keys_.certificates(certificate_path(own.certificate), remote.where);
    const std::uint64_t key = keys_.private_key(certificate_path(own.key), remote.where);
    if (!read.numbers.empty()) out.certificate = read.numbers.front();
    if (read.key != 0) out.keys.push_back(read.key);
    if (read.key != 0 && key != 0 && read.key != key) {
      sink_.error("E7127", remote.where, "the certificate is for another key than the private one beside it")
          .with_hint("install the certificate that was issued for this key");
    }
    // `my_identifier asn1dn` without a value is the certificate's subject.
    if (me_.ids.front().kind == IdKind::Dn && me_.ids.front().value.empty()) {
      me_.ids.front().value = canonical_dn(read.subject);
    }
  }
}

void RacoonHost::peer_keys(const racoon::Remote& remote, Credential& out) {
  out.anybody = remote[racoon::RemoteSetting::VerifyCert].word == "off";
  for (const PeerCertificate& peer : remote.peers_certfiles) {
    const std::string path = certificate_path(peer.file);
    if (peer.kind == PeerCertificate::Kind::PlainRsa) {
      for (const std::uint64_t key : keys_.plain_rsa(path, false, remote.where)) out.keys.push_back(key);
    } else if (peer.kind == PeerCertificate::Kind::X509) {
      out.keys.push_back(keys_.certificates(path, remote.where).key);
    }
  }
  if (remote.certificate.kind != OwnCertificate::Kind::X509) return;
  if (!remote.ca_file.empty()) out.cas = keys_.certificates(certificate_path(remote.ca_file), remote.where).numbers;
  for (const std::string& path : keys_.below(conf_->file().paths.certificate + "/")) {
    if (hashed(path, true)) out.crls.push_back(keys_.crl(path));
    if (!hashed(path, false) || !remote.ca_file.empty()) continue;
    for (const std::uint32_t number : keys_.certificates(path, remote.where).numbers) out.cas.push_back(number);
  }
}

}  // namespace meshctl::verify
