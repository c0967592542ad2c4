// parse(emit(x)) == x, and both ends of a link agree, over random meshes.
#include <doctest/doctest.h>

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
      RC_ASSERT(artefacts.size() == 3u);
      Sources sources;
      DiagSink sink;
      const auto parse = [&](std::string_view path) {
        return strongswan::parse_swanctl(path, at(artefacts, path).content, sources, sink);
      };
      RC_ASSERT(parse(strongswan::kConnectionsPath) == strongswan::connections_of(plan));
      RC_ASSERT(parse(strongswan::kSecretsPath) == strongswan::secrets_of(plan, psks));
      const auto& policies = at(artefacts, strongswan::kPoliciesPath);
      RC_ASSERT(strongswan::parse_xfrm(policies.path, policies.content, sources, sink) ==
                strongswan::policies_of(plan));
      RC_ASSERT(faults(sink, sources) == "");
    }
  }));
}

TEST_CASE("both ends of every link mirror each other") {
  CHECK(rc::check([] {
    const Mesh mesh = *test::mesh_gen();
    std::map<std::string, spd::Policy> wanted;  // by line without the reqid, which is each end's own
    std::multiset<std::string> mine;
    std::multiset<std::string> theirs;
    for (HostIndex host = 0; host < mesh.hosts.size(); ++host) {
      for (auto policy : strongswan::policies_of(test::view(mesh, host))) {
        if (policy.policy.action != spd::Action::Ipsec) continue;
        policy.reqid = 1;
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

TEST_CASE("priorities: no two policies that can match one packet share a number unless both are holes") {
  CHECK(rc::check([] {
    const Mesh mesh = *test::mesh_gen();
    for (HostIndex host = 0; host < mesh.hosts.size(); ++host) {
      const auto policies = strongswan::policies_of(test::view(mesh, host));
      for (const auto& a : policies) {
        for (const auto& b : policies) {
          if (&a == &b || a.policy.direction != b.policy.direction) continue;
          const bool hole = a.policy.action == spd::Action::None;
          if (hole && b.policy.action == spd::Action::Ipsec) RC_ASSERT(a.policy.priority < b.policy.priority);
          if (hole || a.policy.priority != b.policy.priority) continue;
          RC_ASSERT(!spd::overlap(a.policy.selector, b.policy.selector));
        }
      }
    }
  }));
}
