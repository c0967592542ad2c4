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

/// All that flows on into files, as text; places are left out where `with_places` is false.
std::string content(const Mesh& mesh, bool with_places) {
  std::string out = mesh.name + "\n";
  for (const Host& h : mesh.hosts) {
    out += h.name + " " + h.id + " " + std::string(text(h.backend)) + " " + h.ssh.address;
    for (const Address& a : h.addresses) out += " " + a.text();
    for (const auto& tag : h.tags) out += " " + tag;
    out += "\n";
  }
  for (const Terms& t : mesh.terms) out += summary(t) + " " + t.suite + "\n";
  for (const Link& l : mesh.links) {
    out += std::to_string(l.a) + "-" + std::to_string(l.b) + ":" + std::to_string(l.terms);
    if (with_places) out += "@" + std::to_string(l.where.line);
    out += "\n";
  }
  return out;
}

const PeerPlan* find(const HostPlan& plan, HostIndex peer) {
  for (const auto& p : plan.peers) {
    if (p.peer == peer) return &p;
  }
  return nullptr;
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
        if (mesh.hosts[h].managed != mesh.hosts[here.peer].managed) RC_ASSERT(here.initiator == mesh.hosts[h].managed);

        std::set<AddressPair> mirrored;
        for (const auto& pair : plans[here.peer].pairs_of(*there)) mirrored.insert({pair.remote, pair.local});
        const auto pairs = plans[h].pairs_of(here);
        RC_ASSERT(std::set<AddressPair>(pairs.begin(), pairs.end()) == mirrored);
        RC_ASSERT(pairs.size() == mirrored.size());
        RC_ASSERT(std::is_sorted(pairs.begin(), pairs.end()));

        const auto ours = plans[h].selectors_of(here);
        const auto theirs = plans[here.peer].selectors_of(*there);
        RC_ASSERT(!ours.empty());
        RC_ASSERT(ours.size() == theirs.size());
        for (std::size_t i = 0; i < ours.size(); ++i) {
          RC_ASSERT(ours[i] == (LocalSelector{theirs[i].protocol, theirs[i].remote_port, theirs[i].local_port}));
        }
      }
    }
  }));
}

TEST_CASE("every pair of addresses of one family is covered, and no other") {
  CHECK(rc::check([] {
    const Mesh mesh = resolved(random_inventory());
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
      RC_ASSERT(fresh.selectors == reused.selectors);
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
