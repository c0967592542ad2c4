// What stands in the way of policies that a gateway's racoon makes for ends of unknown address.
//
// It makes them at `def`, behind the tunnels of nets: the kernel asks a wider tunnel of another link before them
// (seen). And it looks for one before it makes it: it takes the first inward policy that has the first addresses of
// both nets in it, and the protocol and ports or any (getsp_r(), cmpspidxwild() of its policy.c), whosever it is. If
// that is a hole or a block the negotiation ends ("policy found, but no IPsec required").
//
// The link's own exceptions are E2131's; blocks keep out of the way (host_blocks.cpp).
#include "backend/racoon/capabilities_mistaken.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <vector>

#include "backend/racoon/host_files.hpp"

namespace meshctl::racoon {
namespace {

struct Item {
  spd::Selector selector;          // of a packet that comes in; what is asked for has its first address as the source
  const PeerPlan* peer = nullptr;  // nullptr: a bypass of the mesh
  bool protects = false;
  bool asked = false;               // what a road warrior asks for
  std::uint8_t source_length = 32;  // of that
};

bool meet(unsigned x, unsigned y) { return x == 0 || y == 0 || x == y; }

bool in_the_way(const Item& standing, const Item& asked) {
  const spd::Selector& s = standing.selector;
  const spd::Selector& a = asked.selector;
  if (!s.destination.contains(a.destination.address) || !meet(s.source_port, a.source_port) ||
      !meet(s.destination_port, a.destination_port)) {
    return false;
  }
  if (!standing.protects) return s.protocol == 0 || s.protocol == a.protocol;
  return meet(s.protocol, a.protocol) && s.source.length <= asked.source_length &&
         s.destination.length <= a.destination.length;
}

class Finder {
 public:
  Finder(const HostPlan& plan, DiagSink& sink) : plan_(plan), sink_(sink) {
    for (const PeerPlan& peer : plan.peers) {
      for (const Flow& flow : plan.flows_of(peer)) collect(peer, flow);
    }
    for (const spd::Policy& hole : bypass_policies(plan)) {
      if (hole.direction == spd::Direction::In) add({hole.selector});
    }
  }

  void run() {
    for (const Item& asked : unknown_) {
      for (const Item& standing : wide_) compare(standing, asked);
    }
    // Prefixes sorted by address and length nest like brackets.
    const auto place = [](const Item& item) {
      return std::tuple(item.selector.source.address, item.selector.source.length, item.asked);
    };
    std::stable_sort(items_.begin(), items_.end(), [&](const Item& x, const Item& y) { return place(x) < place(y); });
    std::vector<const Item*> open;
    for (const Item& item : items_) {
      while (!open.empty() && !open.back()->selector.source.contains(item.selector.source.address)) open.pop_back();
      if (!item.asked) {
        open.push_back(&item);
        continue;
      }
      for (const Item* standing : open) compare(*standing, item);
    }
  }

 private:
  void collect(const PeerPlan& peer, const Flow& flow) {
    if (is_unknown(flow.local)) return;
    spd::Policy policy;
    fill_link_policy(peer, flow, plan_.outer(peer, flow), 0, spd::Direction::In, policy);
    const bool known = !is_unknown(flow.remote);
    const bool protects = flow.action == FlowAction::Protect;
    if (known) add({policy.selector, &peer, protects});
    if (!protects || !plan_.peer(peer).dynamic || !peer.terms->uses_ike()) return;
    Item asked{policy.selector, &peer, true, true, flow.remote.length};
    if (known) asked.selector.source = Prefix::host(flow.remote.address);
    (known ? items_ : unknown_).push_back(asked);
  }

  void add(const Item& standing) {
    items_.push_back(standing);
    if (!standing.selector.source.is_host()) wide_.push_back(standing);
  }

  void compare(const Item& standing, const Item& asked) {
    if (standing.peer != nullptr && standing.peer->link == asked.peer->link) return;
    if (standing.selector.source.family() != asked.selector.source.family() || !in_the_way(standing, asked)) return;
    const bool perhaps = is_unknown(asked.selector.source) && standing.selector.source.length != 0;
    const LinkIndex once = perhaps ? LinkIndex{0} : asked.peer->link;  // a warning comes once for all warriors
    if (told_.insert({once, perhaps}).second) tell(standing, *asked.peer, perhaps);
  }

  void tell(const Item& standing, const PeerPlan& asked, bool perhaps) {
    const Mesh& mesh = *plan_.mesh;
    const Link& link = mesh.links[asked.link];
    const std::string& name = plan_.peer(asked).name;
    const std::string what =
        standing.peer == nullptr
            ? fmt::format("a bypass of protocol {}", standing.selector.protocol)
            : fmt::format("{} of the link to '{}'", standing.protects ? "a policy" : "an exception",
                          plan_.peer(*standing.peer).name);
    std::string text = fmt::format("link {} - {}: {} comes before the policy that racoon makes for '{}'",
                                   mesh.hosts[link.a].name, mesh.hosts[link.b].name, what, name);
    if (perhaps) text += " while it comes from " + standing.selector.source.text();
    Diag& diag = perhaps ? sink_.warning("W2541", link.where, text) : sink_.error("E2135", link.where, text);
    if (standing.peer != nullptr) diag.note(mesh.links[standing.peer->link].where, "the other link is here");
    diag.with_hint(
        standing.peer == nullptr
            ? "select all protocols on this link, or leave that bypass out; or use strongSwan on this host"
            : fmt::format("give '{}' 'inner_addresses' that no other link of '{}' is about", name, plan_.self().name));
  }

  const HostPlan& plan_;
  DiagSink& sink_;
  std::vector<Item> items_, wide_, unknown_;
  std::set<std::pair<LinkIndex, bool>> told_;
};

}  // namespace

void check_mistaken(const Mesh& mesh, HostIndex host, DiagSink& sink) {
  const auto waits = [&](LinkIndex index) {
    const Link& link = mesh.links[index];
    return mesh.hosts[link.a == host ? link.b : link.a].dynamic && mesh.terms[link.terms].uses_ike();
  };
  if (std::none_of(mesh.links_of[host].begin(), mesh.links_of[host].end(), waits)) return;
  HostPlan plan;
  project(mesh, host, plan);
  Finder(plan, sink).run();
}

}  // namespace meshctl::racoon
