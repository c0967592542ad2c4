// What Windows, in its version and form, cannot do (E2060 to E2069).
#pragma once
#include "mesh/mesh.hpp"

namespace meshctl::windows {

void check_host(const Mesh& mesh, HostIndex host, DiagSink& sink);

}  // namespace meshctl::windows
