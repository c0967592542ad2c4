#include "backend/strongswan/names.hpp"

#include <doctest/doctest.h>

#include <set>

#include "unit/strongswan/random_mesh.hpp"

using namespace meshctl;

namespace {
std::string connection_name(std::string_view peer, std::size_t pair) {
  std::string out;
  strongswan::append_connection_name(peer, pair, out);
  return out;
}
}  // namespace

TEST_CASE("connection names have no dots and never clash") {
  CHECK(connection_name("web1.example.com", 0) == "mc-web1_example_com-1");
  CHECK(connection_name("a_b", 0) == "mc-a+b-1");
  CHECK(connection_name("a.b", 0) != connection_name("a_b", 0));
  CHECK(connection_name("a", 1) == "mc-a-2");
  CHECK(connection_name("a-1", 0) != connection_name("a", 10));
}

TEST_CASE("a reqid depends on its own link only") {
  CHECK(rc::check([] {
    const Mesh mesh = *test::mesh_gen();
    const HostPlan whole = test::view(mesh, 0);
    if (whole.peers.size() < 2) return;  // small meshes come first
    std::vector<std::uint32_t> all;
    strongswan::assign_reqids(whole, all);
    HostPlan less = whole;
    less.peers.erase(less.peers.begin());  // a peer goes: the others keep their numbers
    std::vector<std::uint32_t> rest;
    strongswan::assign_reqids(less, rest);
    RC_ASSERT(std::vector<std::uint32_t>(all.end() - static_cast<std::ptrdiff_t>(rest.size()), all.end()) == rest);
    RC_ASSERT(std::set<std::uint32_t>(all.begin(), all.end()).size() == all.size());
    for (const auto reqid : all) RC_ASSERT((reqid >= strongswan::kFirstReqid && reqid <= strongswan::kLastReqid));
  }));
}

TEST_CASE("equal reqids move apart in the plan's order") {
  // The same pair and selector twice is no real plan, but gives a certain clash.
  Mesh mesh;
  mesh.hosts.resize(2);
  mesh.terms.resize(1);
  HostPlan plan;
  plan.mesh = &mesh;
  plan.pairs = {{Address::v4(1), Address::v4(2)}};
  plan.selectors = {{}, {}, {}};
  PeerPlan peer;
  peer.pair_count = 1;
  peer.selector_count = 3;
  plan.peers = {peer};
  std::vector<std::uint32_t> reqids;
  strongswan::assign_reqids(plan, reqids);
  CHECK(reqids[1] == reqids[0] + 1);
  CHECK(reqids[2] == reqids[0] + 2);
}
