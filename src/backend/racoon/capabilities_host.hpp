// What racoon cannot do for a host as a whole, or for some of its links together.
#pragma once
#include "base/diag.hpp"
#include "mesh/mesh.hpp"

namespace meshctl::racoon {

void check_host(const Mesh& mesh, HostIndex host, DiagSink& sink);

}  // namespace meshctl::racoon
