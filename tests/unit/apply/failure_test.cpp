// Every way to fail after something was sent: all hosts come back.
#include <doctest/doctest.h>

#include "unit/apply/fleet_fixture.hpp"

using namespace meshctl;
using namespace meshctl::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("waits");  // for dead men: tests/parts.py

TEST_CASE("a failure on one host of three takes all back") {
  if (!have_sshd()) return;
  TestFleet fleet(3);
  REQUIRE(fleet.apply(kOld, "one\n").exit_code == 0);
  TestHost& bad = *fleet.hosts[1];
  const auto expect_old = [&](const FleetReport& report, std::string_view code) {
    INFO(why(report));
    CHECK(report.exit_code == 1);
    REQUIRE(!report.hosts[1].errors.empty());
    CHECK(report.hosts[1].errors.front().code == code);
    CHECK(report.hosts[1].errors.front().host == "b");
    for (const auto& host : fleet.hosts) {
      CHECK(host->current() == kOld);
      CHECK(host->kernel() == "one\n");
      CHECK(host->live() == "one\n");
      CHECK(host->calm());
    }
  };
  SUBCASE("stage") {
    auto tasks = fleet.tasks(kNew, "two\n");
    tasks[1].payload = [&]() -> Result<Payload> {
      Payload payload = pack(fleet.folder, "two\n");
      payload.sum[0] = payload.sum[0] == '0' ? '1' : '0';
      return payload;
    };
    fleet.options.limits.parallel = 1;  // the fixture packs in one folder
    expect_old(apply_fleet(fleet.context, std::move(tasks), fleet.options), "E6011");
  }
  SUBCASE("check") {
    spit(bad.root + "/fail-check", "");
    expect_old(fleet.apply(kNew, "two\n"), "E6012");
  }
  SUBCASE("activate") {
    spit(bad.root + "/fail-activate", kNew + "\n");
    expect_old(fleet.apply(kNew, "two\n"), "E6013");
  }
  SUBCASE("links") {
    spit(bad.root + "/fail-links", "");
    const auto report = fleet.apply(kNew, "two\n");
    expect_old(report, "E6014");
    CHECK(report.hosts[0].outcome == HostOutcome::Reverted);
    CHECK(report.hosts[1].errors.front().text.find("no answer") != std::string::npos);
  }
  CHECK(!needs_resume(fleet.options.journal).value());
}

TEST_CASE("a change that locks the controller out is undone by the dead man, on all hosts") {
  if (!have_sshd()) return;
  TestFleet fleet(2);
  REQUIRE(fleet.apply(kOld, "one\n").exit_code == 0);
  spit(fleet.hosts[1]->root + "/lock-out", kNew + "\n");
  fleet.options.dead_man = paced(5s);
  const auto report = fleet.apply(kNew, "two\n");
  INFO(why(report));
  CHECK(report.exit_code == 1);
  CHECK(report.hosts[1].outcome == HostOutcome::Reverted);
  CHECK(report.hosts[1].phase == Phase::Reconnect);
  for (const auto& host : fleet.hosts) {
    CHECK(host->current() == kOld);
    CHECK(host->kernel() == "one\n");
    CHECK(host->calm());
  }
}

TEST_CASE("no confirm is sent when the dead man's time is nearly over") {
  if (!have_sshd()) return;
  TestFleet fleet(2);
  REQUIRE(fleet.apply(kOld, "one\n").exit_code == 0);
  spit(fleet.hosts[0]->root + "/slow-links", fmt::format("{}\n", paced(3s).count()));
  fleet.options.dead_man = paced(3s);
  const auto report = fleet.apply(kNew, "two\n");
  INFO(why(report));
  CHECK(report.exit_code == 1);
  for (const auto& host : fleet.hosts) {
    CHECK(host->current() == kOld);
    CHECK(host->calm());
  }
}

TEST_CASE("an interrupt takes all back") {
  if (!have_sshd()) return;
  for (const Phase at : {Phase::Stage, Phase::Activate, Phase::Links}) {
    TestFleet fleet(2);
    REQUIRE(fleet.apply(kOld, "one\n").exit_code == 0);
    fleet.events.on_begin = [&](HostIndex, Phase phase) {
      if (phase == at) fleet.interrupts.once = true;
    };
    const auto report = fleet.apply(kNew, "two\n");
    INFO(text(at), " ", why(report));
    CHECK(report.exit_code == 130);
    for (const auto& host : fleet.hosts) {
      CHECK(host->current() == kOld);
      CHECK(host->kernel() == "one\n");
      CHECK(host->calm());
    }
  }
}

TEST_SUITE_END();
