// A managed host that answers with floods, escapes and nonsense, beside one that does as it should: the good one's
// answers stay what they are, and the controller's memory does not grow.
#include <doctest/doctest.h>

#include "unit/apply/fleet_fixture.hpp"

using namespace meshctl;
using namespace meshctl::test;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMemoryCounts = false;  // a sanitizer keeps what was freed
#else
constexpr bool kMemoryCounts = true;
#endif
constexpr long kMostGrowth = 10L << 10U;  // KiB

/// Of /proc/self/status, in KiB.
long memory(const std::string& field) {
  const std::string status = slurp("/proc/self/status");
  return std::strtol(status.c_str() + status.find(field + ":") + field.size() + 1, nullptr, 10);
}

/// How far the resident memory rose above what it is now while `body` ran.
long growth(const std::function<void()>& body) {
  spit("/proc/self/clear_refs", "5");  // the high-water mark begins here
  const long before = memory("VmRSS");
  body();
  return memory("VmHWM") - before;
}

/// Answers every verb as it should be, but for one: `mode` says which and how.
constexpr const char* kHostile = R"sh(#!/bin/sh
verb=${SSH_ORIGINAL_COMMAND##*'"$SSH_CONNECTION" '}
verb=${verb%% *}
cat >/dev/null
read -r bad how <MODE
if [ "$bad" = "$verb" ]; then
  case $how in
    noise) yes a | head -c 62914560 ;;
    blank) head -c 62914560 /dev/zero ;;
    words) yes "$(printf 'drift x\nlink b 1 2 up\nhealth x y\nfact a b\njson {}\nforeign /e x\ndnat x\nstep x\ndeadline 1')" |
      head -c 62914560 ;;
    error) yes a | head -c 62914560 >&2 ;;
  esac
fi
case $verb in
  probe | revert | abandon)
    printf 'boot b\ncurrent 11\nprevious -\ntrial -\nconfirmed -\nlock -\nclient 127.0.0.1\n' ;;
  arm) echo deadline 1 ;;
  links) echo link a 10.0.0.2 10.0.0.1 up ;;
esac
echo ok
)sh";

struct HostileFleet : TestFleet {
  HostileFleet() : TestFleet(1) {
    std::string script = kHostile;
    script.replace(script.find("MODE"), 4, folder / "mode");
    spit(folder / "hostile", script, 0755);
    behave("nothing", "-");
    sshd = std::make_unique<Sshd>(folder, keys, "b", "ForceCommand " + folder / "hostile");
    Host& host = mesh.hosts.emplace_back();
    host.name = "b";
    host.ssh = sshd->target(keys);
    const auto kind = tasks(kNew, "").front().agent.kind;
    agents = {{0, kind}, {1, kind}};
  }
  void behave(const std::string& verb, const std::string& how) const { spit(folder / "mode", verb + " " + how + "\n"); }
  std::vector<HostTask> both(const std::string& id, const std::string& content) {
    std::vector<HostTask> out = tasks(id, content);
    out.push_back(out.front());
    out.back().agent.host = 1;
    return out;
  }

  std::unique_ptr<Sshd> sshd;
  std::vector<HostAgent> agents;
};

std::string code(const Diags& why) { return std::string(why.front().code); }

/// All that is asked without a change. What the good host says, and the error of the other one.
struct Asked {
  std::string good;
  std::vector<std::string> bad;
};
Asked ask(HostileFleet& fleet) {
  Asked out;
  const std::vector<std::string> wanted(2, kNew);
  const auto status = status_fleet(fleet.context, fleet.agents, fleet.options.limits);
  const auto facts = facts_fleet(fleet.context, fleet.agents, fleet.options.limits);
  const auto survey = survey_fleet(fleet.context, fleet.agents, wanted, fleet.options.limits);
  for (const LinkState& link : status[0]->links) out.good += link.peer + " " + link.detail + "\n";
  for (const Health& health : status[0]->health) out.good += health.word + " " + health.text + "\n";
  for (const HostFact& fact : *facts[0]) out.good += fact.key + " " + fact.value + "\n";
  out.good += survey[0]->probe.current + " " + survey[0]->probe.boot_id + "\n";
  if (!status[1]) out.bad.push_back("status " + code(status[1].error()));
  if (!facts[1]) out.bad.push_back("facts " + code(facts[1].error()));
  if (!survey[1]) out.bad.push_back("survey " + code(survey[1].error()));
  if (survey[1] && survey[1]->manifest && survey[1]->manifest->empty()) out.bad.emplace_back("no manifest");
  return out;
}

}  // namespace

TEST_CASE("60 MiB of a host's answer change neither another host's nor the controller's memory") {
  if (!have_sshd()) return;
  HostileFleet fleet;
  REQUIRE(fleet.sshd->up());
  const Asked calm = ask(fleet);
  CHECK(calm.bad == std::vector<std::string>{"no manifest"});  // it sends none
  for (const char* how : {"noise", "blank", "words"}) {
    for (const auto& [verb, error] : {std::pair("status", "status E5011"),
                                      {"facts", "facts E5011"},
                                      {"probe", "survey E5011"},
                                      {"manifest", "no manifest"}}) {
      INFO(how << " " << verb);
      fleet.behave(verb, how);
      Asked asked;
      const long grown = growth([&] { asked = ask(fleet); });
      CHECK(asked.good == calm.good);
      CHECK(std::find(asked.bad.begin(), asked.bad.end(), error) != asked.bad.end());
      if (kMemoryCounts) CHECK(grown < kMostGrowth);
    }
  }
  fleet.behave("status", "error");  // standard error is kept in part, and no fault of the answer
  Asked asked;
  const long grown = growth([&] { asked = ask(fleet); });
  CHECK(asked.good == calm.good);
  CHECK(asked.bad == calm.bad);
  if (kMemoryCounts) CHECK(grown < kMostGrowth);
}

TEST_CASE("60 MiB of an answer in the middle of a run revert it, and cost no memory") {
  if (!have_sshd()) return;
  HostileFleet fleet;
  REQUIRE(fleet.sshd->up());
  for (const char* verb : {"stage", "check", "arm", "activate", "links"}) {
    INFO(verb);
    fleet.behave(verb, "words");
    FleetReport report;
    const long grown = growth([&] { report = apply_fleet(fleet.context, fleet.both(kNew, "new\n"), fleet.options); });
    INFO(why(report));
    // Before anything is armed the host counts as one that cannot be reached; later the run failed and was reverted.
    CHECK(report.exit_code == (std::string_view(verb) == "stage" || std::string_view(verb) == "check" ? 5 : 1));
    REQUIRE(report.hosts.size() == 2);
    CHECK(report.hosts[1].errors.front().code == "E5011");
    CHECK(fleet.hosts[0]->current().empty());
    CHECK(fleet.hosts[0]->calm());
    if (kMemoryCounts) CHECK(grown < kMostGrowth);
  }
}
