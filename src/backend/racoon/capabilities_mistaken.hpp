// What stands in the way of the policies that racoon makes for ends of unknown address.
#pragma once
#include "base/diag.hpp"
#include "mesh/mesh.hpp"

namespace meshctl::racoon {

/// E2135, W2541 at the place of the road warrior's link, once each.
void check_mistaken(const Mesh& mesh, HostIndex host, DiagSink& sink);

}  // namespace meshctl::racoon
