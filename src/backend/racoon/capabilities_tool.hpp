// What `form: racoon-tool` cannot say, beside what racoon cannot do.
#pragma once
#include "base/diag.hpp"
#include "mesh/mesh.hpp"

namespace meshctl::racoon {

/// Nothing for hosts of another form.
void check_racoon_tool(const Mesh& mesh, HostIndex host, DiagSink& sink);

}  // namespace meshctl::racoon
