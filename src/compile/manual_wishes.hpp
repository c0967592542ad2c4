// Which manual SAs a mesh calls for.
#pragma once
#include <vector>

#include "base/diag.hpp"
#include "keys/manual.hpp"
#include "mesh/mesh.hpp"

namespace meshctl {

/// Two SAs, one a direction, for each address pair and protocol of each link with `auth: manual`, by host.
/// E3023 at the link: its suite needs fresh nonces or has no integrity, so it must not be used with keys that
/// stay. E3027: an address is not known, or behind NAT.
std::vector<ManualWish> manual_wishes(const Mesh& mesh, DiagSink& sink);

}  // namespace meshctl
