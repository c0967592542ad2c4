// Two links of one host that would carry one packet: the kernel would ask either policy, and the ends could disagree.
#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "mesh/check_links.hpp"
#include "mesh/overlaps.hpp"

namespace meshctl {
namespace {

/// More faults than are shown: a thousand gateways with one subnet have half a million of them at each end.
constexpr std::size_t kEnough = 100;

class Teller {
 public:
  Teller(const Mesh& mesh, DiagSink& sink) : mesh_(mesh), sink_(sink), overlaps_(mesh) {}

  /// Only equal ranks are a fault.
  void look(HostIndex host) {
    overlaps_.look(host);
    overlaps_.walk([](const Flow& flow) { return flow.rank; },
                   [&](const Overlaps::Item& x, const Overlaps::Item& y) {
                     if (sink_.errors() <= kEnough) tell(x, y);
                   });
  }

 private:
  void tell(const Overlaps::Item& x, const Overlaps::Item& y) {
    const auto links = std::minmax(x.peer->link, y.peer->link);
    if (!told_.insert(links).second) return;
    const Host& self = overlaps_.plan().self();
    const Link& first = mesh_.links[links.first];
    const Link& second = mesh_.links[links.second];
    const auto traffic = [](const Flow& flow) { return flow.local.text() + " - " + flow.remote.text(); };
    const bool nat = overlaps_.plan().peer(*x.peer).public_address && overlaps_.plan().peer(*y.peer).public_address;
    sink_
        .error("E1080", second.where,
               fmt::format("host '{}' would have one policy for two links: {} goes to '{}' and to '{}'", self.name,
                           traffic(*y.flow), overlaps_.plan().peer(*x.peer).name, overlaps_.plan().peer(*y.peer).name))
        .note(first.where, "the other link is here")
        .with_hint(nat ? "two hosts behind one NAT address look like one in transport mode: use 'mode: tunnel'"
                       : "give the one that is to win a higher 'priority', or narrow its subnets");
  }

  const Mesh& mesh_;
  DiagSink& sink_;
  Overlaps overlaps_;
  std::set<std::pair<LinkIndex, LinkIndex>> told_;
};

}  // namespace

void check_overlaps(const Mesh& mesh, DiagSink& sink) {
  Teller teller(mesh, sink);
  for (HostIndex host = 0; host < mesh.hosts.size() && sink.errors() <= kEnough; ++host) {
    if (can_overlap(mesh, host)) teller.look(host);
  }
}

}  // namespace meshctl
