#include "compile/rules.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "compile/explicit_psk.hpp"
#include "compile/key_files.hpp"
#include "compile/key_table.hpp"
#include "compile/manual_wishes.hpp"
#include "compile/weak_keys.hpp"
#include "io/file.hpp"
#include "io/home.hpp"
#include "keys/rsa.hpp"
#include "mesh/profiles.hpp"

namespace meshctl {
namespace {

constexpr std::size_t kGoodPskBytes = 16;

/// `diags` that have no place of their own get this one.
void add_at(Range where, Diags diags, DiagSink& sink) {
  for (Diag& diag : diags) {
    if (!diag.where.known()) diag.where = where;
  }
  sink.add(std::move(diags));
}

/// What belongs into a named file that is not there.
Diags missing_file(Diags diags, const std::string& hint) {
  for (Diag& diag : diags) {
    if (diag.code == "E4001" && diag.hint.empty()) diag.hint = hint;
  }
  return diags;
}

class Rules {
 public:
  Rules(const Mesh& mesh, CheckedMesh& out, DiagSink& sink) : mesh_(mesh), out_(out), sink_(sink) {}

  void run() {
    capabilities();
    psk_files();
    psks_of_windows();
    public_keys();
    authorities();
    out_.manual = manual_wishes(mesh_, sink_);
    named_keys();
  }

 private:
  /// Both ends of a link may have the same to say about it.
  void capabilities() {
    DiagSink found;
    const auto fulfilled = [&](HostIndex host) { return out_.backend_of(mesh_.hosts[host]).fulfils(); };
    refuse_wishes(mesh_, fulfilled, found);
    for (HostIndex host = 0; host < mesh_.hosts.size(); ++host) {
      out_.backend_of(mesh_.hosts[host]).check(mesh_, host, found);
    }
    std::set<std::tuple<Range, std::string_view, std::string>> told;
    for (Diag& diag : found.take()) {
      if (told.emplace(diag.where, diag.code, diag.text).second) sink_.add(std::move(diag));
    }
  }

  void psk_files() {
    std::vector<bool> seen(mesh_.terms.size());
    for (const Link& link : mesh_.links) {
      if (seen[link.terms]) continue;
      seen[link.terms] = true;
      const Terms& terms = mesh_.terms[link.terms];
      if (terms.auth != Auth::Psk || terms.psk_file.empty() || unreadable_.contains(terms.psk_file)) continue;
      if (const auto known = out_.explicit_psks.find(terms.psk_file); known != out_.explicit_psks.end()) {
        judge_psk(mesh_, link, known->second, sink_);  // under another profile
        continue;
      }
      auto line = read_secret_line(expand_home(terms.psk_file));
      auto key = line ? psk_text(std::move(*line), terms.psk_file) : std::move(line);
      if (!key) {
        unreadable_.insert(terms.psk_file);
        add_at(link.where,
               missing_file(std::move(key.error()),
                            "put the key that both ends agreed on into it, mode 0600; without psk_file one is derived"),
               sink_);
        continue;
      }
      if (psk_bytes(*key) < kGoodPskBytes && judge(terms, Weakness::ShortPsk) != Judgement::Error) {
        sink_
            .warning("W3022", link.where,
                     fmt::format("the key in '{}' is shorter than {} bytes: it can be guessed", terms.psk_file,
                                 kGoodPskBytes))
            .with_hint("make one with: openssl rand -base64 33");
      } else {
        judge_psk(mesh_, link, *key, sink_);
      }
      out_.explicit_psks.emplace(terms.psk_file, std::move(*key));
    }
  }

  void psks_of_windows() {
    for (const Link& link : mesh_.links) {
      const Terms& terms = mesh_.terms[link.terms];
      const Host& a = mesh_.hosts[link.a];
      const Host& b = mesh_.hosts[link.b];
      if (a.backend != BackendKind::Windows && b.backend != BackendKind::Windows) continue;
      const auto key = out_.explicit_psks.find(terms.psk_file);
      if (terms.auth != Auth::Psk || key == out_.explicit_psks.end() || !key->second.reveal().starts_with("0x"))
        continue;
      sink_
          .error("E3028", link.where,
                 fmt::format(
                     "the key in '{}' can only be written as hex, which Windows between '{}' and '{}' takes for text",
                     terms.psk_file, a.name, b.name))
          .with_hint("a key of letters, digits and _ = + / - such as: openssl rand -base64 33");
    }
  }

  /// Somebody else made these keys, and keeps the private halves.
  void public_keys() {
    const auto wanted = hosts_with(Auth::Rsa, mesh_);
    for (HostIndex index = 0; index < mesh_.hosts.size(); ++index) {
      const Host& host = mesh_.hosts[index];
      if (!wanted[index] || host.rsa_public_key.empty()) continue;
      auto spki = read_public_key(host.rsa_public_key);
      const auto good = spki ? must_be_rsa(*spki, host.rsa_public_key) : Result<void>();
      if (!spki || !good) {
        add_at(host.where,
               spki ? good.error()
                    : missing_file(std::move(spki.error()), fmt::format("put {}'s public key into it", host.name)),
               sink_);
        continue;
      }
      out_.named.rsa_public.emplace(index, std::move(*spki));
    }
  }

  void authorities() {
    const auto wanted = hosts_with(Auth::X509, mesh_);
    std::set<std::pair<std::string_view, std::string_view>> read;
    for (HostIndex index = 0; index < mesh_.hosts.size(); ++index) {
      const Host& host = mesh_.hosts[index];
      if (!wanted[index] || host.certificate.ca_file.empty()) continue;
      if (!read.emplace(host.certificate.ca_file, host.certificate.crl_file).second) continue;
      auto found = read_authorities(host.certificate.ca_file, host.certificate.crl_file);
      if (!found) {
        add_at(
            host.where,
            missing_file(std::move(found.error()),
                         fmt::format("put the certificate of the CA that signs for {} into it, or its CRL", host.name)),
            sink_);
        continue;
      }
      for (Authority& authority : *found) out_.named.authorities.push_back(std::move(authority));
    }
  }

  /// What a profile, or a batch file, refuses of the keys that were read from these files: as in a vault without keys.
  void named_keys() {
    DiagSink found;
    const KeyTable table = KeyTable::make(mesh_, KeyStore{}, out_, found);
    judge_keys(mesh_, table, found);
    for (Diag& diag : found.take()) {
      const bool of_vault = diag.code == "E3020" || diag.code == "E3021" || diag.code == "E3022";
      if (diag.severity == Severity::Error && !of_vault) sink_.add(std::move(diag));
    }
  }

  const Mesh& mesh_;
  CheckedMesh& out_;
  DiagSink& sink_;
  std::set<std::string_view> unreadable_;  // PSK files
};

}  // namespace

const Backend& CheckedMesh::backend_of(const Host& host) const {
  return **std::find_if(backends.begin(), backends.end(),
                        [&](const auto& backend) { return backend->kind() == host.backend; });
}

Result<CheckedMesh> check_mesh(const Mesh& mesh, const TemplateSet& templates, Sources& sources, DiagSink& sink) {
  auto backends = make_backends(templates, sources);
  if (!backends) return tl::unexpected(std::move(backends.error()));
  CheckedMesh out;
  out.backends = std::move(*backends);
  Rules(mesh, out, sink).run();
  if (!sink.ok()) return tl::unexpected(sink.take());
  return out;
}

}  // namespace meshctl
