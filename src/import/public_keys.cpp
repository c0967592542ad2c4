#include "import/public_keys.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>

#include "backend/racoon/plainrsa_file.hpp"
#include "import/adopt_certificates.hpp"
#include "import/host_extras.hpp"
#include "keys/rsa.hpp"

namespace meshctl::importer {
namespace {

using racoon::OwnCertificate;
using racoon::PeerCertificate;
using racoon::Remote;

/// "5ed36f99.r0": found by the hash of its issuer.
bool revocation_list(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return name.size() > 10 && name.substr(8, 2) == ".r" &&
         std::all_of(name.begin(), name.begin() + 8, [](unsigned char c) { return std::isxdigit(c) != 0; });
}

/// What racoon.conf names.
class Adopter {
 public:
  Adopter(const HostSource& source, const People& people, KeyStore& store, Sources& files, DiagSink& sink)
      : source_(source), people_(people), store_(store), files_(files), shelf_(source, store, sink) {}

  void run() {
    for (const Remote& remote : source_.conf->remotes) {
      shelf_.at(remote.where);
      if (remote.certificate.kind == OwnCertificate::Kind::PlainRsa) own_rsa(remote);
      if (remote.certificate.kind == OwnCertificate::Kind::X509) own_certificate(remote);
      for (const PeerCertificate& peer : remote.peers_certfiles) peers_key(remote, peer);
    }
  }

 private:
  std::vector<racoon::PlainRsaKey> plain_keys(const std::string& path, racoon::PlainRsaUse use) {
    const auto text = shelf_.file(path);
    if (!text) return {};
    DiagSink faults;
    auto parsed = racoon::parse_plainrsa(files_.add(path, {}), text->reveal(), use, faults);
    if (!faults.ok()) shelf_.left(fmt::format("'{}' is not taken over: racoon refuses it", path));
    return std::move(parsed.keys);
  }

  void own_rsa(const Remote& remote) {
    const std::string path = certificate_path(*source_.conf, remote.certificate.key);
    if (!shelf_.fresh("rsa ", path)) return;
    for (const racoon::PlainRsaKey& key : plain_keys(path, racoon::PlainRsaUse::Private)) {
      RsaNumbers numbers{key.modulus,           key.public_exponent,    key.private_exponent.clone(),
                         key.prime1.clone(),    key.prime2.clone(),     key.exponent1.clone(),
                         key.exponent2.clone(), key.coefficient.clone()};
      if (auto pair = shelf_.keep(rsa_from_numbers(numbers, path), path)) put(source_.name, std::move(*pair));
      return;
    }
  }

  /// Of an end that was read, its own files tell; unless its private key was left out of them.
  void peers_key(const Remote& remote, const PeerCertificate& peer) {
    if (peer.kind != PeerCertificate::Kind::PlainRsa || !remote.address) return;
    const auto owner = people_.owner(*remote.address);
    if (!owner || people_.all[*owner].source != nullptr) return;
    const std::string path = certificate_path(*source_.conf, peer.file);
    if (!shelf_.fresh("public ", path)) return;
    for (const racoon::PlainRsaKey& key : plain_keys(path, racoon::PlainRsaUse::Public)) {
      KeyPair pair;
      if (auto spki = shelf_.keep(rsa_public_from_numbers(key.modulus, key.public_exponent, path), path)) {
        pair.spki = std::move(*spki);
        put(people_.all[*owner].name, std::move(pair));
      }
      return;
    }
  }

  void put(const std::string& host, KeyPair pair) {
    const auto [at, added] = store_.rsa.try_emplace(host);
    if (added) {
      at->second = std::move(pair);
    } else if (at->second.spki != pair.spki) {
      shelf_.another("RSA key", host);
    }
  }

  void own_certificate(const Remote& remote) {
    const std::string path = certificate_path(*source_.conf, remote.certificate.certificate);
    if (!shelf_.fresh("x509 ", path)) return;
    shelf_.certificate(path, {certificate_path(*source_.conf, remote.certificate.key)});
    authorities(remote);
  }

  void authorities(const Remote& remote) {
    if (!remote.ca_file.empty()) shelf_.authority(certificate_path(*source_.conf, remote.ca_file));
    const std::vector<std::string> files = live_files_in(source_.dir, source_.conf->paths.certificate);
    for (const std::string& path : files) {
      if (remote.ca_file.empty() && path.ends_with(".0")) shelf_.authority(path);
    }
    for (const std::string& path : files) {
      if (revocation_list(path)) shelf_.revocations(path);
    }
  }

  const HostSource& source_;
  const People& people_;
  KeyStore& store_;
  Sources& files_;
  Adoption shelf_;
};

void adopt_files(const HostSource& source, KeyStore& store, DiagSink& sink) {
  Adoption shelf(source, store, sink);
  for (const CertificateFiles& one : source.certificates) {
    shelf.at(one.where);
    if (one.certificate.empty()) {
      shelf.left(fmt::format("the certificate of '{}' is in no file: it is not taken over", source.name));
    } else if (shelf.fresh("x509 ", one.certificate)) {
      shelf.certificate(one.certificate, one.keys);
    }
    for (const std::string& path : one.cas) {
      if (shelf.fresh("ca ", path)) shelf.authority(path);
    }
    for (const std::string& path : one.crls) {
      if (shelf.fresh("crl ", path)) shelf.revocations(path);
    }
  }
}

void not_taken_over(Range where, DiagSink& sink) {
  sink.warning("W8013", where, "keys and certificates are not taken over")
      .with_hint(
          "name a vault with --vault to take them over ('meshctl keys init --mesh NAME' makes one), or let 'meshctl "
          "keys "
          "make' make new keys");
}

}  // namespace

std::string certificate_path(const racoon::ConfFile& conf, const std::string& name) {
  const std::string& folder = conf.paths.certificate;
  return name.starts_with('/') || folder.empty() ? name : folder + "/" + name;
}

void adopt_keys(const std::vector<HostSource>& sources, const People& people, KeyStore* store, Sources& files,
                DiagSink& sink) {
  for (const HostSource& source : sources) {
    if (store != nullptr) {
      adopt_files(source, *store, sink);
      if (source.conf) Adopter(source, people, *store, files, sink).run();
      continue;
    }
    if (!source.certificates.empty()) not_taken_over(source.certificates.front().where, sink);
    if (!source.conf) continue;
    for (const Remote& remote : source.conf->remotes) {
      if (remote.certificate.kind == OwnCertificate::Kind::None && remote.peers_certfiles.empty()) continue;
      not_taken_over(remote.where, sink);
    }
  }
}

}  // namespace meshctl::importer
