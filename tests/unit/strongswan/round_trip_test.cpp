// parse(emit(x)) == x, and both ends of a link agree, over random meshes.
#include <doctest/doctest.h>

#include <set>

#include "backend/strongswan/states.hpp"
#include "backend/strongswan/strongswan.hpp"
#include "unit/strongswan/random_mesh.hpp"

using namespace meshctl;

namespace {

std::unique_ptr<Backend> backend() {
  Sources sources;
  auto made = strongswan::make_backend(TemplateSet::embedded(), sources);
  REQUIRE(made);
  return std::move(*made);
}

const Artefact& at(const std::vector<Artefact>& artefacts, std::string_view path) {
  for (const auto& artefact : artefacts) {
    if (artefact.path == path) return artefact;
  }
  throw std::runtime_error("no such artefact");
}

/// All diagnostics as one text, empty when there are none: notes count too, our own output has nothing to be said
/// about.
std::string faults(DiagSink& sink, const Sources& sources) {
  std::string out;
  for (const auto& diag : sink.take()) out += render(diag, sources, false);
  return out;
}

/// One of the mesh's, and of no link.
bool is_hole(const strongswan::XfrmPolicy& policy) {
  const std::uint32_t priority = policy.policy.priority;
  const spd::Selector& selector = policy.policy.selector;
  if (policy.policy.action == spd::Action::None && (selector.source.length == 0 || selector.destination.length == 0))
    return true;  // a port of everybody's stands among the links
  return priority < strongswan::kInnerPriority ||
         (priority >= strongswan::kBypassPriority && priority < strongswan::kOuterPriority);
}

}  // namespace

TEST_CASE("what is emitted parses back to what the plan says, without a remark") {
  const auto strongswan = backend();
  const test::FakePsks psks;
  std::vector<Artefact> artefacts;
  CHECK(rc::check([&] {
    const Mesh mesh = *test::mesh_gen();
    for (HostIndex host = 0; host < mesh.hosts.size(); ++host) {
      const HostPlan plan = test::view(mesh, host);
      strongswan->emit(plan, psks, artefacts);
      RC_ASSERT(artefacts.size() >= 3u);
      Sources sources;
      DiagSink sink;
      const auto parse = [&](std::string_view path) {
        return strongswan::parse_swanctl(path, at(artefacts, path).content, sources, sink);
      };
      RC_ASSERT(parse(strongswan::kConnectionsPath) == strongswan::connections_of(plan, psks));
      RC_ASSERT(parse(strongswan::kSecretsPath) == strongswan::secrets_of(plan, psks));
      const auto& policies = at(artefacts, strongswan::kPoliciesPath);
      RC_ASSERT(strongswan::parse_xfrm(policies.path, policies.content, sources, sink) ==
                strongswan::policies_of(plan));
      RC_ASSERT(faults(sink, sources) == "");
    }
  }));
}

namespace {

/// What charon puts in where the policies are its own; the other end has them in its file.
bool of_unknown_peer(const Mesh& mesh, const HostPlan& plan) {
  for (const auto& peer : plan.peers) {
    if (mesh.hosts[peer.peer].dynamic) return true;
  }
  return plan.self().dynamic;
}

}  // namespace

TEST_CASE("both ends of every link mirror each other") {
  CHECK(rc::check([] {
    const Mesh mesh = *test::mesh_gen();
    std::multiset<std::string> mine;
    std::multiset<std::string> theirs;
    for (HostIndex host = 0; host < mesh.hosts.size(); ++host) {
      const HostPlan plan = test::view(mesh, host);
      if (of_unknown_peer(mesh, plan)) return;
      for (auto policy : strongswan::policies_of(plan)) {
        // Holes are not of a link; what is forwarded is each gateway's own business.
        if (is_hole(policy)) continue;
        if (policy.policy.direction == spd::Direction::Fwd) continue;
        if (policy.reqid != 0) policy.reqid = 1;  // each end's own
        for (auto& request : policy.policy.request) request.level = spd::RequestLevel::Require;
        std::string line;
        strongswan::append_line(policy, line);
        mine.insert(line);
        line.clear();
        policy.policy = spd::other_end(policy.policy);
        strongswan::append_line(policy, line);
        theirs.insert(line);
      }
    }
    RC_ASSERT(mine == theirs);
  }));
}

TEST_CASE("in tunnels, what comes in for others is checked as what comes in for the host") {
  CHECK(rc::check([] {
    const Mesh mesh = *test::mesh_gen();
    for (HostIndex host = 0; host < mesh.hosts.size(); ++host) {
      const HostPlan plan = test::view(mesh, host);
      std::multiset<std::string> in;
      std::multiset<std::string> forwarded;
      for (auto policy : strongswan::policies_of(plan)) {
        if (policy.policy.direction == spd::Direction::Out || is_hole(policy)) continue;
        const bool fwd = policy.policy.direction == spd::Direction::Fwd;
        const Prefix& to = policy.policy.selector.destination;
        const bool own = to.is_host() || to.length == 0;
        if (own) continue;  // an address of the host itself; those inside are forwarded as well, but need not be
        policy.policy.direction = spd::Direction::In;
        std::string line;
        strongswan::append_line(policy, line);
        (fwd ? forwarded : in).insert(line);
      }
      RC_ASSERT(in == forwarded);
    }
  }));
}

TEST_CASE("manual SAs: what one end sends the other takes, and their numbers are those of the policies") {
  CHECK(rc::check([] {
    const Mesh mesh = *test::mesh_gen();
    const test::FakePsks keys;
    std::multiset<std::string> sent;
    std::multiset<std::string> taken;
    for (HostIndex host = 0; host < mesh.hosts.size(); ++host) {
      const HostPlan plan = test::view(mesh, host);
      std::set<std::uint32_t> reqids;
      for (const auto& policy : strongswan::policies_of(plan)) reqids.insert(policy.reqid);
      for (auto state : strongswan::states_of(plan, strongswan::layout_of(plan))) {
        RC_ASSERT(reqids.count(state.reqid) == 1u);
        state.reqid = 1;
        std::string line;
        strongswan::append_line(plan, state, keys, line);
        // racoon's kernel interface cuts SHA-256, at each end as the other one needs it
        line = line.substr(0, line.rfind(' '));
        (state.outgoing ? sent : taken).insert(line);
      }
    }
    RC_ASSERT(sent == taken);
  }));
}

TEST_CASE("priorities: no two policies that can match one packet share a number unless both are holes") {
  CHECK(rc::check([] {
    const Mesh mesh = *test::mesh_gen();
    for (HostIndex host = 0; host < mesh.hosts.size(); ++host) {
      const auto policies = strongswan::policies_of(test::view(mesh, host));
      for (const auto& a : policies) {
        for (const auto& b : policies) {
          if (&a == &b || a.policy.direction != b.policy.direction) continue;
          if (is_hole(a) || a.policy.priority != b.policy.priority || a.mark != b.mark) continue;
          const auto type = [](const strongswan::XfrmPolicy& policy) {
            return std::pair(policy.icmp_type, policy.icmp_code);
          };
          RC_ASSERT((type(a) != type(b) || !spd::overlap(a.policy.selector, b.policy.selector)));
        }
      }
    }
  }));
}
