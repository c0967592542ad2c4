// What strongSwan with kernel policies of ours cannot do.
#include <fmt/format.h>

#include "backend/strongswan/strongswan.hpp"

namespace meshctl::strongswan {
namespace {

void check_link(const Mesh& mesh, const Link& link, DiagSink& sink) {
  const Terms& terms = mesh.terms[link.terms];
  const std::string name = fmt::format("link {}-{}", mesh.hosts[link.a].name, mesh.hosts[link.b].name);
  if (terms.auth != Auth::Psk) {
    sink.error("E2201", link.where,
               fmt::format("{}: authentication '{}' is not available with back end strongswan", name, text(terms.auth)))
        .with_hint("use 'auth: psk'");
  }
  if (terms.level == Level::Use && terms.mode == Mode::Tunnel) {
    sink.error("E2202", link.where,
               fmt::format("{}: level 'use' is not possible in tunnel mode: the kernel refuses optional tunnels", name))
        .with_hint("use 'mode: transport', or 'level: require'");
  }
  if (terms.ike_version == IkeVersion::V1 && is_aead(terms.proposals.ike.cipher)) {
    sink.error("E2203", link.where, fmt::format("{}: IKEv1 knows no combined cipher for IKE itself", name))
        .with_hint("use 'ike: 2', or a suite with aes and a hash");
  }
}

}  // namespace

// A link between two strongSwan hosts is told once, by the end that sorts first.
void check_host(const Mesh& mesh, HostIndex host, DiagSink& sink) {
  for (const LinkIndex index : mesh.links_of[host]) {
    const Link& link = mesh.links[index];
    if (link.b == host && mesh.hosts[link.a].backend == BackendKind::Strongswan) continue;
    check_link(mesh, link, sink);
  }
}

}  // namespace meshctl::strongswan
