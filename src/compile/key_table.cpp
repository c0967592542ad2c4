#include "compile/key_table.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "backend/strongswan/credentials.hpp"
#include "backend/windows/certificates.hpp"
#include "base/text.hpp"
#include "compile/rules.hpp"
#include "keys/certificate.hpp"
#include "keys/hex.hpp"
#include "keys/pkcs12.hpp"
#include "keys/rsa.hpp"

namespace meshctl {
namespace {

bool any(const std::vector<bool>& flags) { return std::find(flags.begin(), flags.end(), true) != flags.end(); }

/// Third parties keep their private keys: of them the public half is enough.
bool complete(const KeyPair& pair, const Host& host) {
  return pair.there() && (!host.managed || pair.held() || !pair.pkcs8.empty());
}

KeyForms forms_of(const KeyPair& pair, bool plainrsa) {
  KeyForms forms;
  if (pair.held()) forms.held = HeldKey{pair.held_path, key_fingerprint(pair.spki)};
  if (pair.pkcs8.empty()) return forms;
  forms.pem = private_pem(pair);
  if (plainrsa) forms.plainrsa = plainrsa_private(pair);
  return forms;
}

RsaPublic public_forms(std::string_view spki) {
  return {plainrsa_public(spki), public_pem(spki), key_fingerprint(spki), key_bits(spki)};
}

unsigned rsa_bits(std::string_view spki) { return is_rsa(spki) ? key_bits(spki) : 0; }

class TableMaker {
 public:
  TableMaker(const Mesh& mesh, const KeyStore& store, const CheckedMesh& checked, DiagSink& sink)
      : mesh_(mesh), store_(store), checked_(checked), sink_(sink) {}

  KeyTable make() {
    rsa();
    x509();
    manual();
    return std::move(table_);
  }

 private:
  void rsa() {
    const auto wanted = hosts_with(Auth::Rsa, mesh_);
    if (!any(wanted)) return;
    table_.rsa_public.resize(mesh_.hosts.size());
    table_.rsa.resize(mesh_.hosts.size());
    for (HostIndex index = 0; index < mesh_.hosts.size(); ++index) {
      if (!wanted[index]) continue;
      const Host& host = mesh_.hosts[index];
      if (const auto named = checked_.named.rsa_public.find(index); named != checked_.named.rsa_public.end()) {
        table_.rsa_public[index] = public_forms(named->second);
        continue;
      }
      const auto found = store_.rsa.find(host.id);
      if (found == store_.rsa.end() || !complete(found->second, host)) {
        sink_.error("E3020", host.where, fmt::format("the vault has no RSA key for '{}'", host.name))
            .with_hint(host.managed ? keys_command(mesh_, "make")
                                    : fmt::format("rsa_public_key: FILE at the host, or '{} --public FILE'",
                                                  keys_command(mesh_, "rsa", host.name)));
        continue;
      }
      table_.rsa_public[index] = public_forms(found->second.spki);
      table_.rsa[index] = forms_of(found->second, true);
      check_place(host, found->second);
    }
  }

  void x509() {
    const auto wanted = hosts_with(Auth::X509, mesh_);
    if (!any(wanted)) return;
    authorities(wanted);
    table_.certificates.resize(mesh_.hosts.size());
    table_.certificate_keys.resize(mesh_.hosts.size());
    for (HostIndex index = 0; index < mesh_.hosts.size(); ++index) {
      if (wanted[index]) certificate(index);
    }
  }

  void authorities(const std::vector<bool>& wanted) {
    for (const Authority& authority : store_.authorities) add_authority(authority, wanted);
    for (const Authority& authority : checked_.named.authorities) add_authority(authority, wanted);
  }

  void add_authority(const Authority& authority, const std::vector<bool>& wanted) {
    if (std::find(trusted_.begin(), trusted_.end(), authority.certificate) != trusted_.end()) return;
    trusted_.push_back(authority.certificate);
    const CertificateInfo info = certificate_info(authority.certificate);
    const std::string hash = subject_hash(authority.certificate);
    table_.cas.push_back({certificate_pem(authority.certificate), fmt::format("{}.{}", hash, cas_of_hash_[hash]++),
                          info.subject, thumbprint(authority.certificate), rsa_bits(info.spki)});
    if (!authority.crl.empty()) {
      table_.crls.push_back({crl_pem(authority.crl), authority.crl, fmt::format("{}.r{}", hash, crls_of_hash_[hash]++),
                             thumbprint(authority.crl)});
    }
    if (!is_rsa(info.spki)) warn_of_racoon(info.subject, wanted);
    if (auto fault = ca_of_windows(mesh_, info.subject)) sink_.add(std::move(*fault));
  }

  void warn_of_racoon(const std::string& ca, const std::vector<bool>& wanted) {
    for (HostIndex index = 0; index < mesh_.hosts.size(); ++index) {
      if (!wanted[index] || mesh_.hosts[index].backend != BackendKind::Racoon) continue;
      sink_
          .warning("W3021", mesh_.hosts[index].where,
                   fmt::format("racoon on '{}' may not take certificates of '{}', whose key is not RSA",
                               mesh_.hosts[index].name, ca))
          .with_hint(keys_command(mesh_, "ca roll add") + " --key rsa3072");
      return;
    }
  }

  void certificate(HostIndex index) {
    const Host& host = mesh_.hosts[index];
    const auto found = store_.certificates.find(host.id);
    table_.certificates[index].subject = host.certificate.subject;
    // A third party shows its certificate to its peers itself.
    if (!host.managed && found == store_.certificates.end() && !hidden(index)) return;
    if (found == store_.certificates.end() || found->second.certificate.empty() || !complete(found->second.key, host)) {
      sink_.error("E3021", host.where, fmt::format("the vault has no certificate for '{}'", host.name))
          .with_hint(host.managed && host.certificate.ca_file.empty()
                         ? keys_command(mesh_, "make")
                         : keys_command(mesh_, "install-cert", host.name + " FILE"));
      return;
    }
    const CertifiedKey& own = found->second;
    const CertificateInfo info = certificate_info(own.certificate);
    check_issuer(host, own, info);
    check_subject(host, info);
    check_names(host, info);
    HostCertificate& out = table_.certificates[index];
    out.pem = certificate_pem(own.certificate);
    out.rsa_bits = rsa_bits(info.spki);
    out.weak_signature = info.weak_signature;
    for (const std::string& der : own.chain) {
      out.chain.push_back({certificate_pem(der), thumbprint(der)});
      out.weak_signature = out.weak_signature || certificate_info(der).weak_signature;
    }
    out.subject = info.subject;
    out.fingerprint = info.fingerprint;
    out.thumbprint = thumbprint(own.certificate);
    table_.certificate_keys[index] = forms_of(own.key, false);
    if (host.backend == BackendKind::Windows && !own.key.pkcs8.empty()) {
      table_.certificate_keys[index].pfx =
          pkcs12(own.key, own.certificate, fmt::format("meshctl-{}-{}", mesh_.name, host.name));
    }
    check_place(host, own.key);
  }

  /// Peers know it by a copy of its certificate alone.
  [[nodiscard]] bool hidden(HostIndex index) const {
    return std::ranges::any_of(mesh_.links_of[index], [&](LinkIndex link) {
      const Terms& terms = mesh_.terms[mesh_.links[link].terms];
      return terms.auth == Auth::X509 && terms.protects() && !terms.send_cert;
    });
  }

  /// racoon.conf names a key by its path; swanctl reads folders.
  void check_place(const Host& host, const KeyPair& pair) {
    if (!host.managed || host.backend != BackendKind::Strongswan || !pair.held()) return;
    if (strongswan::loads_private_key(pair.held_path)) return;
    sink_
        .error(
            "E2133", host.where,
            fmt::format("'{}' holds its private key at {}, where strongSwan does not look", host.name, pair.held_path))
        .with_hint("move it to /etc/swanctl/private, and name that path with '--held'");
  }

  void check_issuer(const Host& host, const CertifiedKey& own, const CertificateInfo& info) {
    const std::string& last = own.chain.empty() ? own.certificate : own.chain.back();
    const bool trusted =
        std::ranges::any_of(trusted_, [&](const std::string& authority) { return signed_by(last, authority); });
    if (!trusted) {
      sink_
          .error("E3025", host.where,
                 fmt::format("the certificate of '{}' is from '{}', which no host trusts", host.name, info.issuer))
          .with_hint(fmt::format("'{}', or import the CA with '{}'", keys_command(mesh_, "issue", host.name),
                                 keys_command(mesh_, "ca import", "FILE")));
    }
    if (!plain_subject(own.certificate)) {
      sink_
          .error("E3024", host.where,
                 fmt::format("the certificate of '{}' has a subject that no configuration file can carry", host.name))
          .with_hint("a subject of plain text without , = / + # quotes and backslashes");
    }
  }

  /// Daemons compare the peer's subject with what the inventory says.
  void check_subject(const Host& host, const CertificateInfo& info) {
    const std::string& wanted = host.certificate.subject;
    if (wanted.empty() || info.subject == wanted) return;
    sink_
        .error("E3026", host.where,
               fmt::format("the certificate of '{}' is for '{}', not for '{}'", host.name, info.subject, wanted))
        .with_hint(fmt::format("certificate: {{subject: \"{}\"}} at the host, or '{}'", info.subject,
                               keys_command(mesh_, "issue", host.name)));
  }

  void check_names(const Host& host, const CertificateInfo& info) {
    for (const Address& address : host.addresses) {
      const std::string name = "IP:" + address.text();
      if (std::find(info.names.begin(), info.names.end(), name) != info.names.end()) continue;
      sink_
          .warning("W3020", host.where,
                   fmt::format("the certificate of '{}' does not name its address {}", host.name, address.text()))
          .with_hint(keys_command(mesh_, "issue", host.name));
    }
  }

  void manual() {
    const std::vector<ManualWish>& wishes = checked_.manual;
    if (wishes.empty()) return;
    using Place = std::tuple<std::string_view, std::string_view, std::string_view>;
    std::map<Place, const ManualKey*> have;
    for (const ManualKey& key : store_.manual.sas) have.emplace(Place(key.source, key.destination, key.protocol), &key);
    std::map<std::string_view, bool> missing;
    for (const ManualWish& wish : wishes) {
      const auto found = have.find({wish.source, wish.destination, wish.protocol});
      if (found == have.end() || found->second->link != wish.link ||
          found->second->encryption.size() != wish.encryption_bytes ||
          found->second->authentication.size() != wish.authentication_bytes) {
        missing.emplace(wish.link, true);
        continue;
      }
      add_manual(*found->second);
    }
    if (!missing.empty()) report_manual(missing);
  }

  void add_manual(const ManualKey& key) {
    const auto hex = [](const Secret& bytes) {
      std::string digits;
      digits.reserve(2 + 2 * bytes.size());
      if (!bytes.empty()) digits = "0x";
      append_hex(bytes.reveal(), digits);
      return Secret::take(digits);
    };
    table_.manual[{*Address::parse(key.source), *Address::parse(key.destination),
                   key.protocol == "ah" ? SaProtocol::Ah : SaProtocol::Esp}] = {key.spi, hex(key.encryption),
                                                                                hex(key.authentication)};
  }

  void report_manual(const std::map<std::string_view, bool>& missing) {
    for (const Link& link : mesh_.links) {
      if (mesh_.terms[link.terms].auth != Auth::Manual) continue;
      const Host& a = mesh_.hosts[link.a];
      const Host& b = mesh_.hosts[link.b];
      if (!missing.contains(link_key(a.id, b.id))) continue;
      sink_
          .error("E3022", link.where,
                 fmt::format("the vault has no manual keys that fit '{}' and '{}'", a.name, b.name))
          .with_hint(keys_command(mesh_, "make"));
    }
  }

  const Mesh& mesh_;
  const KeyStore& store_;
  const CheckedMesh& checked_;
  DiagSink& sink_;
  KeyTable table_;
  std::vector<std::string> trusted_;             // DER of every CA
  std::map<std::string, unsigned> cas_of_hash_;  // several CAs may have one subject, and so one hash
  std::map<std::string, unsigned> crls_of_hash_;
};

}  // namespace

std::string keys_command(const Mesh& mesh, std::string_view verb, std::string_view rest) {
  std::string out = fmt::format("meshctl keys {}", verb);
  if (!mesh.inventory.empty()) out += " " + shell_word(mesh.inventory);
  if (!rest.empty()) out += fmt::format(" {}", rest);
  return out;
}

Diags missing_keys(const Mesh& mesh, const KeyStore& store, const CheckedMesh& checked) {
  DiagSink found;
  KeyTable::make(mesh, store, checked, found);
  DiagSink out;
  const std::string make = keys_command(mesh, "make");
  std::size_t makable = 0;
  std::string first;
  for (const Diag& diag : found.take()) {
    if (diag.severity != Severity::Error) continue;
    if (diag.hint == make) {
      if (makable++ == 0) first = diag.text;
    } else {
      out.info("N3020", diag.where, diag.text).with_hint(diag.hint);
    }
  }
  if (makable > 1) first += fmt::format(", and {} more {} missing", makable - 1, makable == 2 ? "is" : "are");
  if (makable > 0) out.info("N3020", {}, first).with_hint(make);
  return out.take();
}

std::vector<bool> hosts_with(Auth auth, const Mesh& mesh) {
  std::vector<bool> out(mesh.hosts.size());
  for (const Link& link : mesh.links) {
    const Terms& terms = mesh.terms[link.terms];
    if (terms.auth == auth && terms.protects()) out[link.a] = out[link.b] = true;
  }
  return out;
}

std::optional<Diag> ca_of_windows(const Mesh& mesh, std::string_view subject) {
  if (windows::ca_name_fits(subject)) return std::nullopt;
  const auto linked = hosts_with(Auth::X509, mesh);
  for (HostIndex index = 0; index < mesh.hosts.size(); ++index) {
    const Host& host = mesh.hosts[index];
    if (!linked[index] || host.backend != BackendKind::Windows) continue;
    Diag fault;
    fault.code = "E3055";
    fault.where = host.where;
    fault.text = fmt::format("the CA's name '{}' has a % or a |, which cmd and netsh on '{}' read in their own way",
                             subject, host.name);
    return fault.with_hint("use a CA with another name for links with Windows");
  }
  return std::nullopt;
}

KeyTable KeyTable::make(const Mesh& mesh, const KeyStore& store, const CheckedMesh& checked, DiagSink& sink) {
  return TableMaker(mesh, store, checked, sink).make();
}

std::string KeyTable::spis_in_words(std::span<const AddressPair> pairs) const {
  std::uint32_t lowest = 0xFFFFFFFF;
  std::uint32_t highest = 0;
  const auto add = [&](const Address& source, const Address& destination) {
    for (const SaProtocol protocol : {SaProtocol::Esp, SaProtocol::Ah}) {
      const auto found = manual.find({source, destination, protocol});
      if (found == manual.end()) continue;
      lowest = std::min(lowest, found->second.spi);
      highest = std::max(highest, found->second.spi);
    }
  };
  for (const AddressPair& pair : pairs) {
    add(pair.local, pair.remote);
    add(pair.remote, pair.local);
  }
  return fmt::format(" spis {}-{}", lowest, highest);
}

}  // namespace meshctl
