#include "backend/strongswan/names.hpp"

#include <doctest/doctest.h>

#include <set>

#include "backend/strongswan/layout.hpp"
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
    const auto all = strongswan::layout_of(whole).reqids;
    HostPlan less = whole;
    less.peers.erase(less.peers.begin());  // a peer goes: the others keep their numbers
    const auto rest = strongswan::layout_of(less).reqids;
    const auto& first = whole.peers.front();
    const std::set<std::uint32_t> gone(all.begin() + first.first_flow,
                                       all.begin() + first.first_flow + first.flow_count);
    std::set<std::uint32_t> seen;
    for (const auto& peer : less.peers) {
      for (auto at = peer.first_flow; at < peer.first_flow + peer.flow_count; ++at) {
        RC_ASSERT(rest[at] == all[at] || gone.contains(rest[at]));  // two hashes that clash: the second had moved apart
        if (rest[at] == 0) continue;
        RC_ASSERT((rest[at] >= strongswan::kFirstReqid && rest[at] <= strongswan::kLastReqid));
        RC_ASSERT((peer.terms->auth == Auth::Manual || seen.insert(rest[at]).second));
      }
    }
  }));
}

TEST_CASE("equal reqids move apart in the plan's order") {
  // The same flow three times is no real plan, but gives a certain clash.
  Mesh mesh;
  mesh.hosts.resize(2);
  mesh.terms.resize(1);
  mesh.terms[0].selectors = {{}};
  HostPlan plan;
  plan.mesh = &mesh;
  plan.pairs = {{Address::v4(1), Address::v4(2)}};
  plan.flows = {Flow{}, Flow{}, Flow{}};
  PeerPlan peer;
  peer.terms = &mesh.terms[0];
  peer.pair_count = 1;
  peer.flow_count = 3;
  plan.peers = {peer};
  auto reqids = strongswan::layout_of(plan).reqids;
  CHECK(reqids[1] == reqids[0] + 1);
  CHECK(reqids[2] == reqids[0] + 2);
  mesh.terms[0].auth = Auth::Manual;  // one SA for all of a pair's traffic
  plan.flows[1].action = FlowAction::None;
  reqids = strongswan::layout_of(plan).reqids;
  CHECK(reqids[1] == 0);
  CHECK(reqids[2] == reqids[0]);
}

TEST_CASE("traffic selectors") {
  const auto text = [](const char* net, bool own, std::uint8_t protocol, const Flow& flow) {
    std::string out;
    strongswan::append_traffic_selector(*Prefix::parse(net), own, protocol, strongswan::ports_of(flow, false), out);
    return out;
  };
  Flow flow;
  CHECK(text("10.1.0.0/16", false, 0, flow) == "10.1.0.0/16");
  CHECK(text("10.1.0.1", true, 0, flow) == "dynamic");
  flow.remote_port = 5432;
  CHECK(text("10.1.0.1", false, 6, flow) == "10.1.0.1/32[6/5432]");
  flow = {};
  flow.icmp_type = 8;
  CHECK(text("fd00::/64", false, 58, flow) == "fd00::/64[58/2048-2303]");
  flow.icmp_code = 3;
  CHECK(text("10.0.0.1", true, 1, flow) == "dynamic[1/2051]");
}
