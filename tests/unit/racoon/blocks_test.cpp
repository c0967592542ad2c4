// What blocks the traffic of ends of unknown address: all of it, none of others, and nothing that racoon trips over.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <set>

#include "backend/racoon/host_files.hpp"
#include "unit/racoon/sample.hpp"

namespace meshctl::racoon {
namespace {

Prefix net(std::string_view text) { return *Prefix::parse(text); }

/// A gateway and the road warriors behind it, by certificates and tunnels.
Mesh road(const std::vector<std::string>& nets, const std::vector<std::vector<std::string>>& inner) {
  Mesh mesh;
  mesh.name = "road";
  mesh.hosts = {racoon_test::gateway("gate", {"192.0.2.1", "2001:db8::1"}, nets, {})};
  mesh.terms = {racoon_test::terms()};
  mesh.terms[0].mode = Mode::Tunnel;
  mesh.terms[0].auth = Auth::X509;
  for (const std::vector<std::string>& addresses : inner) {
    Host& away =
        mesh.hosts.emplace_back(racoon_test::gateway("rider" + std::to_string(mesh.hosts.size()), {}, {}, addresses));
    away.dynamic = true;
    racoon_test::link(mesh, 0, static_cast<HostIndex>(mesh.hosts.size() - 1), 0);
  }
  return mesh;
}

std::vector<std::string> lines(const Mesh& mesh, HostIndex host) {
  HostPlan plan;
  project(mesh, host, plan);
  std::vector<std::string> out;
  for (const spd::Policy& policy : block_policies(plan)) {
    std::string& line = out.emplace_back();
    policy.selector.source.append_to(line);
    policy.selector.destination.append_to(line += ' ');
    line += ' ';
    line += spd::text(policy.direction);
    CHECK(policy.action == spd::Action::Discard);
    CHECK(policy.priority > spd::kPrioDef + kHoleRank);
  }
  return out;
}

Prefix random_net(Family family) {
  const bool v4 = family == Family::V4;
  const std::vector<const char*> all =
      v4 ? std::vector<const char*>{"0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.1.0.0/17", "10.1.0.64/26", "10.1.0.7"}
         : std::vector<const char*>{"::/0", "2001:db8::/32", "2001:db8::/33", "2001:db8:8000::/33", "2001:db8::7"};
  return net(*rc::gen::elementOf(all));
}

Address random_address(const Prefix& within) {
  std::array<std::uint8_t, 16> bytes = within.address.bytes();
  for (unsigned bit = within.length; bit < within.address.bits(); ++bit) {
    if (*rc::gen::arbitrary<bool>()) bytes[bit / 8] |= static_cast<std::uint8_t>(0x80U >> (bit % 8));
  }
  if (within.family() == Family::V6) return Address::v6(bytes);
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) number = number << 8 | bytes[i];
  return Address::v4(number);
}

bool blocked(const std::vector<spd::Policy>& blocks, spd::Direction direction, const Address& from, const Address& to) {
  return std::any_of(blocks.begin(), blocks.end(), [&](const spd::Policy& policy) {
    return policy.direction == direction && policy.selector.source.contains(from) &&
           policy.selector.destination.contains(to);
  });
}

}  // namespace

TEST_CASE("a net is blocked in halves outwards, and inwards but for its first address") {
  const Mesh mesh = road({"10.1.0.0/29"}, {{"10.9.0.5"}});
  CHECK(lines(mesh, 0) == std::vector<std::string>{"10.1.0.0/30 10.9.0.5 out", "10.1.0.4/30 10.9.0.5 out",
                                                   "10.9.0.5 10.1.0.1 in", "10.9.0.5 10.1.0.2/31 in",
                                                   "10.9.0.5 10.1.0.4/30 in"});
  CHECK(lines(mesh, 1) == std::vector<std::string>{"10.9.0.5 10.1.0.0/30 out", "10.9.0.5 10.1.0.4/30 out",
                                                   "10.1.0.0/30 10.9.0.5 in", "10.1.0.4/30 10.9.0.5 in"});
}

TEST_CASE("what is not known is everything at the road warrior, and nothing at its gateway") {
  const Mesh mesh = road({"10.1.0.0/16"}, {{}});
  CHECK(lines(mesh, 0).empty());
  CHECK(lines(mesh, 1) == std::vector<std::string>{"0.0.0.0/0 10.1.0.0/16 out", "10.1.0.0/16 0.0.0.0/0 in"});
}

TEST_CASE("two single addresses have no parts: the gateway's neighbour goes with it, outwards") {
  CHECK(lines(road({"10.1.0.7"}, {{"10.9.0.5"}}), 0) == std::vector<std::string>{"10.1.0.6/31 10.9.0.5 out"});
  CHECK(lines(road({"10.1.0.7", "10.1.0.6"}, {{"10.9.0.5"}}), 0) ==
        std::vector<std::string>{"10.1.0.6/31 10.9.0.5 out"});
}

TEST_CASE("hosts with addresses have no blocks") {
  const Mesh mesh = racoon_test::sample();
  for (HostIndex host = 0; host < mesh.hosts.size(); ++host) CHECK(lines(mesh, host).empty());
}

TEST_CASE("blocks are all of a flow but what racoon would take for its policy, and no policy's own selector") {
  CHECK(rc::check("blocks", [] {
    Mesh mesh = road({}, {{"10.9.0.5", "2001:db8:9::5"}, {"10.9.0.6"}});
    std::set<Prefix> nets;
    const int count = *rc::gen::inRange(1, 4);
    for (int i = 0; i < count; ++i) nets.insert(random_net(*rc::gen::element(Family::V4, Family::V6)));
    mesh.hosts[0].subnets.assign(nets.begin(), nets.end());
    if (*rc::gen::arbitrary<bool>()) mesh.hosts[1].subnets = {net("10.9.0.0/24")};
    HostPlan plan;
    project(mesh, 0, plan);
    const std::vector<spd::Policy> blocks = block_policies(plan);
    for (const Flow& flow : plan.flows) {
      for (const spd::Policy& block : blocks) {
        const bool out = block.direction == spd::Direction::Out;
        const Prefix& here = out ? block.selector.source : block.selector.destination;
        const Prefix& there = out ? block.selector.destination : block.selector.source;
        RC_ASSERT(!(here == flow.local && there == flow.remote));
        RC_ASSERT(out || !here.contains(flow.local.address) || !there.contains(flow.remote.address));
      }
      const Address here = random_address(flow.local);
      const Address there = random_address(flow.remote);
      RC_ASSERT(blocked(blocks, spd::Direction::Out, here, there));
      const bool first = std::any_of(plan.flows.begin(), plan.flows.end(), [&](const Flow& other) {
        return here == other.local.address && there == other.remote.address;
      });
      RC_ASSERT(first || blocked(blocks, spd::Direction::In, there, here));
    }
    for (const Address& outside : {*Address::parse("203.0.113.9"), *Address::parse("2001:db8:ffff::9")}) {
      RC_ASSERT(!blocked(blocks, spd::Direction::Out, *Address::parse("192.0.2.1"), outside));
    }
  }));
}

}  // namespace meshctl::racoon
