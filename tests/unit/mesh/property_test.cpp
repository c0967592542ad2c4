// What holds for every inventory: both ends mirror each other, and the order of the file does not show.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "generate.hpp"
#include "mesh/hostplan.hpp"
#include "mesh/mesh.hpp"

using namespace meshctl;
using namespace meshctl::test;

namespace {

Mesh resolved(const Inventory& inventory) {
  DiagSink sink;
  auto mesh = resolve(inventory, {}, "/srv", sink);
  if (!mesh) RC_FAIL(mesh.error().front().text);
  return std::move(*mesh);
}

/// One name for an address on both sides of a NAT: the public one.
Address across(const Mesh& mesh, HostIndex one, HostIndex other, const Address& address) {
  for (const HostIndex h : {one, other}) {
    const Host& host = mesh.hosts[h];
    if (!host.public_address) continue;
    for (const Address& own : host.addresses) {
      if (own.family() == host.public_address->family() && own == address) return *host.public_address;
    }
  }
  return address;
}

/// A flow as text that is the same at both ends: the end that sorts first stands first.
std::string canonical(const HostPlan& plan, const PeerPlan& peer, const Flow& flow) {
  const Mesh& mesh = *plan.mesh;
  const auto shown = [&](const Prefix& prefix) {
    if (!prefix.is_host() || peer.terms->mode == Mode::Tunnel) return prefix.text();
    return across(mesh, plan.host, peer.peer, prefix.address).text();
  };
  const AddressPair& outer = plan.outer(peer, flow);
  std::string local = shown(flow.local) + ":" + std::to_string(flow.local_port) + "@" +
                      across(mesh, plan.host, peer.peer, outer.local).text();
  std::string remote = shown(flow.remote) + ":" + std::to_string(flow.remote_port) + "@" +
                       across(mesh, plan.host, peer.peer, outer.remote).text();
  if (!peer.is_a) std::swap(local, remote);
  return local + " " + remote + " " + std::to_string(flow.protocol) + " " + std::to_string(flow.icmp_type) + " " +
         std::to_string(flow.icmp_code) + " " + std::string(text(flow.action)) + " " + std::to_string(flow.rank);
}

std::multiset<std::string> canonical(const HostPlan& plan, const PeerPlan& peer) {
  std::multiset<std::string> out;
  for (const Flow& flow : plan.flows_of(peer)) out.insert(canonical(plan, peer, flow));
  return out;
}

const PeerPlan* find(const HostPlan& plan, HostIndex peer) {
  for (const auto& p : plan.peers) {
    if (p.peer == peer) return &p;
  }
  return nullptr;
}

/// All that flows on into files, as text; places are left out where `with_places` is false.
std::string content(const Mesh& mesh, bool with_places) {
  std::string out = mesh.name + "\n";
  for (const Host& h : mesh.hosts) {
    out += h.name + " " + h.id + " " + std::string(text(h.backend)) + " " + h.ssh.address;
    for (const Address& a : h.addresses) out += " " + a.text();
    for (const auto& tag : h.tags) out += " " + tag;
    out += "\n";
  }
  HostPlan plan;
  for (HostIndex h = 0; h < mesh.hosts.size(); ++h) {
    project(mesh, h, plan);
    for (const PeerPlan& peer : plan.peers) {
      for (const Flow& flow : plan.flows_of(peer)) out += canonical(plan, peer, flow) + "\n";
    }
  }
  for (const Terms& t : mesh.terms) out += summary(t) + " " + t.suite + "\n";
  for (const Link& l : mesh.links) {
    out += std::to_string(l.a) + "-" + std::to_string(l.b) + ":" + std::to_string(l.terms);
    if (with_places) out += "@" + std::to_string(l.where.line);
    out += "\n";
  }
  return out;
}

}  // namespace

TEST_CASE("both ends of every link mirror each other") {
  CHECK(rc::check([] {
    const Mesh mesh = resolved(random_inventory());
    std::vector<HostPlan> plans(mesh.hosts.size());
    std::size_t seen = 0;
    for (HostIndex h = 0; h < mesh.hosts.size(); ++h) {
      project(mesh, h, plans[h]);
      seen += plans[h].peers.size();
      RC_ASSERT(std::is_sorted(plans[h].peers.begin(), plans[h].peers.end(), [&](const auto& x, const auto& y) {
        return mesh.hosts[x.peer].name < mesh.hosts[y.peer].name;
      }));
    }
    RC_ASSERT(seen == 2 * mesh.links.size());
    for (HostIndex h = 0; h < mesh.hosts.size(); ++h) {
      for (const PeerPlan& here : plans[h].peers) {
        const PeerPlan* there = find(plans[here.peer], h);
        RC_ASSERT(there != nullptr);
        RC_ASSERT(there->link == here.link);
        RC_ASSERT(there->terms == here.terms);
        RC_ASSERT(there->initiator != here.initiator);
        if (mesh.hosts[h].managed != mesh.hosts[here.peer].managed && !here.terms->a_initiates)
          RC_ASSERT(here.initiator == mesh.hosts[h].managed);
        RC_ASSERT(here.is_a != there->is_a);
        RC_ASSERT(!(here.passive && there->passive));
        RC_ASSERT(here.local_identity == there->remote_identity);

        std::multiset<AddressPair> mirrored;
        for (const auto& pair : plans[here.peer].pairs_of(*there)) {
          mirrored.insert({across(mesh, here.peer, h, pair.remote), across(mesh, here.peer, h, pair.local)});
        }
        const auto pairs = plans[h].pairs_of(here);
        std::multiset<AddressPair> own;
        for (const auto& pair : pairs)
          own.insert({across(mesh, h, here.peer, pair.local), across(mesh, h, here.peer, pair.remote)});
        RC_ASSERT(own == mirrored);
        RC_ASSERT(!pairs.empty());
        RC_ASSERT(std::is_sorted(pairs.begin(), pairs.end()));
      }
    }
  }));
}

TEST_CASE("both ends have the same flows, with the same ranks, in the same order") {
  CHECK(rc::check([] {
    const Mesh mesh = resolved(random_inventory());
    std::vector<HostPlan> plans(mesh.hosts.size());
    for (HostIndex h = 0; h < mesh.hosts.size(); ++h) project(mesh, h, plans[h]);
    for (HostIndex h = 0; h < mesh.hosts.size(); ++h) {
      for (const PeerPlan& here : plans[h].peers) {
        const auto flows = plans[h].flows_of(here);
        RC_ASSERT(!flows.empty());
        RC_ASSERT(std::is_sorted(flows.begin(), flows.end(), [](const Flow& x, const Flow& y) {
          return std::tie(x.pair, x.rank) < std::tie(y.pair, y.rank);
        }));
        RC_ASSERT(canonical(plans[h], here) == canonical(plans[here.peer], *find(plans[here.peer], h)));
      }
    }
  }));
}

TEST_CASE("flows of one host that overlap have different ranks") {
  CHECK(rc::check([] {
    const Mesh mesh = resolved(random_inventory());
    const auto meet = [](auto x, auto y, auto any) { return x == any || y == any || x == y; };
    HostPlan plan;
    for (HostIndex h = 0; h < mesh.hosts.size(); ++h) {
      project(mesh, h, plan);
      for (std::size_t i = 0; i < plan.flows.size(); ++i) {
        RC_ASSERT(plan.flows[i].rank < 2 * kHoleRank);
        for (std::size_t k = 0; k < i; ++k) {
          const Flow& x = plan.flows[i];
          const Flow& y = plan.flows[k];
          const bool overlap = x.local.overlaps(y.local) && x.remote.overlaps(y.remote) &&
                               meet(x.protocol, y.protocol, std::uint8_t{0}) &&
                               meet(x.local_port, y.local_port, std::uint16_t{0}) &&
                               meet(x.remote_port, y.remote_port, std::uint16_t{0}) &&
                               meet(x.icmp_type, y.icmp_type, kAnyIcmp) && meet(x.icmp_code, y.icmp_code, kAnyIcmp);
          if (overlap) RC_ASSERT(x.rank != y.rank);
        }
      }
    }
  }));
}

TEST_CASE("every pair of addresses of one family is covered, and no other") {
  CHECK(rc::check([] {
    Inventory inventory = random_inventory();
    inventory.defaults.mode = Marked<Mode>{Mode::Transport, {}};
    for (auto& host : inventory.hosts) host.behind_nat.reset();
    const Mesh mesh = resolved(inventory);
    HostPlan plan;
    for (HostIndex h = 0; h < mesh.hosts.size(); ++h) {
      project(mesh, h, plan);
      for (const PeerPlan& peer : plan.peers) {
        std::set<AddressPair> wanted;
        for (const auto& local : mesh.hosts[h].addresses) {
          for (const auto& remote : mesh.hosts[peer.peer].addresses) {
            if (local.family() == remote.family()) wanted.insert({local, remote});
          }
        }
        const auto pairs = plan.pairs_of(peer);
        RC_ASSERT(std::set<AddressPair>(pairs.begin(), pairs.end()) == wanted);
      }
    }
  }));
}

TEST_CASE("a reused plan equals a fresh one") {
  CHECK(rc::check([] {
    const Mesh mesh = resolved(random_inventory());
    HostPlan reused;
    for (HostIndex h = 0; h < mesh.hosts.size(); ++h) {
      HostPlan fresh;
      project(mesh, h, fresh);
      project(mesh, h, reused);
      RC_ASSERT(fresh.pairs == reused.pairs);
      RC_ASSERT(fresh.flows == reused.flows);
      RC_ASSERT(fresh.peers.size() == reused.peers.size());
    }
  }));
}

TEST_CASE("the order of hosts, tags and exceptions in the file does not show") {
  CHECK(rc::check([] {
    const Inventory one = random_inventory();
    Inventory other = one;
    for (std::size_t i = other.hosts.size(); i > 1; --i) {
      std::swap(other.hosts[i - 1], other.hosts[*rc::gen::inRange<std::size_t>(0, i)]);
    }
    for (auto& host : other.hosts) std::reverse(host.tags.begin(), host.tags.end());
    RC_ASSERT(content(resolved(one), true) == content(resolved(other), true));
  }));
}

TEST_CASE("links are sorted, unique and indexed from both ends") {
  CHECK(rc::check([] {
    const Inventory inventory = random_inventory();
    const Mesh mesh = resolved(inventory);
    const std::size_t n = inventory.hosts.size();
    RC_ASSERT(mesh.links.size() == n * (n - 1) / 2);  // `among: all` is always there
    std::uint32_t next_terms = 0;
    for (LinkIndex i = 0; i < mesh.links.size(); ++i) {
      const Link& link = mesh.links[i];
      RC_ASSERT(link.a < link.b);
      if (i > 0) {
        const Link& last = mesh.links[i - 1];
        RC_ASSERT(std::tie(last.a, last.b) < std::tie(link.a, link.b));
      }
      RC_ASSERT(link.terms <= next_terms);
      if (link.terms == next_terms) ++next_terms;  // numbered by first use
    }
    RC_ASSERT(next_terms == mesh.terms.size());
    for (std::size_t i = 0; i < mesh.terms.size(); ++i) {
      for (std::size_t k = 0; k < i; ++k) RC_ASSERT(!(mesh.terms[i] == mesh.terms[k]));
    }
    for (HostIndex h = 0; h < n; ++h) {
      HostIndex before = 0;
      RC_ASSERT(mesh.links_of[h].size() == n - 1);
      for (std::size_t i = 0; i < mesh.links_of[h].size(); ++i) {
        const Link& link = mesh.links[mesh.links_of[h][i]];
        RC_ASSERT(link.a == h || link.b == h);
        const HostIndex peer = link.a == h ? link.b : link.a;
        if (i > 0) RC_ASSERT(before < peer);
        before = peer;
      }
    }
  }));
}

TEST_CASE("the last entry about a pair has the last word, each option by itself") {
  CHECK(rc::check([] {
    const Inventory inventory = random_inventory();
    const Mesh mesh = resolved(inventory);
    const auto applies = [&](const LinkEntry& e, const Host& a, const Host& b) {
      const auto in = [](const std::string& set, const Host& h) { return set == "all" || set == h.name; };
      if (e.kind == LinkEntry::Kind::Among) return true;
      const auto& [x, y] = std::tie(e.first.value, e.second.value);
      return (in(x, a) && in(y, b)) || (in(x, b) && in(y, a));
    };
    for (const Link& link : mesh.links) {
      const Host& a = mesh.hosts[link.a];
      const Host& b = mesh.hosts[link.b];
      Level level = inventory.defaults.level ? inventory.defaults.level->value : Level::Require;
      unsigned dpd = inventory.defaults.dpd_delay ? inventory.defaults.dpd_delay->value : 30;
      unsigned ike = inventory.defaults.ike_lifetime ? inventory.defaults.ike_lifetime->value : 28800;
      Range where;
      for (const auto& entry : inventory.links) {
        if (!applies(entry, a, b)) continue;
        if (entry.options.level) level = entry.options.level->value;
        if (entry.options.dpd_delay) dpd = entry.options.dpd_delay->value;
        if (entry.options.ike_lifetime) ike = entry.options.ike_lifetime->value;
        where = entry.where;
      }
      const Terms& terms = mesh.terms[link.terms];
      RC_ASSERT(terms.level == level);
      RC_ASSERT(terms.dpd_delay == dpd);
      RC_ASSERT(terms.ike_lifetime == ike);
      RC_ASSERT(link.where == where);
    }
  }));
}

TEST_CASE("a new host changes neither who initiates nor what is agreed on the other links") {
  CHECK(rc::check([] {
    const Inventory small = random_inventory();
    Inventory large = small;
    HostEntry host;
    host.name.value = *rc::gen::element<std::string>("aaa", "h5", "zzz");
    host.addresses.push_back({"192.0.2.1", {}});
    host.backend = Marked<BackendKind>{BackendKind::Racoon, {}};
    large.hosts.insert(large.hosts.begin(), host);
    const auto roles = [](const Mesh& mesh) {
      std::map<std::pair<std::string, std::string>, std::pair<bool, std::string>> out;
      HostPlan plan;
      for (HostIndex h = 0; h < mesh.hosts.size(); ++h) {
        project(mesh, h, plan);
        for (const auto& p : plan.peers) {
          out[{mesh.hosts[h].name, mesh.hosts[p.peer].name}] = {p.initiator, summary(*p.terms)};
        }
      }
      return out;
    };
    const auto before = roles(resolved(small));
    const auto after = roles(resolved(large));
    for (const auto& [ends, role] : before) RC_ASSERT(after.at(ends) == role);
  }));
}
