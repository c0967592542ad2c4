#include "import/public_keys.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "backend/racoon/plainrsa_file.hpp"
#include "import/host_extras.hpp"
#include "keys/certificate.hpp"
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

class Adopter {
 public:
  Adopter(const People& people, KeyStore& store, Sources& files, DiagSink& sink)
      : people_(people), store_(store), files_(files), sink_(sink) {}

  void host(const HostSource& source) {
    source_ = &source;
    for (const Remote& remote : source.conf->remotes) {
      where_ = remote.where;
      if (remote.certificate.kind == OwnCertificate::Kind::PlainRsa) own_rsa(remote);
      if (remote.certificate.kind == OwnCertificate::Kind::X509) own_certificate(remote);
      for (const PeerCertificate& peer : remote.peers_certfiles) peers_key(remote, peer);
    }
  }

 private:
  void left(const std::string& why) {
    if (!told_.insert(source_->name + why).second) return;
    sink_.warning("W8013", where_, why)
        .with_hint("put the file into the folder at its live path, or let 'meshctl keys' make new keys");
  }

  std::optional<Secret> file(const std::string& path) {
    auto found = live_file(source_->dir, path);
    if (!found) left(fmt::format("'{}' is not in the folder of '{}': it is not taken over", path, source_->name));
    return found;
  }

  template <class T>
  std::optional<T> keep(Result<T> read, const std::string& path) {
    if (read) return std::move(*read);
    left(fmt::format("'{}' is not taken over: {}", path, read.error().front().text));
    return std::nullopt;
  }

  /// One key for each host; the first time that it is met decides.
  [[nodiscard]] bool fresh(const std::string& kind, const std::string& path) {
    return done_.insert(kind + source_->name + path).second;
  }

  std::vector<racoon::PlainRsaKey> plain_keys(const std::string& path, racoon::PlainRsaUse use) {
    const auto text = file(path);
    if (!text) return {};
    DiagSink faults;
    auto parsed = racoon::parse_plainrsa(files_.add(path, {}), text->reveal(), use, faults);
    if (!faults.ok()) left(fmt::format("'{}' is not taken over: racoon refuses it", path));
    return std::move(parsed.keys);
  }

  void own_rsa(const Remote& remote) {
    const std::string path = certificate_path(*source_->conf, remote.certificate.key);
    if (!fresh("rsa ", path)) return;
    for (const racoon::PlainRsaKey& key : plain_keys(path, racoon::PlainRsaUse::Private)) {
      RsaNumbers numbers{key.modulus,           key.public_exponent,    key.private_exponent.clone(),
                         key.prime1.clone(),    key.prime2.clone(),     key.exponent1.clone(),
                         key.exponent2.clone(), key.coefficient.clone()};
      if (auto pair = keep(rsa_from_numbers(numbers, path), path)) put(source_->name, std::move(*pair));
      return;
    }
  }

  /// Of an end that was read, its own files tell; unless its private key was left out of them.
  void peers_key(const Remote& remote, const PeerCertificate& peer) {
    if (peer.kind != PeerCertificate::Kind::PlainRsa || !remote.address) return;
    const auto owner = people_.owner(*remote.address);
    if (!owner || people_.all[*owner].source != nullptr) return;
    const std::string path = certificate_path(*source_->conf, peer.file);
    if (!fresh("public ", path)) return;
    for (const racoon::PlainRsaKey& key : plain_keys(path, racoon::PlainRsaUse::Public)) {
      KeyPair pair;
      if (auto spki = keep(rsa_public_from_numbers(key.modulus, key.public_exponent, path), path)) {
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
      another("RSA key", host);
    }
  }

  void another(std::string_view what, const std::string& host) {
    sink_.warning("W8010", where_, fmt::format("the vault has another {} of '{}', which is kept", what, host))
        .with_hint("import into a vault of its own, or let the vault's go out with the next apply");
  }

  void own_certificate(const Remote& remote) {
    const std::string path = certificate_path(*source_->conf, remote.certificate.certificate);
    if (!fresh("x509 ", path)) return;
    const auto text = file(path);
    if (!text) return;
    auto read = keep(read_certificates(text->reveal(), path), path);
    if (!read) return;
    CertifiedKey out;
    out.certificate = read->front();
    out.chain.assign(read->begin() + 1, read->end());
    const std::string spki = certificate_info(out.certificate).spki;
    const std::string key_path = certificate_path(*source_->conf, remote.certificate.key);
    if (const auto key = live_file(source_->dir, key_path)) {
      auto pair = keep(private_from_pem(*key, key_path), key_path);
      if (!pair) return;
      if (pair->spki != spki) {
        left(fmt::format("'{}' is not taken over: it is for another key than '{}'", path, key_path));
        return;
      }
      out.key = std::move(*pair);
    } else {
      out.key = {Secret(), key_path, spki};
      left(fmt::format("'{}' is not in the folder of '{}': it is held as a key that stays on its host", key_path,
                       source_->name));
    }
    const auto [at, added] = store_.certificates.try_emplace(source_->name);
    if (added) {
      at->second = std::move(out);
    } else if (at->second.certificate != out.certificate) {
      another("certificate", source_->name);
    }
    authorities(remote);
  }

  void authorities(const Remote& remote) {
    if (!remote.ca_file.empty()) authority(certificate_path(*source_->conf, remote.ca_file));
    const std::string folder = source_->conf->paths.certificate;
    const std::vector<std::string> files = live_files_in(source_->dir, folder);
    if (remote.ca_file.empty()) {
      for (const std::string& path : files) {
        if (path.ends_with(".0")) authority(path);
      }
    }
    for (const std::string& path : files) {
      if (revocation_list(path)) revocations(path);
    }
  }

  void authority(const std::string& path) {
    const auto text = file(path);
    if (!text) return;
    auto read = keep(read_certificates(text->reveal(), path), path);
    if (!read) return;
    for (std::string& der : *read) {
      const bool known = std::any_of(store_.authorities.begin(), store_.authorities.end(),
                                     [&](const Authority& one) { return one.certificate == der; });
      if (known) continue;
      Authority& added = store_.authorities.emplace_back();
      added.role = AuthorityRole::External;
      added.certificate = std::move(der);
    }
  }

  void revocations(const std::string& path) {
    const auto text = file(path);
    if (!text) return;
    auto crl = keep(read_crl(text->reveal(), path), path);
    if (!crl) return;
    for (Authority& one : store_.authorities) {
      if (one.crl.empty() && crl_signed_by(*crl, one.certificate)) one.crl = *crl;
    }
  }

  const People& people_;
  KeyStore& store_;
  Sources& files_;
  DiagSink& sink_;
  const HostSource* source_ = nullptr;
  Range where_;
  std::set<std::string> done_, told_;
};

}  // namespace

std::string certificate_path(const racoon::ConfFile& conf, const std::string& name) {
  const std::string& folder = conf.paths.certificate;
  return name.starts_with('/') || folder.empty() ? name : folder + "/" + name;
}

void adopt_keys(const std::vector<HostSource>& sources, const People& people, KeyStore* store, Sources& files,
                DiagSink& sink) {
  for (const HostSource& source : sources) {
    if (!source.conf) continue;
    if (store != nullptr) {
      Adopter(people, *store, files, sink).host(source);
      continue;
    }
    for (const Remote& remote : source.conf->remotes) {
      if (remote.certificate.kind == OwnCertificate::Kind::None && remote.peers_certfiles.empty()) continue;
      sink.warning("W8013", remote.where, "keys and certificates are not taken over")
          .with_hint("name a vault with --vault to take them over, or let 'meshctl keys' make new ones");
    }
  }
}

}  // namespace meshctl::importer
