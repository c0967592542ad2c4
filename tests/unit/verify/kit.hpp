// Hosts in memory: a map of texts, or what compile makes of an inventory; with one line changed.
#pragma once
#include <doctest/doctest.h>

#include <map>
#include <string>

#include "compile/compiler.hpp"
#include "inventory/load.hpp"
#include "mesh/mesh.hpp"
#include "verify/verify.hpp"

namespace meshctl::test {

/// Host -> live path -> text.
using Hosts = std::map<std::string, std::map<std::string, std::string>>;

class MemorySource final : public verify::HostSource {
 public:
  explicit MemorySource(const Hosts& hosts) : hosts_(hosts) {}
  [[nodiscard]] std::size_t size() const override { return hosts_.size(); }
  Result<verify::HostTree> load(std::size_t index, unsigned) override {
    const auto& [name, files] = *std::next(hosts_.begin(), static_cast<std::ptrdiff_t>(index));
    verify::HostTree tree;
    tree.host = name;
    for (const auto& [path, content] : files) tree.files.push_back({path, name + ":" + path, content});
    return tree;
  }

 private:
  const Hosts& hosts_;
};

inline verify::Report verify_hosts(const Hosts& hosts, const verify::Options& options = {}) {
  MemorySource source(hosts);
  return verify::verify(source, options);
}

inline KeyStore sample_keys(const std::string& mesh) {
  KeyStore store;
  store.mesh = mesh;
  store.master = Secret("0123456789abcdef0123456789abcdef");
  return store;
}

inline Hosts compile_mesh(const Mesh& mesh, const KeyStore& store) {
  Sources sources;
  DiagSink sink;
  auto compiler = Compiler::make(mesh, store, TemplateSet::embedded(), sources, sink);
  Hosts out;
  if (!compiler) return out;
  Compiler::Worker worker(**compiler);
  for (HostIndex host = 0; host < mesh.hosts.size(); ++host) {
    Bundle bundle = worker.take(host);
    for (Artefact& artefact : bundle.artefacts) out[bundle.manifest.host][artefact.path] = artefact.content;
  }
  return out;
}

inline Hosts compile_mesh(const Mesh& mesh) { return compile_mesh(mesh, sample_keys(mesh.name)); }

inline Hosts compile_text(const std::string& yaml, const KeyStore& store = sample_keys("m")) {
  Sources sources;
  DiagSink sink;
  auto inventory = parse_inventory("inv.yaml", yaml, sources, sink);
  REQUIRE(inventory);
  if (!inventory->default_backend) inventory->default_backend = Marked<BackendKind>{BackendKind::Racoon, {}};
  auto mesh = resolve(*inventory, {}, "/srv/mesh", sink);
  REQUIRE(mesh);
  return compile_mesh(*mesh, store);
}

inline std::string shown(const verify::Report& report) {
  std::string out;
  for (const Diag& diag : report.diags) out += render(diag, report.sources, false);
  return out;
}

}  // namespace meshctl::test
