#include <doctest/doctest.h>

#include "unit/apply/fleet_fixture.hpp"

using namespace meshctl;
using namespace meshctl::test;
using namespace std::chrono_literals;

namespace {

/// Everything in a host's root with time of change and size: equal means that nothing was written.
std::string traces(const TestHost& host) {
  const std::string out = host.root + ".traces";
  sh(fmt::format("find {} -printf '%p %C@ %s\\n' | sort > {}", host.root, out));
  return slurp(out);
}
}  // namespace

TEST_CASE("apply, then the same again does nothing") {
  if (!have_sshd()) return;
  TestFleet fleet(3);
  const FleetReport first = fleet.apply(kOld, "one\n");
  INFO(why(first));
  CHECK(first.exit_code == 0);
  CHECK(first.reason == "done");
  CHECK(fleet.payloads == 3);
  for (const auto& host : fleet.hosts) {
    CHECK(host->current() == kOld);
    CHECK(host->kernel() == "one\n");
    CHECK(host->live() == "one\n");
    CHECK(host->calm());
    CHECK(host->sshd->accepted() == 2);  // one for the work, a new one for the confirm
  }
  CHECK(!needs_resume(fleet.options.journal).value());
  const std::string before = traces(*fleet.hosts[0]);
  const FleetReport second = fleet.apply(kOld, "one\n");
  CHECK(second.exit_code == 0);
  CHECK(second.reason == "unchanged");
  CHECK(fleet.payloads == 3);
  CHECK(traces(*fleet.hosts[0]) == before);
  for (const auto& host : fleet.hosts) CHECK(host->sshd->accepted() == 3);
}

TEST_CASE("barriers: nothing is armed anywhere before all is checked everywhere, nothing confirmed before all is new") {
  if (!have_sshd()) return;
  TestFleet fleet(3);
  fleet.options.limits.parallel = 2;
  REQUIRE(fleet.apply(kOld, "one\n").exit_code == 0);
  std::vector<std::string> order;
  for (const std::string& line : fleet.events.seen) {
    const std::string word = line.substr(line.find(' ') + 1);
    if (order.empty() || order.back() != word) order.push_back(word);
  }
  CHECK(order == std::vector<std::string>{"connect", "probe", "stage", "check", "arm", "activate", "links", "reconnect",
                                          "confirm"});
}

TEST_CASE("rehearsals leave nothing behind") {
  if (!have_sshd()) return;
  TestFleet fleet(2);
  for (const Until until : {Until::Staged, Until::Checked}) {
    fleet.options.until = until;
    const auto report = fleet.apply(kNew, "two\n");
    INFO(why(report));
    CHECK(report.exit_code == 0);
    CHECK(report.hosts[0].outcome == (until == Until::Staged ? HostOutcome::Staged : HostOutcome::Checked));
    for (const auto& host : fleet.hosts) {
      CHECK(host->current() == "");
      CHECK(host->calm());
      CHECK(!std::filesystem::exists(host->root + "/kernel"));
    }
  }
}

TEST_CASE("refusals write nothing: unreachable, stale plan, lint") {
  if (!have_sshd()) return;
  TestFleet fleet(2);
  auto tasks = fleet.tasks(kNew, "two\n");
  SUBCASE("stale plan") {
    tasks[1].expected = kOld;
    const auto report = apply_fleet(fleet.context, std::move(tasks), fleet.options);
    CHECK(report.exit_code == 6);
    CHECK(report.hosts[1].errors.front().code == "E6006");
  }
  SUBCASE("lint") {
    tasks[1].preflight = [](const HostProbe& probe) {
      CHECK(probe.client == "127.0.0.1");
      return fail("E6005", "would lock out").value();
    };
    auto again = tasks;
    const auto report = apply_fleet(fleet.context, std::move(tasks), fleet.options);
    CHECK(report.exit_code == 6);
    CHECK(report.hosts[1].outcome == HostOutcome::Refused);
    fleet.options.allow_lockout = true;
    CHECK(apply_fleet(fleet.context, std::move(again), fleet.options).exit_code == 0);
    return;
  }
  SUBCASE("unreachable") {
    fleet.hosts[1]->sshd->stop();
    const auto report = apply_fleet(fleet.context, std::move(tasks), fleet.options);
    CHECK(report.exit_code == 5);
    CHECK(report.hosts[1].outcome == HostOutcome::Unreachable);
  }
  for (const auto& host : fleet.hosts) CHECK(std::filesystem::is_empty(host->state));
  CHECK(!needs_resume(fleet.options.journal).value());
}

TEST_CASE("two runs at once: the second is refused, by the journal's lock or by the hosts'") {
  if (!have_sshd()) return;
  TestFleet fleet(2);
  spit(fleet.hosts[0]->root + "/slow-links", "2\n");
  FleetReport same;
  FleetReport elsewhere;
  fleet.events.on_begin = [&](HostIndex, Phase phase) {
    if (phase != Phase::Links || !same.reason.empty()) return;
    Watcher silent;
    FleetContext other{fleet.mesh, *fleet.quick, *fleet.steady, fleet.interrupts, silent};
    ApplyOptions options = fleet.options;
    same = apply_fleet(other, fleet.tasks(kOld, "one\n"), options);
    options.journal = fleet.folder / "elsewhere";
    elsewhere = apply_fleet(other, fleet.tasks(kOld, "one\n"), options);
  };
  const auto report = fleet.apply(kNew, "two\n");
  INFO(why(report), " / ", why(same), " / ", why(elsewhere));
  CHECK(report.exit_code == 0);
  CHECK(same.exit_code == 6);
  CHECK(same.errors.front().code == "E6003");
  CHECK(elsewhere.exit_code == 6);
  CHECK(elsewhere.hosts[0].errors.front().code == "E6001");
  for (const auto& host : fleet.hosts) CHECK(host->current() == kNew);
}

TEST_CASE("drift is put back") {
  if (!have_sshd()) return;
  TestFleet fleet(1);
  REQUIRE(fleet.apply(kOld, "one\n").exit_code == 0);
  spit(fleet.hosts[0]->root + "/etc/testmesh/policies", "edited\n", 0644);
  const auto report = fleet.apply(kOld, "one\n");
  INFO(why(report));
  CHECK(report.exit_code == 0);
  CHECK(report.hosts[0].outcome == HostOutcome::Applied);
  CHECK(fleet.hosts[0]->live() == "one\n");
  CHECK(fleet.payloads == 1);
}

TEST_CASE("policies that somebody deleted from the kernel are put back without --force") {
  if (!have_sshd()) return;
  TestFleet fleet(2);
  REQUIRE(fleet.apply(kOld, "one\n").exit_code == 0);
  spit(fleet.hosts[0]->root + "/kernel", "", 0644);
  std::vector<HostAgent> agents;
  for (const HostTask& task : fleet.tasks("", "")) agents.push_back(task.agent);
  const std::vector<std::string> wanted{kOld, kOld};
  const auto survey = survey_fleet(fleet.context, agents, wanted, fleet.options.limits);
  REQUIRE(survey[0]);
  CHECK(survey[0]->probe.missing.policies == 1);
  CHECK(!survey[1]->probe.missing.any());

  const auto report = fleet.apply(kOld, "one\n");
  INFO(why(report));
  CHECK(report.exit_code == 0);
  CHECK(report.hosts[0].outcome == HostOutcome::Applied);
  CHECK(report.hosts[1].outcome == HostOutcome::Unchanged);
  CHECK(fleet.hosts[0]->kernel() == "one\n");
  CHECK(fleet.apply(kOld, "one\n").reason == "unchanged");
}

TEST_CASE("queries: survey, facts, status") {
  if (!have_sshd()) return;
  TestFleet fleet(2);
  REQUIRE(fleet.apply(kOld, "one\n").exit_code == 0);
  std::vector<HostAgent> agents;
  for (const HostTask& task : fleet.tasks("", "")) agents.push_back(task.agent);
  const std::vector<std::string> wanted{kOld, kNew};
  const auto survey = survey_fleet(fleet.context, agents, wanted, fleet.options.limits);
  REQUIRE(survey[0]);
  CHECK(survey[0]->probe.current == kOld);
  CHECK(!survey[0]->manifest);
  REQUIRE(survey[1]);
  CHECK(survey[1]->manifest == "{\"backend\": \"racoon\"}\n");
  const auto facts = facts_fleet(fleet.context, agents, fleet.options.limits);
  REQUIRE(facts[0]);
  CHECK(std::any_of(facts[0]->begin(), facts[0]->end(), [](const HostFact& fact) { return fact.key == "os"; }));
  fleet.hosts[1]->sshd->stop();
  const auto status = status_fleet(fleet.context, agents, fleet.options.limits);
  REQUIRE(status[0]);
  CHECK(status[0]->links.front().detail == "5 packets");
  CHECK(status[0]->current == kOld);
  CHECK(status[0]->lock.empty());
  CHECK(status[0]->health.front().word == "good");
  REQUIRE(!status[1]);
  CHECK(status[1].error().front().code == "E5001");
  CHECK(status[1].error().front().host == "b");
}
