// Two links of one host that would carry one packet: the kernel would ask either policy, and the ends could disagree.
#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "mesh/check_links.hpp"
#include "mesh/hostplan.hpp"

namespace meshctl {
namespace {

/// A host whose links are all host to host, each end with addresses of its own, has nothing to compare.
bool is_plain(const Host& host) { return !host.dynamic && !host.public_address; }

bool needs_look(const Mesh& mesh, HostIndex host) {
  if (!is_plain(mesh.hosts[host])) return true;
  return std::any_of(mesh.links_of[host].begin(), mesh.links_of[host].end(), [&](LinkIndex index) {
    const Link& link = mesh.links[index];
    const HostIndex peer = link.a == host ? link.b : link.a;
    return mesh.terms[link.terms].mode == Mode::Tunnel || !is_plain(mesh.hosts[peer]);
  });
}

/// More faults than are shown: a thousand gateways with one subnet have half a million of them at each end.
constexpr std::size_t kEnough = 100;

struct Item {
  const Flow* flow;
  const PeerPlan* peer;
};

bool ports_meet(std::uint16_t x, std::uint16_t y) { return x == 0 || y == 0 || x == y; }
bool types_meet(std::int16_t x, std::int16_t y) { return x < 0 || y < 0 || x == y; }

bool overlap(const Flow& x, const Flow& y) {
  return x.remote.overlaps(y.remote) && x.local.overlaps(y.local) &&
         (x.protocol == 0 || y.protocol == 0 || x.protocol == y.protocol) && ports_meet(x.local_port, y.local_port) &&
         ports_meet(x.remote_port, y.remote_port) && types_meet(x.icmp_type, y.icmp_type) &&
         types_meet(x.icmp_code, y.icmp_code);
}

/// An address that is not known here is told apart by the negotiation, not by a policy.
bool known(const Flow& flow) { return !is_unknown(flow.remote) && !is_unknown(flow.local); }

class Overlaps {
 public:
  Overlaps(const Mesh& mesh, DiagSink& sink) : mesh_(mesh), sink_(sink) {}

  void look(HostIndex host) {
    project(mesh_, host, plan_);
    items_.clear();
    for (const PeerPlan& peer : plan_.peers) {
      for (const Flow& flow : plan_.flows_of(peer)) {
        if (known(flow)) items_.push_back({&flow, &peer});
      }
    }
    // Only equal ranks are a fault. Prefixes sorted by address and length nest like brackets.
    std::sort(items_.begin(), items_.end(), [](const Item& x, const Item& y) {
      return std::tie(x.flow->rank, x.flow->remote.address, x.flow->remote.length, x.flow->local, x.peer->link) <
             std::tie(y.flow->rank, y.flow->remote.address, y.flow->remote.length, y.flow->local, y.peer->link);
    });
    open_.clear();
    for (const Item& item : items_) {
      while (!open_.empty() &&
             (open_.back().flow->rank != item.flow->rank || !open_.back().flow->remote.covers(item.flow->remote))) {
        open_.pop_back();
      }
      if (sink_.errors() > kEnough) return;
      for (const Item& outer : open_) {
        if (outer.peer->link != item.peer->link && overlap(*outer.flow, *item.flow)) tell(outer, item);
      }
      open_.push_back(item);
    }
  }

 private:
  void tell(const Item& x, const Item& y) {
    const auto links = std::minmax(x.peer->link, y.peer->link);
    if (!told_.insert(links).second) return;
    const Host& self = plan_.self();
    const Link& first = mesh_.links[links.first];
    const Link& second = mesh_.links[links.second];
    const auto traffic = [](const Flow& flow) { return flow.local.text() + " - " + flow.remote.text(); };
    const bool nat = plan_.peer(*x.peer).public_address && plan_.peer(*y.peer).public_address;
    sink_
        .error("E1080", second.where,
               fmt::format("host '{}' would have one policy for two links: {} goes to '{}' and to '{}'", self.name,
                           traffic(*y.flow), plan_.peer(*x.peer).name, plan_.peer(*y.peer).name))
        .note(first.where, "the other link is here")
        .with_hint(nat ? "two hosts behind one NAT address look like one in transport mode: use 'mode: tunnel'"
                       : "give the one that is to win a higher 'priority', or narrow its subnets");
  }

  const Mesh& mesh_;
  DiagSink& sink_;
  HostPlan plan_;
  std::vector<Item> items_;
  std::vector<Item> open_;
  std::set<std::pair<LinkIndex, LinkIndex>> told_;
};

}  // namespace

void check_overlaps(const Mesh& mesh, DiagSink& sink) {
  Overlaps overlaps(mesh, sink);
  for (HostIndex host = 0; host < mesh.hosts.size() && sink.errors() <= kEnough; ++host) {
    if (needs_look(mesh, host)) overlaps.look(host);
  }
}

}  // namespace meshctl
