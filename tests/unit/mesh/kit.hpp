// From YAML text to Mesh in one call, for tests that are easier to read as an inventory.
#pragma once
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "base/sources.hpp"
#include "inventory/load.hpp"
#include "mesh/mesh.hpp"

namespace meshctl::test {

struct Resolved {
  Sources sources;
  Result<Mesh> mesh = fail("E0000", "not resolved");
  Diags warnings;

  [[nodiscard]] const Diags& errors() const { return mesh.error(); }
  [[nodiscard]] const Host& host(std::string_view name) const { return mesh->hosts[index(name)]; }
  [[nodiscard]] HostIndex index(std::string_view name) const {
    const auto it = std::find_if(mesh->hosts.begin(), mesh->hosts.end(), [&](const Host& h) { return h.name == name; });
    REQUIRE(it != mesh->hosts.end());
    return static_cast<HostIndex>(it - mesh->hosts.begin());
  }
  [[nodiscard]] const Link* link(std::string_view a, std::string_view b) const {
    const auto x = std::min(index(a), index(b));
    const auto y = std::max(index(a), index(b));
    for (const Link& link : mesh->links) {
      if (link.a == x && link.b == y) return &link;
    }
    return nullptr;
  }
  [[nodiscard]] const Terms& terms(std::string_view a, std::string_view b) const {
    const Link* found = link(a, b);
    REQUIRE(found != nullptr);
    return mesh->terms[found->terms];
  }
};

inline Resolved resolve_text(const std::string& yaml, const Facts& facts = {}) {
  Resolved out;
  DiagSink sink;
  auto inventory = parse_inventory("inv.yaml", yaml, out.sources, sink);
  if (!inventory) {
    std::string all;
    for (const auto& diag : inventory.error()) all += render(diag, out.sources, false) + "\n";
    FAIL(all);
  }
  // What is not about back ends writes none, and so no place in it moves.
  if (!inventory->default_backend) inventory->default_backend = Marked<BackendKind>{BackendKind::Racoon, {}};
  out.mesh = resolve(*inventory, facts, "/srv/mesh", sink);
  out.warnings = sink.take();
  return out;
}

/// "E1021 3:5" of each diagnostic, blank separated: code and place.
inline std::string codes(const Diags& diags) {
  std::string out;
  for (const auto& diag : diags) {
    if (!out.empty()) out += ' ';
    out += std::string(diag.code) + " " + std::to_string(diag.where.line) + ":" + std::to_string(diag.where.col);
  }
  return out;
}

inline std::string shown(const Resolved& resolved) {
  std::string all;
  if (!resolved.mesh) {
    for (const auto& diag : resolved.errors()) all += render(diag, resolved.sources, false) + "\n";
  }
  return all;
}

/// version, mesh and three hosts a, b, c, c being IPv4 only; then `rest`.
inline std::string with_abc(const std::string& rest) {
  return "version: 1\n"                                                           // line 1
         "mesh: test\n"                                                           // line 2
         "hosts:\n"                                                               // line 3
         "  a: {addresses: [10.0.0.1, \"2001:db8::1\"], tags: [web]}\n"           // line 4
         "  b: {addresses: [10.0.0.2, \"2001:db8::2\"], tags: [web, db]}\n"       // line 5
         "  c: {addresses: [10.0.0.3], backend: strongswan, tags: [db, edge]}\n"  // line 6
         + rest;                                                                  // from line 7
}

}  // namespace meshctl::test
