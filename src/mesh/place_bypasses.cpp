// Tunnels of nets in which another link lies: the two must keep their order, and the other one needs the bypasses.
#include <algorithm>
#include <vector>

#include "mesh/check_links.hpp"
#include "mesh/overlaps.hpp"

namespace meshctl {
namespace {

/// Appends the links of `host` that would be asked ahead of the bypasses and so ahead of a flow that is to come first:
/// one within them, or of higher priority.
void append_too_early(Overlaps& overlaps, HostIndex host, std::vector<LinkIndex>& out) {
  overlaps.look(host);
  const auto behind = [](const Overlaps::Item& item) { return item.flow->rank >= kHoleRank; };
  const auto& items = overlaps.items();
  if (std::all_of(items.begin(), items.end(), behind) || std::none_of(items.begin(), items.end(), behind)) return;
  overlaps.walk([](const Flow&) { return 0; },
                [&](const Overlaps::Item& x, const Overlaps::Item& y) {
                  if (behind(x) == behind(y)) return;
                  const auto& [early, late] = behind(x) ? std::tie(y, x) : std::tie(x, y);
                  if (late.flow->rank - kHoleRank <= early.flow->rank) out.push_back(early.peer->link);
                });
}

void keep_each_once(std::vector<std::uint32_t>& numbers) {
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
}

}  // namespace

void place_bypasses(Mesh& mesh) {
  std::vector<HostIndex> hosts;
  for (HostIndex host = 0; host < mesh.hosts.size(); ++host) {
    if (can_overlap(mesh, host)) hosts.push_back(host);
  }
  Overlaps overlaps(mesh);
  std::vector<LinkIndex> moved;
  // Each round moves a link for good, and may put it behind yet another one.
  while (!hosts.empty()) {
    moved.clear();
    for (const HostIndex host : hosts) append_too_early(overlaps, host, moved);
    hosts.clear();
    for (const LinkIndex index : moved) hosts.insert(hosts.end(), {mesh.links[index].a, mesh.links[index].b});
    keep_each_once(hosts);
    mesh.behind_bypasses.insert(mesh.behind_bypasses.end(), moved.begin(), moved.end());
    keep_each_once(mesh.behind_bypasses);
  }
}

}  // namespace meshctl
