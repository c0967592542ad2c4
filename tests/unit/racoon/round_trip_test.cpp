// Properties over random meshes: parse(emit(x)) == x, both ends mirror, overlapping policies have distinct priorities.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>

#include "backend/racoon/conf_file.hpp"
#include "backend/racoon/emit.hpp"
#include "backend/racoon/host_files.hpp"
#include "backend/racoon/psk_file.hpp"
#include "backend/racoon/setkey_file.hpp"
#include "unit/racoon/sample.hpp"

namespace meshctl::racoon {
namespace {

template <class T>
T pick(const std::vector<T>& values) {
  return *rc::gen::elementOf(values);
}

Terms random_terms() {
  Terms out = racoon_test::terms();
  out.mode = pick<Mode>({Mode::Transport, Mode::Tunnel});
  out.level = pick<Level>({Level::Require, Level::Use});
  out.ike_lifetime = pick<std::uint32_t>({300, 28800, 86400});
  out.child_lifetime = pick<std::uint32_t>({300, 3600});
  out.dpd_delay = pick<std::uint32_t>({0, 30});
  out.proposals.ike.hash = pick<Hash>({Hash::Sha1, Hash::Sha256, Hash::Sha512});
  out.proposals.ike.group = pick<DhGroup>({DhGroup::Modp2048, DhGroup::Modp8192});
  out.proposals.esp.key_bits = pick<std::uint16_t>({128, 256});
  out.proposals.esp.pfs = pick<DhGroup>({DhGroup::None, DhGroup::Modp3072});
  out.selectors.clear();
  const int count = *rc::gen::inRange(1, 4);
  for (int i = 0; i < count; ++i) {
    Selector selector;
    selector.protocol = pick<std::uint8_t>({0, 6, 17, 47, 132});
    if (selector.protocol == 6 || selector.protocol == 17) {
      selector.a_port = pick<std::uint16_t>({0, 22, 443});
      selector.b_port = pick<std::uint16_t>({0, 22, 65535});
    }
    out.selectors.push_back(selector);
  }
  std::sort(out.selectors.rbegin(), out.selectors.rend());
  out.selectors.erase(std::unique(out.selectors.begin(), out.selectors.end()), out.selectors.end());
  return out;
}

Mesh random_mesh() {
  Mesh mesh;
  const int count = *rc::gen::inRange(2, 6);
  for (int i = 0; i < count; ++i) {
    const std::string n = std::to_string(i + 1);
    std::vector<std::string> addresses = {"10.0.0." + n};
    if (*rc::gen::arbitrary<bool>()) addresses.push_back("2001:db8::" + n);
    if (*rc::gen::arbitrary<bool>()) addresses.push_back("10.1.0." + n);
    mesh.hosts.push_back(racoon_test::host("h" + n, addresses));
  }
  mesh.terms = {random_terms(), random_terms()};
  mesh.links_of.resize(mesh.hosts.size());
  for (HostIndex a = 0; a < mesh.hosts.size(); ++a) {
    for (HostIndex b = a + 1; b < mesh.hosts.size(); ++b) {
      if (*rc::gen::inRange(0, 4) != 0) racoon_test::link(mesh, a, b, *rc::gen::inRange<std::uint32_t>(0, 2));
    }
  }
  for (int word = 0; word < 6; ++word) {
    if (*rc::gen::arbitrary<bool>()) mesh.bypasses.push_back({static_cast<BypassWord>(word), 0, 0, {}});
  }
  if (*rc::gen::arbitrary<bool>()) mesh.bypasses.push_back({BypassWord::Selector, 17, 53, {}});
  if (*rc::gen::arbitrary<bool>()) mesh.bypasses.push_back({BypassWord::Selector, 17, 500, {}});
  return mesh;
}

const Emitter& emitter() {
  static Sources sources;
  static const Emitter made = *Emitter::make(TemplateSet::embedded(), sources);
  return made;
}

void check_round_trip(const HostPlan& plan) {
  DiagSink sink;
  std::string setkey;
  std::string conf;
  std::string psk;
  const racoon_test::FakePsks psks;
  RC_ASSERT(emitter().setkey(plan, setkey) && emitter().conf(plan, conf) && emitter().psk(plan, psks, psk));

  const SetkeyFile policies = parse_setkey(FileId::None, setkey, sink);
  std::vector<spd::Policy> read;
  for (const SetkeyCommand& command : policies.commands) {
    RC_ASSERT(command.verb == SetkeyVerb::SpdUpdate && command.resolvable);
    read.push_back(command.policy);
  }
  RC_ASSERT(read == policies_of(plan));
  RC_ASSERT(parse_racoon_conf(FileId::None, conf, sink) == conf_of(plan));

  RemoteWalk walk(plan);
  AddressPair pair;
  for (const PskLine& line : parse_psk(FileId::None, psk, sink).lines) {
    const PeerPlan* peer = walk.next(pair);
    RC_ASSERT(peer != nullptr);
    RC_ASSERT(line.id == pair.remote.text());
    RC_ASSERT(line.key.reveal() == "mk1-key-of-link-" + std::to_string(peer->link));
  }
  RC_ASSERT(walk.next(pair) == nullptr);
  RC_ASSERT(sink.all().empty());  // our own files are canonical: not even a note
}

void check_priorities(const std::vector<spd::Policy>& policies) {
  for (std::size_t i = 0; i < policies.size(); ++i) {
    for (std::size_t j = i + 1; j < policies.size(); ++j) {
      const spd::Policy& a = policies[i];
      const spd::Policy& b = policies[j];
      if (a.direction != b.direction || !spd::overlap(a.selector, b.selector)) continue;
      RC_ASSERT(a.priority != b.priority);
      // Holes come before protection.
      if (a.action != b.action) RC_ASSERT((a.action == spd::Action::None) == (a.priority < b.priority));
    }
  }
}

}  // namespace

TEST_CASE("parse(emit(plan)) is the plan's model") {
  CHECK(rc::check("round trip", [] {
    const Mesh mesh = random_mesh();
    HostPlan plan;
    for (HostIndex host = 0; host < mesh.hosts.size(); ++host) {
      project(mesh, host, plan);
      check_round_trip(plan);
    }
  }));
}

TEST_CASE("overlapping policies never share a priority") {
  CHECK(rc::check("priorities", [] {
    const Mesh mesh = random_mesh();
    HostPlan plan;
    for (HostIndex host = 0; host < mesh.hosts.size(); ++host) {
      project(mesh, host, plan);
      check_priorities(policies_of(plan));
    }
  }));
}

TEST_CASE("both ends' policies mirror") {
  CHECK(rc::check("mirror", [] {
    const Mesh mesh = random_mesh();
    std::vector<std::string> ends[2];
    HostPlan plan;
    spd::Policy policy;
    for (HostIndex host = 0; host < mesh.hosts.size(); ++host) {
      project(mesh, host, plan);
      for (PolicyWalk walk(plan); walk.next(policy);) {
        // The class of a one-sided port is counted from each end's own view, so the priority may differ.
        for (const bool other : {false, true}) {
          spd::Policy seen = other ? spd::other_end(policy) : policy;
          seen.priority = 0;
          append_line(seen, SetkeyVerb::SpdUpdate, ends[other ? 1 : 0].emplace_back());
        }
      }
    }
    for (auto& lines : ends) std::sort(lines.begin(), lines.end());
    RC_ASSERT(ends[0] == ends[1]);
  }));
}

}  // namespace meshctl::racoon
