// What racoon cannot express.
#pragma once
#include "base/diag.hpp"
#include "mesh/mesh.hpp"

namespace meshctl::racoon {

/// E21xx at the link's place, once for each set of terms and cause: names the link, the reason and what would work.
void check_links(const Mesh& mesh, HostIndex host, DiagSink& sink);

}  // namespace meshctl::racoon
