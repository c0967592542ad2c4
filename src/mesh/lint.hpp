// Warnings about a mesh that is valid but not wise, and errors where a profile does not allow it. One family a file;
// none of them changes the mesh.
#pragma once
#include "base/diag.hpp"
#include "mesh/mesh.hpp"

namespace meshctl {

/// All families. Each finding comes once, at the first link that it concerns.
void lint(const Mesh& mesh, DiagSink& sink);

/// W1101 to W1110, W1406, N1106, N1107: broken or weak algorithms, with the reason and its source.
void lint_algorithms(const Mesh& mesh, DiagSink& sink);
/// W1401 to W1405: headers, exchange modes, versions, lifetimes.
void lint_negotiation(const Mesh& mesh, DiagSink& sink);
/// W1410 to W1412: who is let in, and who may read the keys.
void lint_identities(const Mesh& mesh, DiagSink& sink);
/// W1320, W1321, W1330, W1331: gateways, NAT, road warriors.
void lint_paths(const Mesh& mesh, DiagSink& sink);
/// W1201: a selector that another one of the same link covers.
void lint_selectors(const Mesh& mesh, DiagSink& sink);
/// W1301, W1310: a bypass that is missing. W1311, W1312: one that is wider than it need be.
void lint_bypasses(const Mesh& mesh, DiagSink& sink);

}  // namespace meshctl
