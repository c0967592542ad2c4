// Rollback undoes the last confirmed run on exactly the hosts that it changed.
#include <doctest/doctest.h>

#include "apply/journal.hpp"
#include "unit/apply/fleet_fixture.hpp"

using namespace meshctl;
using namespace meshctl::test;

namespace {
const std::string kOne(32, '1');
const std::string kTwo(32, '2');

/// The tasks of some hosts, as --limit leaves them.
std::vector<HostTask> some(TestFleet& fleet, std::initializer_list<HostIndex> hosts, const std::string& id,
                           const std::string& content) {
  const auto all = fleet.tasks(id, content);
  std::vector<HostTask> out;
  for (const HostIndex host : hosts) out.push_back(all[host]);
  return out;
}

FleetReport apply_to(TestFleet& fleet, std::initializer_list<HostIndex> hosts, const std::string& id,
                     const std::string& content) {
  return apply_fleet(fleet.context, some(fleet, hosts, id, content), fleet.options);
}

FleetReport rollback(TestFleet& fleet) { return rollback_fleet(fleet.context, fleet.tasks("", ""), fleet.options); }
FleetReport rollback(TestFleet& fleet, std::initializer_list<HostIndex> hosts) {
  return rollback_fleet(fleet.context, some(fleet, hosts, "", ""), fleet.options);
}

/// Each host's generation, '-' where there is none: "112".
std::string generations(const TestFleet& fleet) {
  std::string out;
  for (const auto& host : fleet.hosts) out += host->current().empty() ? '-' : host->current().front();
  return out;
}

FleetReport destroy(TestFleet& fleet) { return destroy_fleet(fleet.context, fleet.tasks("", ""), fleet.options); }

/// Nothing of meshctl is left but its history and the transaction that ended it.
void check_as_before(const TestHost& host) {
  CHECK(!std::filesystem::exists(host.root + "/etc/testmesh"));
  CHECK(host.kernel().empty());
  CHECK(host.calm());
  CHECK(host.current().empty());
  for (const char* name : {"/generations", "/original", "/previous", "/agent.sh", "/break-glass"}) {
    INFO(name);
    const std::string path = host.state + name;
    CHECK((!std::filesystem::exists(path) || std::filesystem::is_empty(path)));
  }
}

void check_runs(const TestHost& host, const std::string& content) {
  CHECK(host.live() == content);
  CHECK(host.kernel() == content);
  CHECK(host.calm());
}
}  // namespace

TEST_CASE("rollback undoes the last run where it changed something, twice is forward again") {
  if (!have_sshd()) return;
  TestFleet fleet(3);
  REQUIRE(fleet.apply(kOne, "one\n").exit_code == 0);
  const FleetReport second = apply_to(fleet, {0, 1}, kTwo, "two\n");
  REQUIRE(second.exit_code == 0);
  CHECK(fleet.hosts[0]->confirmed() == second.txn);
  const std::string third = fleet.hosts[2]->confirmed();
  // A repair of drift is a run, but nothing that can be undone.
  spit(fleet.hosts[0]->root + "/etc/testmesh/policies", "edited\n", 0644);
  REQUIRE(apply_to(fleet, {0}, kTwo, "two\n").reason == "done");
  CHECK(fleet.hosts[0]->confirmed() == second.txn);
  fleet.payloads = 0;

  const FleetReport back = rollback(fleet);
  INFO(why(back));
  CHECK(back.exit_code == 0);
  CHECK(back.reason == "done");
  CHECK(generations(fleet) == "111");
  CHECK(back.hosts[2].outcome == HostOutcome::Unchanged);
  CHECK(fleet.events.unchanged == std::vector<HostIndex>{2});
  for (const auto& host : fleet.hosts) check_runs(*host, "one\n");
  CHECK(fleet.hosts[0]->word("/previous") == kTwo);
  CHECK(fleet.hosts[1]->confirmed() == back.txn);
  CHECK(fleet.hosts[2]->confirmed() == third);

  const FleetReport forward = rollback(fleet);
  INFO(why(forward));
  CHECK(forward.exit_code == 0);
  CHECK(generations(fleet) == "221");
  check_runs(*fleet.hosts[1], "two\n");
  check_runs(*fleet.hosts[2], "one\n");
  CHECK(fleet.payloads == 0);

  auto linted = fleet.tasks("", "");
  linted[0].preflight = [](const HostProbe&) {
    DiagSink sink;
    sink.warning("W6002", {}, "told before the error");
    sink.error("E6005", {}, "would lock out");
    return sink.take();
  };
  const FleetReport refused = rollback_fleet(fleet.context, std::move(linted), fleet.options);
  INFO(why(refused));
  CHECK(refused.exit_code == 6);
  CHECK(refused.hosts[0].outcome == HostOutcome::Refused);
  CHECK(generations(fleet) == "221");
}

TEST_CASE("a host that is down keeps a rollback only when the last run changed it") {
  if (!have_sshd()) return;
  TestFleet fleet(2);
  REQUIRE(fleet.apply(kOne, "one\n").exit_code == 0);
  REQUIRE(apply_to(fleet, {0}, kTwo, "two\n").exit_code == 0);
  fleet.hosts[1]->sshd->stop();
  const FleetReport back = rollback(fleet);
  INFO(why(back));
  CHECK(back.exit_code == 0);
  CHECK(back.hosts[1].outcome == HostOutcome::Unchanged);
  check_runs(*fleet.hosts[0], "one\n");
}

TEST_CASE("a host of the last run that is down: nothing goes back") {
  if (!have_sshd()) return;
  TestFleet fleet(2);
  REQUIRE(fleet.apply(kOne, "one\n").exit_code == 0);
  REQUIRE(fleet.apply(kTwo, "two\n").exit_code == 0);
  fleet.hosts[1]->sshd->stop();
  const FleetReport back = rollback(fleet);
  CHECK(back.exit_code == 5);
  CHECK(back.hosts[1].outcome == HostOutcome::Unreachable);
  check_runs(*fleet.hosts[0], "two\n");
}

TEST_CASE("rollback without a journal that knows: the hosts must agree") {
  if (!have_sshd()) return;
  TestFleet fleet(3);
  const auto controller = [&](const std::string& name) { fleet.options.journal = fleet.folder / name; };
  REQUIRE(fleet.apply(kOne, "one\n").exit_code == 0);
  REQUIRE(apply_to(fleet, {0, 1}, kTwo, "two\n").exit_code == 0);
  controller("second");
  const FleetReport back = rollback(fleet);  // c was there before: those with a previous generation agree
  INFO(why(back));
  CHECK(back.exit_code == 0);
  CHECK(generations(fleet) == "111");

  controller("third");
  REQUIRE(apply_to(fleet, {0}, kTwo, "two\n").exit_code == 0);
  // The second one's journal is overtaken on a, the fourth has none: b must not go back further than a.
  for (const char* name : {"second", "fourth"}) {
    controller(name);
    const FleetReport refused = rollback(fleet);
    INFO(name, " ", why(refused));
    CHECK(refused.exit_code == 6);
    CHECK(refused.reason == "refused");
    REQUIRE(refused.errors.size() == 1);
    CHECK(refused.errors[0].code == "E6008");
    CHECK(refused.errors[0].text.find("different runs") != std::string::npos);
    CHECK(refused.errors[0].text.find(back.txn.substr(0, 8) + " on 'b'") != std::string::npos);
    CHECK(refused.errors[0].hint.find("--limit") != std::string::npos);
    CHECK(generations(fleet) == "211");
    for (const auto& host : fleet.hosts) CHECK(host->calm());
  }
  CHECK(rollback(fleet, {1}).exit_code == 0);
  CHECK(generations(fleet) == "221");
}

TEST_CASE("rollback of a first apply brings back what was there before; of nothing it does nothing") {
  if (!have_sshd()) return;
  TestFleet fleet(2);
  const FleetReport nothing = rollback(fleet);
  INFO(why(nothing));
  CHECK(nothing.exit_code == 0);
  CHECK(nothing.reason == "unchanged");
  CHECK(fleet.events.messages == std::vector<std::string>{"N6003"});

  REQUIRE(apply_to(fleet, {0}, kOne, "one\n").exit_code == 0);
  REQUIRE(fleet.apply(kTwo, "two\n").exit_code == 0);
  const FleetReport back = rollback(fleet);  // a has a previous generation, b has none
  INFO(why(back));
  CHECK(back.exit_code == 0);
  CHECK(generations(fleet) == "1-");
  check_runs(*fleet.hosts[0], "one\n");
  CHECK(back.hosts[1].outcome == HostOutcome::Applied);
  CHECK(back.hosts[1].after.empty());
  check_as_before(*fleet.hosts[1]);
  // Twice is forward again, but for what nobody knows any more.
  CHECK(rollback(fleet).exit_code == 0);
  CHECK(generations(fleet) == "2-");
  check_as_before(*fleet.hosts[1]);
}

TEST_CASE("destroy brings every host back to what was there before, once") {
  if (!have_sshd()) return;
  TestFleet fleet(2);
  REQUIRE(fleet.apply(kOne, "one\n").exit_code == 0);
  REQUIRE(fleet.apply(kTwo, "two\n").exit_code == 0);
  spit(fleet.hosts[0]->root + "/etc/testmesh/policies", "edited\n", 0644);
  const FleetReport gone = destroy(fleet);
  INFO(why(gone));
  CHECK(gone.exit_code == 0);
  CHECK(gone.reason == "done");
  for (const auto& host : fleet.hosts) check_as_before(*host);
  fleet.events.unchanged.clear();
  CHECK(destroy(fleet).reason == "unchanged");
  CHECK(fleet.events.unchanged.size() == 2);
  fleet.options.force = true;
  CHECK(destroy(fleet).reason == "unchanged");
  fleet.options.force = false;
  CHECK(rollback(fleet).reason == "unchanged");
  // and from there all over again
  REQUIRE(fleet.apply(kOne, "one\n").exit_code == 0);
  for (const auto& host : fleet.hosts) check_runs(*host, "one\n");
}

TEST_CASE("destroy is for all hosts or for none") {
  if (!have_sshd()) return;
  TestFleet fleet(2);
  REQUIRE(fleet.apply(kOne, "one\n").exit_code == 0);
  spit(fleet.hosts[1]->root + "/fail-retire", "", 0644);
  const FleetReport failed = destroy(fleet);
  INFO(why(failed));
  CHECK(failed.exit_code == 1);
  std::filesystem::remove(fleet.hosts[1]->root + "/fail-retire");
  for (const auto& host : fleet.hosts) check_runs(*host, "one\n");
  CHECK(generations(fleet) == "11");
  CHECK(destroy(fleet).exit_code == 0);
  for (const auto& host : fleet.hosts) check_as_before(*host);
}

TEST_CASE("the journal's last change: resumed runs are one, repairs and others' hosts do not count") {
  const TestFolder folder;
  auto journal = Journal::open(folder / "j");
  REQUIRE(journal);
  const auto run = [&](const std::string& txn, const std::vector<JournalHost>& hosts, bool commit, const char* done,
                       const std::string& resumes = {}) {
    REQUIRE(journal->begin(txn, hosts, resumes));
    if (commit) REQUIRE(journal->commit());
    if (done != nullptr) REQUIRE(journal->done(done));
  };
  using Names = std::set<std::string>;
  const Names all{"a", "b", "c"};
  CHECK(!journal->last_change(all).value());
  run("t1", {{"a", kOne, ""}, {"b", kOne, ""}, {"c", kOne, ""}}, true, "done");
  run("t2", {{"a", kTwo, kOne}, {"b", kTwo, kOne}}, true, "resumed");
  run("t3", {{"b", kTwo, kOne}}, false, "failed", "t2");
  run("t4", {{"b", kTwo, kOne}}, true, "done", "t2");
  run("t5", {{"c", kOne, kOne}}, true, "done");  // a repair
  run("t6", {{"c", kTwo, kOne}}, false, "failed");
  run("t7", {{"c", kTwo, kOne}}, true, nullptr);  // not finished
  auto change = journal->last_change(all).value();
  REQUIRE(change);
  CHECK(change->txns == Names{"t2", "t4"});
  CHECK(change->hosts == Names{"a", "b"});
  change = journal->last_change({"a"}).value();
  REQUIRE(change);
  CHECK(change->txns == Names{"t2"});
  change = journal->last_change({"c"}).value();
  REQUIRE(change);
  CHECK(change->txns == Names{"t1"});
  CHECK(change->hosts == Names{"c"});
  CHECK(!journal->last_change({"d"}).value());
}
