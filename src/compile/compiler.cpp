#include "compile/compiler.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "compile/explicit_psk.hpp"
#include "compile/weak_keys.hpp"
#include "io/file.hpp"
#include "io/home.hpp"
#include "mesh/profiles.hpp"

namespace meshctl {
namespace {

constexpr std::size_t kGoodPskBytes = 16;

void fill_record(const HostPlan& plan, const PeerPlan& peer, const std::string& keys, LinkRecord& record) {
  record.peer = plan.peer(peer).name;
  record.terms = summary(*peer.terms) + keys;
  record.initiator = peer.initiator;
  record.answers = plan.peer(peer).backend != BackendKind::Windows;
  record.level = std::string(text(peer.terms->level));
  record.pairs.clear();
  for (const AddressPair& pair : plan.pairs_of(peer)) {
    std::string& line = record.pairs.emplace_back();
    pair.local.append_to(line);
    line += ' ';
    pair.remote.append_to(line);
  }
}

}  // namespace

Result<std::unique_ptr<Compiler>> Compiler::make(const Mesh& mesh, const KeyStore& store, const TemplateSet& templates,
                                                 Sources& sources, DiagSink& sink) {
  std::unique_ptr<Compiler> compiler(new Compiler(mesh, store));
  auto backends = make_backends(templates, sources);
  if (!backends) return tl::unexpected(std::move(backends.error()));
  compiler->backends_ = std::move(*backends);
  compiler->check_capabilities(sink);
  if (!sink.ok()) return tl::unexpected(sink.take());
  if (auto read = compiler->read_explicit_psks(sink); !read) return tl::unexpected(std::move(read.error()));
  compiler->keys_ = KeyTable::make(mesh, store, sink);
  if (sink.ok()) judge_keys(mesh, compiler->keys_, sink);
  if (!sink.ok()) return tl::unexpected(sink.take());
  compiler->deriver_ = std::make_unique<PskDeriver>(store);
  return compiler;
}

const Backend& Compiler::backend_of(HostIndex host) const {
  const BackendKind kind = mesh_.hosts[host].backend;
  const auto found =
      std::find_if(backends_.begin(), backends_.end(), [&](const auto& backend) { return backend->kind() == kind; });
  return **found;  // resolve() lets only kinds through that the registry has
}

void Compiler::check_capabilities(DiagSink& sink) const {
  refuse_wishes(
      mesh_, [&](HostIndex host) { return backend_of(host).fulfils(); }, sink);
  for (HostIndex host = 0; host < mesh_.hosts.size(); ++host) backend_of(host).check(mesh_, host, sink);
}

Result<void> Compiler::read_explicit_psks(DiagSink& sink) {
  std::vector<bool> seen(mesh_.terms.size());
  for (const Link& link : mesh_.links) {
    if (seen[link.terms]) continue;
    seen[link.terms] = true;
    const Terms& terms = mesh_.terms[link.terms];
    if (terms.auth != Auth::Psk || terms.psk_file.empty()) continue;
    if (const auto known = explicit_psks_.find(terms.psk_file); known != explicit_psks_.end()) {
      judge_psk(mesh_, link, known->second, sink);  // under another profile
      continue;
    }
    auto line = read_secret_line(expand_home(terms.psk_file));
    auto key = line ? psk_text(std::move(*line), terms.psk_file) : std::move(line);
    if (!key) {
      for (Diag& diag : key.error()) diag.where = link.where;
      return tl::unexpected(std::move(key.error()));
    }
    if (psk_bytes(*key) < kGoodPskBytes && judge(terms, Weakness::ShortPsk) != Judgement::Error) {
      sink.warning(
              "W3022", link.where,
              fmt::format("the key in '{}' is shorter than {} bytes: it can be guessed", terms.psk_file, kGoodPskBytes))
          .with_hint("make one with: openssl rand -base64 33");
    } else {
      judge_psk(mesh_, link, *key, sink);
    }
    explicit_psks_.emplace(terms.psk_file, std::move(*key));
  }
  check_psks_of_windows(sink);
  return {};
}

void Compiler::check_psks_of_windows(DiagSink& sink) const {
  for (const Link& link : mesh_.links) {
    const Terms& terms = mesh_.terms[link.terms];
    const Host& a = mesh_.hosts[link.a];
    const Host& b = mesh_.hosts[link.b];
    if (a.backend != BackendKind::Windows && b.backend != BackendKind::Windows) continue;
    const auto key = explicit_psks_.find(terms.psk_file);
    if (terms.auth != Auth::Psk || key == explicit_psks_.end() || !key->second.reveal().starts_with("0x")) continue;
    sink.error("E3028", link.where,
               fmt::format(
                   "the key in '{}' can only be written as hex, which Windows between '{}' and '{}' takes for text",
                   terms.psk_file, a.name, b.name))
        .with_hint("a key of letters, digits and _ = + / - such as: openssl rand -base64 33");
  }
}

unsigned Compiler::epoch_of(LinkIndex link) const {
  const Link& pair = mesh_.links[link];
  if (!mesh_.terms[pair.terms].psk_file.empty()) return 0;
  return store_.epoch(mesh_.hosts[pair.a].id, mesh_.hosts[pair.b].id);
}

std::string Compiler::keys_in_words(const HostPlan& plan, const PeerPlan& peer) const {
  const Link& link = mesh_.links[peer.link];
  constexpr std::size_t shown = 8;  // hex digits of a fingerprint
  switch (peer.terms->auth) {
    case Auth::Psk: {
      const unsigned epoch = epoch_of(peer.link);
      return epoch == 0 ? "" : fmt::format(" epoch {}", epoch);
    }
    case Auth::Rsa:
      return fmt::format(" keys {} {}", keys_.rsa_public[link.a].fingerprint.substr(0, shown),
                         keys_.rsa_public[link.b].fingerprint.substr(0, shown));
    case Auth::X509:
      return fmt::format(" certificates {} {}", keys_.certificates[link.a].fingerprint.substr(0, shown),
                         keys_.certificates[link.b].fingerprint.substr(0, shown));
    case Auth::Manual: return keys_.spis_in_words(plan.pairs_of(peer));
    case Auth::Kerberos: return {};
  }
  return {};
}

Compiler::Worker::Worker(const Compiler& compiler)
    : compiler_(compiler), deriver_(compiler.deriver_->clone()), digests_(digest_key(compiler.store_)) {}

void Compiler::Worker::append(LinkIndex link, std::string& out) const {
  const Mesh& mesh = compiler_.mesh_;
  const Link& pair = mesh.links[link];
  const std::string& file = mesh.terms[pair.terms].psk_file;
  if (!file.empty()) {
    out += compiler_.explicit_psks_.at(file).reveal();
    return;
  }
  deriver_->append(mesh.hosts[pair.a].id, mesh.hosts[pair.b].id, compiler_.epoch_of(link), out);
}

unsigned Compiler::Worker::epoch(LinkIndex link) const { return compiler_.epoch_of(link); }

const Bundle& Compiler::Worker::compile(HostIndex host) {
  const Mesh& mesh = compiler_.mesh_;
  const Backend& backend = compiler_.backend_of(host);
  project(mesh, host, plan_);
  backend.emit(plan_, *this, bundle_.artefacts);
  Manifest& manifest = bundle_.manifest;
  manifest.mesh = mesh.name;
  manifest.host = mesh.hosts[host].name;
  manifest.backend = std::string(text(backend.kind()));
  manifest.links.resize(plan_.peers.size());
  for (std::size_t i = 0; i < plan_.peers.size(); ++i) {
    fill_record(plan_, plan_.peers[i], compiler_.keys_in_words(plan_, plan_.peers[i]), manifest.links[i]);
  }
  seal(bundle_, digests_);
  return bundle_;
}

Bundle Compiler::Worker::take(HostIndex host) {
  compile(host);
  return std::exchange(bundle_, Bundle{});
}

}  // namespace meshctl
