#include "mesh/overlaps.hpp"

namespace meshctl {
namespace {

bool is_plain(const Host& host) { return !host.dynamic && !host.public_address; }

bool ports_meet(std::uint16_t x, std::uint16_t y) { return x == 0 || y == 0 || x == y; }
bool types_meet(std::int16_t x, std::int16_t y) { return x < 0 || y < 0 || x == y; }

}  // namespace

bool can_overlap(const Mesh& mesh, HostIndex host) {
  if (!is_plain(mesh.hosts[host])) return true;
  return std::any_of(mesh.links_of[host].begin(), mesh.links_of[host].end(), [&](LinkIndex index) {
    const Link& link = mesh.links[index];
    const HostIndex peer = link.a == host ? link.b : link.a;
    return mesh.terms[link.terms].mode == Mode::Tunnel || !is_plain(mesh.hosts[peer]);
  });
}

bool Overlaps::overlap(const Flow& x, const Flow& y) {
  return x.remote.overlaps(y.remote) && x.local.overlaps(y.local) &&
         (x.protocol == 0 || y.protocol == 0 || x.protocol == y.protocol) && ports_meet(x.local_port, y.local_port) &&
         ports_meet(x.remote_port, y.remote_port) && types_meet(x.icmp_type, y.icmp_type) &&
         types_meet(x.icmp_code, y.icmp_code);
}

void Overlaps::look(HostIndex host) {
  project(mesh_, host, plan_);
  items_.clear();
  for (const PeerPlan& peer : plan_.peers) {
    for (const Flow& flow : plan_.flows_of(peer)) {
      if (!is_unknown(flow.remote) && !is_unknown(flow.local)) items_.push_back({&flow, &peer});
    }
  }
}

}  // namespace meshctl
