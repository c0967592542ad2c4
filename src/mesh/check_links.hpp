// Third part of resolve(): links that cannot work between these two hosts, and links that get into each other's way.
#pragma once
#include "mesh/hosts.hpp"
#include "mesh/mesh.hpp"

namespace meshctl {

/// One link alone: E1030, E1070 to E1079.
void check_link(const Link& link, const Terms& terms, const HostList& list, DiagSink& sink);

/// Links that would be asked before one of their hosts' other links that is more specific or of higher priority, only
/// since they come before the bypasses and that one behind: these come behind as well.
void place_bypasses(Mesh& mesh);

/// All links of each host: what two of them would both carry is E1080. Half a million plain links cost nothing.
void check_overlaps(const Mesh& mesh, DiagSink& sink);

}  // namespace meshctl
