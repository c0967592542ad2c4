// The controller dies (kill -9 of a process that runs apply) at each phase; hosts and `resume` finish what it began.
#include <doctest/doctest.h>

#include "apply/journal.hpp"
#include "unit/apply/fleet_fixture.hpp"

using namespace meshctl;
using namespace meshctl::test;
using namespace std::chrono_literals;

namespace {

/// A run in a child that is killed when `phase` begins on host `at`.
void run_and_die(TestFleet& fleet, Phase at_phase, HostIndex at, const std::function<FleetReport()>& run) {
  const pid_t child = ::fork();
  if (child == 0) {
    fleet.events.on_begin = [&](HostIndex host, Phase phase) {
      if (phase == at_phase && host == at) ::kill(::getpid(), SIGKILL);
    };
    const auto report = run();
    fmt::print("the run was not killed: {}\n", why(report));
    ::_exit(1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  REQUIRE(WIFSIGNALED(status));
}

void apply_and_die(TestFleet& fleet, Phase at_phase, HostIndex at) {
  run_and_die(fleet, at_phase, at, [&] { return fleet.apply(kNew, "two\n"); });
}

bool wait_for(const std::function<bool()>& good, std::chrono::seconds most) {
  const auto end = std::chrono::steady_clock::now() + most;
  while (!good()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(100ms);
  }
  return true;
}
}  // namespace

TEST_SUITE_BEGIN("waits");  // for dead men: tests/parts.py

TEST_CASE("killed before the first confirm: all hosts come back by themselves, and the next apply just works") {
  if (!have_sshd()) return;
  // All are killed before any is waited for: the dead men's times overlap.
  std::vector<std::pair<Phase, std::unique_ptr<TestFleet>>> killed;
  for (const Phase phase : {Phase::Stage, Phase::Check, Phase::Arm, Phase::Activate, Phase::Links, Phase::Reconnect}) {
    TestFleet& fleet = *killed.emplace_back(phase, std::make_unique<TestFleet>(2)).second;
    fleet.options.limits.parallel = 1;
    INFO(text(phase));
    REQUIRE(fleet.apply(kOld, "one\n").exit_code == 0);
    fleet.options.dead_man = paced(4s);
    apply_and_die(fleet, phase, 1);
  }
  for (const auto& [phase, fleet] : killed) {
    INFO(text(phase));
    const auto back = [&hosts = fleet->hosts] {
      return std::all_of(hosts.begin(), hosts.end(), [](const auto& host) {
        return host->current() == kOld && host->kernel() == "one\n" && host->live() == "one\n" &&
               host->word("/trial").empty();
      });
    };
    CHECK(wait_for(back, paced(20s)));
    CHECK(needs_resume(fleet->options.journal).value());
    fleet->options.dead_man = paced(20s);
    const auto report = phase == Phase::Links
                            ? resume_fleet(fleet->context, fleet->tasks(kNew, "two\n"), fleet->options)
                            : fleet->apply(kNew, "two\n");
    INFO(why(report));
    CHECK(report.exit_code == 0);
    CHECK(!needs_resume(fleet->options.journal).value());
    for (const auto& host : fleet->hosts) {
      CHECK(host->calm());
      CHECK(host->current() == (phase == Phase::Links ? kOld : kNew));
    }
  }
}

TEST_CASE("destroy that is killed before or after its commit: resume ends it, back or forward") {
  if (!have_sshd()) return;
  for (const bool committed : {false, true}) {
    TestFleet fleet(2);
    fleet.options.limits.parallel = 1;
    INFO(committed);
    REQUIRE(fleet.apply(kOld, "one\n").exit_code == 0);
    run_and_die(fleet, committed ? Phase::Confirm : Phase::Links, 1,
                [&] { return destroy_fleet(fleet.context, fleet.tasks("", ""), fleet.options); });
    CHECK(fleet.hosts[0]->current() == (committed ? "" : kOld));
    CHECK(fleet.hosts[1]->current() == kOld);
    const auto report = resume_fleet(fleet.context, fleet.tasks(kNew, "two\n"), fleet.options);
    INFO(why(report));
    CHECK(report.exit_code == 0);
    CHECK(fleet.payloads == 2);  // of the first apply
    for (const auto& host : fleet.hosts) {
      CHECK(host->calm());
      CHECK(host->current() == (committed ? "" : kOld));
      CHECK(host->kernel() == (committed ? "" : "one\n"));
      CHECK(std::filesystem::exists(host->root + "/etc/testmesh/policies") == !committed);
    }
    CHECK(!needs_resume(fleet.options.journal).value());
  }
}

TEST_CASE("an unfinished run with a host that --limit leaves out, or that left the inventory") {
  TestFleet fleet(0);
  fleet.mesh.hosts.resize(2);
  fleet.mesh.hosts[0].name = "a";
  fleet.mesh.hosts[1].name = "b";
  {
    auto journal = Journal::open(fleet.options.journal);
    REQUIRE(journal);
    REQUIRE(journal->begin("c0ffee00c0ffee00", {{"a", kNew, kOld}, {"b", kNew, kOld}, {"gone", kNew, kOld}}));
  }
  HostTask a;
  a.agent.host = 0;
  const auto report = apply_fleet(fleet.context, {a}, fleet.options);
  CHECK(report.exit_code == 6);
  REQUIRE(report.errors.size() == 2);
  CHECK(report.errors[0].code == "E6007");
  CHECK(report.errors[0].text ==
        "an unfinished run (c0ffee00, 0 min ago) also has the host 'b', which --limit leaves out");
  CHECK(report.errors[0].hint == "run `meshctl resume` first, without --limit; or go on without it with --force");
  CHECK(report.errors[1].text ==
        "an unfinished run (c0ffee00, 0 min ago) also has the host 'gone', which the inventory does not name any more");
  CHECK(report.errors[1].hint ==
        "put it back into the inventory, run `meshctl resume`, and take it out then; or go on without it with --force");
}

TEST_CASE("killed after the commit: resume converges, whether the dead man struck or not") {
  if (!have_sshd()) return;
  for (const bool struck : {false, true}) {
    TestFleet fleet(2);
    fleet.options.limits.parallel = 1;
    INFO(struck);
    REQUIRE(fleet.apply(kOld, "one\n").exit_code == 0);
    if (struck) fleet.options.dead_man = paced(6s);
    apply_and_die(fleet, Phase::Confirm, 1);
    CHECK(fleet.hosts[0]->current() == kNew);
    CHECK(fleet.hosts[1]->current() == kOld);
    if (struck)
      CHECK(wait_for([&] { return fleet.hosts[1]->calm() && fleet.hosts[1]->kernel() == "one\n"; }, paced(20s)));
    fleet.options.dead_man = paced(20s);
    CHECK(fleet.apply(kNew, "two\n").exit_code == 6);  // E6002: resume first
    fleet.payloads = 0;
    const auto report = resume_fleet(fleet.context, fleet.tasks(kNew, "two\n"), fleet.options);
    INFO(why(report));
    CHECK(report.exit_code == 0);
    CHECK(fleet.payloads == 0);  // it was staged before the commit
    for (const auto& host : fleet.hosts) {
      CHECK(host->current() == kNew);
      CHECK(host->kernel() == "two\n");
      CHECK(host->calm());
    }
    CHECK(!needs_resume(fleet.options.journal).value());
    CHECK(resume_fleet(fleet.context, fleet.tasks(kNew, "two\n"), fleet.options).reason == "unchanged");
    // The run and what resumed it are one change.
    const auto undone = rollback_fleet(fleet.context, fleet.tasks("", ""), fleet.options);
    INFO(why(undone));
    CHECK(undone.exit_code == 0);
    CHECK((fleet.hosts[0]->confirmed() == undone.txn && fleet.hosts[1]->confirmed() == undone.txn));
    for (const auto& host : fleet.hosts) CHECK(host->kernel() == "one\n");
  }
}

TEST_SUITE_END();

TEST_CASE("journal: torn lines, foreign lines, order, mode, no second holder") {
  TestFolder folder;
  const std::string place = folder / "j";
  auto journal = Journal::open(place);
  REQUIRE(journal);
  CHECK(!Journal::open(place));
  CHECK(!journal->unfinished().value());
  REQUIRE(journal->begin("aa", {{"a", kOld}, {"b", kNew}}));
  journal->phase("a", "stage", "ok");
  auto run = journal->unfinished().value();
  REQUIRE(run);
  CHECK(run->txn == "aa");
  CHECK(run->hosts.size() == 2);
  CHECK(run->hosts[1].generation == kNew);
  CHECK(!run->commit);
  struct stat info {};
  REQUIRE(::stat(run->file.c_str(), &info) == 0);
  CHECK((info.st_mode & 07777U) == 0600);
  REQUIRE(journal->commit());
  std::ofstream(run->file, std::ios::app) << R"({"record":"do)";
  run = journal->unfinished().value();
  REQUIRE(run);
  CHECK(run->commit);
  REQUIRE(journal->reopen(*run));
  REQUIRE(journal->done("applied"));
  CHECK(!journal->unfinished().value());
  REQUIRE(journal->begin("bb", {}));
  CHECK(journal->unfinished().value()->txn == "bb");
  std::ofstream(journal->unfinished().value()->file, std::ios::app) << "hello\n";
  CHECK(journal->unfinished().error().front().code == "E6004");
}
