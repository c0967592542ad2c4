// A full mesh of 1,000 hosts is an ordinary input. Counts are asserted; times are printed for people.
#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "mesh/hostplan.hpp"
#include "mesh/mesh.hpp"

using namespace meshctl;

namespace {

Inventory full_mesh(unsigned count) {
  Inventory inventory;
  inventory.mesh.value = "big";
  for (unsigned i = 0; i < count; ++i) {
    HostEntry host;
    host.name.value = "host" + std::to_string(i);
    host.addresses.push_back({Address::v4(0x0a000001U + i).text(), {}});
    host.addresses.push_back({"2001:db8::" + std::to_string(i + 1), {}});
    host.backend = Marked<BackendKind>{i % 2 == 0 ? BackendKind::Racoon : BackendKind::Strongswan, {}};
    inventory.hosts.push_back(std::move(host));
  }
  LinkEntry entry;
  entry.kind = LinkEntry::Kind::Among;
  entry.first.value = "all";
  inventory.links.push_back(entry);
  return inventory;
}

double ms_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

Mesh timed(const Inventory& inventory, const std::string& what) {
  DiagSink sink;
  const auto start = std::chrono::steady_clock::now();
  auto mesh = resolve(inventory, {}, "/", sink);
  MESSAGE(what << ": resolved in " << ms_since(start) << " ms");
  REQUIRE(mesh.has_value());
  return std::move(*mesh);
}

}  // namespace

TEST_CASE("1,000 hosts in full mesh") {
  const Mesh mesh = timed(full_mesh(1000), "among: all");
  CHECK(mesh.links.size() == 499500);
  CHECK(mesh.terms.size() == 2);  // IKEv1 with a racoon end, IKEv2 without
  CHECK(sizeof(Link) == 12 + sizeof(Range));

  HostPlan plan;
  std::size_t pairs = 0;
  std::size_t started = 0;
  std::size_t least = 1000;
  std::size_t most = 0;
  const auto start = std::chrono::steady_clock::now();
  for (HostIndex host = 0; host < mesh.hosts.size(); ++host) {
    project(mesh, host, plan);
    pairs += plan.pairs.size();
    std::size_t own = 0;
    for (const auto& peer : plan.peers) own += peer.initiator ? 1 : 0;
    started += own;
    least = std::min(least, own);
    most = std::max(most, own);
  }
  MESSAGE("1,000 host plans in " << ms_since(start) << " ms; a host starts " << least << ".." << most
                                 << " of 999 links");
  CHECK(pairs == 2 * 2 * 499500);
  CHECK(started == 499500);
  CHECK(least > 400);  // balanced: six standard deviations of a fair coin are 95
  CHECK(most < 600);
}

TEST_CASE("the same mesh as 499,500 entries with options of their own") {
  Inventory inventory = full_mesh(1000);
  inventory.links.clear();
  for (unsigned a = 0; a < 1000; ++a) {
    for (unsigned b = 0; b < a; ++b) {
      LinkEntry entry;
      entry.first.value = inventory.hosts[a].name.value;
      entry.second.value = inventory.hosts[b].name.value;
      entry.options.dpd_delay = Marked<unsigned>{(a + b) % 7, {}};
      inventory.links.push_back(std::move(entry));
    }
  }
  const Mesh mesh = timed(inventory, "each pair by itself");
  CHECK(mesh.links.size() == 499500);
  CHECK(mesh.terms.size() == 14);
}

TEST_CASE("100,000 wrong entries end soon, with a bounded list of errors") {
  Inventory inventory = full_mesh(1000);
  inventory.links.assign(100000, LinkEntry{});
  for (auto& entry : inventory.links) {
    entry.first.value = "host1";
    entry.second.value = "hots2";
  }
  DiagSink sink;
  const auto start = std::chrono::steady_clock::now();
  const auto mesh = resolve(inventory, {}, "/", sink);
  MESSAGE("refused in " << ms_since(start) << " ms");
  REQUIRE_FALSE(mesh.has_value());
  CHECK(mesh.error().size() == 100);
}
