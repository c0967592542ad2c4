#include "compile/compiler.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "compile/weak_keys.hpp"

namespace meshctl {
namespace {

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
  auto checked = check_mesh(mesh, templates, sources, sink);
  if (!checked) return tl::unexpected(std::move(checked.error()));
  compiler->checked_ = std::move(*checked);
  compiler->keys_ = KeyTable::make(mesh, store, compiler->checked_, sink);
  if (sink.ok()) judge_keys(mesh, compiler->keys_, sink);
  if (!sink.ok()) return tl::unexpected(sink.take());
  compiler->deriver_ = std::make_unique<PskDeriver>(store);
  return compiler;
}

const Backend& Compiler::backend_of(HostIndex host) const { return checked_.backend_of(mesh_.hosts[host]); }

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
    out += compiler_.checked_.explicit_psks.at(file).reveal();
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
