#include "mesh/lint.hpp"

namespace meshctl {

void lint(const Mesh& mesh, DiagSink& sink) {
  if (mesh.links.empty()) {
    sink.warning("W1001", {}, "the mesh has no links: nothing will be protected")
        .with_hint("add 'links:', for example '- {among: all}'");
  }
  lint_algorithms(mesh, sink);
  lint_negotiation(mesh, sink);
  lint_identities(mesh, sink);
  lint_selectors(mesh, sink);
  lint_paths(mesh, sink);
  lint_bypasses(mesh, sink);
}

}  // namespace meshctl
