#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

#include "cli/certificate_subject.hpp"
#include "cli/keys_vault.hpp"
#include "cli/verb_keys.hpp"
#include "compile/key_files.hpp"
#include "compile/key_table.hpp"
#include "io/file.hpp"
#include "keys/certify.hpp"
#include "keys/rsa.hpp"

namespace meshctl {
namespace {

/// Keys for hosts that have none, on all cores; only where a CA is there to use them.
Result<void> make_missing_keys(VaultEdit& edit, const std::vector<HostIndex>& hosts, unsigned bits) {
  if (issuing_authority(edit.store) == nullptr) return {};
  std::vector<KeyPair*> missing;
  for (const HostIndex index : hosts) {
    const std::string& id = edit.mesh().hosts[index].id;
    if (lacks_key(edit.store, id)) missing.push_back(&edit.store.certificates[id].key);
  }
  std::sort(missing.begin(), missing.end());
  missing.erase(std::unique(missing.begin(), missing.end()), missing.end());  // a host named twice
  return generate_all(missing, bits);
}

/// Who checks certificates, and so has to get the list: apply brings it to those that meshctl manages.
struct Reach {
  std::vector<std::string> hosts, out_of_reach;
  std::vector<std::string> any_peer;  // Windows: until the list is there, the revoked key is any host to these
};

Reach reach_of(const Mesh& mesh) {
  Reach out;
  const auto linked = hosts_with(Auth::X509, mesh);
  for (HostIndex index = 0; index < mesh.hosts.size(); ++index) {
    const Host& host = mesh.hosts[index];
    if (!linked[index]) continue;
    (host.managed ? out.hosts : out.out_of_reach).push_back(host.name);
    if (host.managed && host.backend == BackendKind::Windows) out.any_peer.push_back(host.name);
  }
  return out;
}

std::string in_words(const Reach& reach) {
  std::string out;
  const auto line = [&out](std::string_view what, const std::vector<std::string>& names) {
    if (!names.empty()) out += fmt::format("{}: {}.\n", what, fmt::join(names, ", "));
  };
  line("'meshctl apply' brings the CRL to", reach.hosts);
  line("Until then the revoked key can pose as any peer of these Windows hosts", reach.any_peer);
  line(
      "Out of reach, since meshctl does not manage them (give them the CRL, which 'meshctl compile' writes for the "
      "others)",
      reach.out_of_reach);
  return out;
}

Result<Said> revoke_host(VaultEdit& edit, const std::string& name, unsigned days) {
  // A host that has left the inventory can still be revoked, by its id.
  const auto host = edit.host(name);
  if (!host && !edit.store.certificates.contains(name)) return tl::unexpected(host.error());
  const std::string id = host ? edit.mesh().hosts[*host].id : name;
  if (auto done = revoke(edit.store, id, {edit.now, days}); !done) return tl::unexpected(std::move(done.error()));
  const Reach reach = reach_of(edit.mesh());
  return Said{fmt::format("The certificate of {} is on the CRL, which is good until {}.\n{}", name,
                          date_text(edit.now + std::int64_t{days} * kDay), in_words(reach)),
              {{"host", name}, {"reaches", reach.hosts}, {"out_of_reach", reach.out_of_reach}}};
}

struct RequestWish {
  std::string host;
  unsigned bits = kRsaBits;
  std::string file;
};

Result<Said> request(VaultEdit& edit, const RequestWish& wish) {
  const auto host = edit.host(wish.host);
  if (!host) return tl::unexpected(host.error());
  CertifiedKey& own = edit.store.certificates[edit.mesh().hosts[*host].id];
  const bool changed = !own.requested.there();
  if (changed) {
    auto made = generate_rsa(wish.bits);
    if (!made) return tl::unexpected(std::move(made.error()));
    own.requested = std::move(*made);
  }
  const std::string pem = certificate_request(own.requested, subject_of(edit.project, *host));
  if (wish.file.empty()) return Said{pem, {{"request", pem}}, changed};
  if (auto written = write_atomic(wish.file, pem, 0644U); !written) return tl::unexpected(std::move(written.error()));
  return Said{fmt::format("Wrote {}.\n", wish.file), {{"file", wish.file}}, changed};
}

struct InstallWish {
  std::string host;
  std::string file;
  std::string held;
};

/// The key that a host's new certificate is for: the one that was asked for, the one it has, or one that only the host
/// or a third party has. Without a public half: none of these.
KeyPair key_for(const std::vector<std::string>& certificates, const CertifiedKey& own, const Host& host,
                const InstallWish& wish) {
  const auto fits = [&](const KeyPair& pair) {
    return pair.there() && std::ranges::any_of(certificates, [&](const std::string& der) {
             return certificate_info(der).spki == pair.spki;
           });
  };
  if (wish.held.empty() && fits(own.requested)) return own.requested.clone();
  if (wish.held.empty() && fits(own.key)) return own.key.clone();
  KeyPair pair;
  pair.held_path = wish.held;
  for (const std::string& der : certificates) {
    const CertificateInfo info = certificate_info(der);
    if (pair.spki.empty() && !info.authority) pair.spki = info.spki;
  }
  return host.managed && wish.held.empty() ? KeyPair{} : std::move(pair);
}

/// The CAs of the vault, and the one that the inventory names for this host.
Result<std::vector<std::string>> trusted_for(const VaultEdit& edit, const Host& host) {
  std::vector<std::string> out;
  for (const Authority& authority : edit.store.authorities) out.push_back(authority.certificate);
  auto named = read_authorities(host.certificate.ca_file, "");
  if (!named) return tl::unexpected(std::move(named.error()));
  for (Authority& authority : *named) out.push_back(std::move(authority.certificate));
  return out;
}

Result<Said> install(VaultEdit& edit, const InstallWish& wish) {
  if (!wish.held.empty() && !wish.held.starts_with('/')) {
    return fail("E3044", "--held is not an absolute path", {}, "the path of the private key on the host");
  }
  const auto host = edit.host(wish.host);
  if (!host) return tl::unexpected(host.error());
  const auto content = read_file(wish.file, {.limit = std::size_t{1} << 20});
  if (!content) return tl::unexpected(content.error());
  auto certificates = read_certificates(*content, wish.file);
  if (!certificates) return tl::unexpected(std::move(certificates.error()));
  CertifiedKey& own = edit.store.certificates[edit.mesh().hosts[*host].id];
  KeyPair key = key_for(*certificates, own, edit.mesh().hosts[*host], wish);
  auto trusted = trusted_for(edit, edit.mesh().hosts[*host]);
  if (!trusted) return tl::unexpected(std::move(trusted.error()));
  auto installed = arrange_chain(*certificates, key.spki, *trusted, edit.now, wish.file);
  if (!installed) return tl::unexpected(std::move(installed.error()));
  if (own.requested.spki == key.spki) own.requested = KeyPair{};
  own.key = std::move(key);
  own.certificate = std::move(installed->certificate);
  own.chain = std::move(installed->chain);
  const CertificateInfo info = certificate_info(own.certificate);
  return Said{
      fmt::format("{} has the certificate '{}', good until {}.\n", wish.host, info.subject, date_text(info.not_after)),
      {{"host", wish.host}, {"subject", info.subject}, {"not_after", info.not_after}}};
}

void add_issue(Cli& cli, Verb keys) {
  const Verb verb =
      keys.add_verb("issue", "Issue certificates to the hosts named, or to all with 'auth: x509' that need one");
  const auto wish = std::make_shared<IssueWish>();
  add_edit_options(verb, cli);
  verb.add_option("HOST", wish->hosts, "hosts");
  add_key_size_options(verb, wish->bits, &wish->days);
  verb.add_option("--before", wish->before, "without HOST: renew what ends within so many days")
      .called("DAYS")
      .show_default();
  verb.add_flag("--new-key", wish->new_key, "a new key as well");
  on_run(verb, cli,
         [&cli, wish] { return edit_vault(cli, [&](VaultEdit& edit) { return issue_certificates(edit, *wish); }); });
}

void add_revoke(Cli& cli, Verb keys) {
  const Verb verb = keys.add_verb("revoke", "Put a host's certificate on the CRL and forget its key");
  const auto host = std::make_shared<std::string>();
  const auto days = std::make_shared<unsigned>(kCrlDays);
  add_edit_options(verb, cli);
  verb.add_option("HOST", *host, "a host, or the id of one that has left the inventory").required();
  verb.add_option("--next-update", *days, "days until the CRL must be renewed")
      .called("DAYS")
      .range(1U, 36500U)
      .show_default();
  on_run(verb, cli, [&cli, host, days] {
    return edit_vault(cli, [&](VaultEdit& edit) { return revoke_host(edit, *host, *days); });
  });
}

void add_csr(Cli& cli, Verb keys) {
  const Verb verb = keys.add_verb(
      "csr", "Make a key and a request (PKCS#10) for an external CA; the same again until it is answered");
  const auto wish = std::make_shared<RequestWish>();
  add_edit_options(verb, cli);
  verb.add_option("HOST", wish->host, "a host").required();
  verb.add_option("--out", wish->file, "write it there instead of to standard output").called("FILE");
  const Option older = verb.add_option("-f,--file", wish->file, "write it there").called("FILE").hidden();
  add_key_size_options(verb, wish->bits, nullptr);
  on_run(verb, cli, [&cli, older, wish] {
    if (older.given()) note_older_form(cli.output, "--file FILE", "--out FILE");
    return edit_vault(cli, [&](VaultEdit& edit) { return request(edit, *wish); });
  });
}

void add_install(Cli& cli, Verb keys) {
  const Verb verb = keys.add_verb("install-cert", "Take a host's certificate from an external CA into the vault");
  const auto wish = std::make_shared<InstallWish>();
  add_edit_options(verb, cli);
  verb.add_option("HOST", wish->host, "a host").required();
  verb.add_option("FILE", wish->file, "PEM, with intermediate certificates; or DER").required();
  verb.add_option("--held", wish->held, "the private key was made on the host and stays there, at this path")
      .called("PATH");
  on_run(verb, cli, [&cli, wish] { return edit_vault(cli, [&](VaultEdit& edit) { return install(edit, *wish); }); });
}

}  // namespace

Result<Said> issue_certificates(VaultEdit& edit, const IssueWish& wish) {
  const auto linked = hosts_with(Auth::X509, edit.mesh());
  const auto hosts = edit.hosts(wish.hosts, [&](HostIndex index) {
    const Host& host = edit.mesh().hosts[index];
    return linked[index] && host.managed && host.certificate.ca_file.empty() &&
           why_issue(edit.store, host.id, subject_of(edit.project, index), edit.now, wish.before);
  });
  if (!hosts) return tl::unexpected(hosts.error());
  if (auto made = make_missing_keys(edit, *hosts, wish.bits); !made) return tl::unexpected(std::move(made.error()));
  Said said{"", {{"issued", Json::array()}}, !hosts->empty()};
  for (const HostIndex index : *hosts) {
    const Host& host = edit.mesh().hosts[index];
    const HostSubject subject = subject_of(edit.project, index);
    const auto why = why_issue(edit.store, host.id, subject, edit.now, wish.before);
    const IssueOptions options{{edit.now, wish.days}, wish.new_key, wish.bits};
    if (auto done = issue_for(edit.store, host.id, subject, options); !done) {
      const bool no_ca = issuing_authority(edit.store) == nullptr;
      for (Diag& diag : done.error()) {
        if (no_ca)
          diag.hint = fmt::format("'{}' makes one; for an external CA use '{}'", keys_command(edit.mesh(), "make"),
                                  keys_command(edit.mesh(), "csr", host.name));
      }
      return tl::unexpected(std::move(done.error()));
    }
    const CertificateInfo info = certificate_info(edit.store.certificates.at(host.id).certificate);
    said.text += fmt::format("{}: a certificate until {}{}\n", host.name, date_text(info.not_after),
                             why ? fmt::format(" ({})", *why) : "");
    said.fields["issued"].push_back({{"host", host.name}, {"not_after", info.not_after}, {"serial", info.serial}});
  }
  if (hosts->empty()) said.text = "No certificate is due.\n";
  return said;
}

void add_keys_certificates(Cli& cli, Verb keys) {
  add_issue(cli, keys);
  add_revoke(cli, keys);
  add_csr(cli, keys);
  add_install(cli, keys);
}

}  // namespace meshctl
