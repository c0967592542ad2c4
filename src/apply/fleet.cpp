#include "apply/fleet.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "apply/fleet_run.hpp"
#include "apply/journal.hpp"
#include "apply/open_files.hpp"

namespace meshctl {
namespace {

FleetReport stopped(Diags why) {
  FleetReport report;
  const Verdict verdict = why.front().code == "E4007" ? Verdict::BadInput : Verdict::Refused;
  report.exit_code = exit_code(verdict);
  report.reason = reason(verdict);
  report.errors = std::move(why);
  return report;
}

FleetReport nothing_to_do() {
  FleetReport report;
  report.reason = "unchanged";
  return report;
}

/// E6007
Diag absent_host(const Mesh& mesh, const JournalRun& run, const std::string& name) {
  std::error_code unknown;
  const auto written = std::filesystem::last_write_time(run.file, unknown);
  const auto age = std::filesystem::file_time_type::clock::now() - written;
  const auto minutes =
      unknown ? 0 : std::max<long long>(std::chrono::duration_cast<std::chrono::minutes>(age).count(), 0);
  const bool known =
      std::any_of(mesh.hosts.begin(), mesh.hosts.end(), [&](const Host& host) { return host.name == name; });
  Diag diag;
  diag.code = "E6007";
  diag.text = fmt::format("an unfinished run ({:.8}, {} min ago) also has the host '{}', which {}", run.txn, minutes,
                          name, known ? "--limit leaves out" : "the inventory does not name any more");
  diag.hint = known ? "run `meshctl resume` first, without --limit; or go on without it with --force"
                    : "put it back into the inventory, run `meshctl resume`, and take it out then; or go on without it "
                      "with --force";
  return diag;
}

/// The tasks of the hosts that a journal names, with its generations. E6007 names those that the inventory lacks.
Result<std::vector<HostTask>> tasks_of(const Mesh& mesh, const JournalRun& run, std::vector<HostTask> tasks) {
  std::map<std::string_view, HostTask*> by_name;
  for (HostTask& task : tasks) by_name[mesh.hosts[task.agent.host].name] = &task;
  std::vector<HostTask> out;
  Diags absent;
  for (const JournalHost& host : run.hosts) {
    const auto found = by_name.find(host.name);
    if (found == by_name.end()) {
      absent.push_back(absent_host(mesh, run, host.name));
      continue;
    }
    HostTask& task = *found->second;
    if (task.generation != host.generation) task.payload = nullptr;  // it would make another generation
    task.generation = host.generation;
    task.expected.reset();
    if (task.generation == kOriginal) task.preflight = nullptr;  // no policy of ours can lock anybody out
    out.push_back(std::move(task));
  }
  if (!absent.empty()) return tl::unexpected(std::move(absent));
  return out;
}

/// A run without a commit, whose controller died: its hosts come back by themselves; with our help at once.
Result<FleetReport> undo(const FleetContext& context, const JournalRun& run, std::vector<HostTask> tasks,
                         const ApplyOptions& options, Journal& journal) {
  if (auto opened = journal.reopen(run); !opened) return tl::unexpected(std::move(opened.error()));
  FleetRun fleet(context, std::move(tasks), options, journal);
  return fleet.undo(run.txn);
}

FleetReport begin(const FleetContext& context, std::vector<HostTask> tasks, const ApplyOptions& options, Goal goal) {
  allow_open_files(tasks.size());
  auto journal = Journal::open(options.journal);
  if (!journal) return stopped(std::move(journal.error()));
  auto old = journal->unfinished();
  if (!old) return stopped(std::move(old.error()));
  if (*old && (*old)->commit && !options.force) {
    return stopped(fail("E6002", fmt::format("the run {} was confirmed on some hosts and not finished", (*old)->txn),
                        {}, "run `meshctl resume`")
                       .value());
  }
  if (*old && !(*old)->commit) {
    auto left = tasks_of(context.mesh, **old, tasks);
    if (!left && !options.force) return stopped(std::move(left.error()));
    if (left) {
      auto undone = undo(context, **old, std::move(*left), options, *journal);
      if (!undone) return stopped(std::move(undone.error()));
      if (undone->exit_code != 0) return std::move(*undone);
    }
  }
  FleetRun run(context, std::move(tasks), options, *journal);
  return run.run(goal, goal == Goal::Previous);
}

}  // namespace

FleetReport apply_fleet(const FleetContext& context, std::vector<HostTask> tasks, const ApplyOptions& options) {
  return begin(context, std::move(tasks), options, Goal::Tasks);
}

FleetReport rollback_fleet(const FleetContext& context, std::vector<HostTask> tasks, const ApplyOptions& options) {
  for (HostTask& task : tasks) task.payload = nullptr;
  return begin(context, std::move(tasks), options, Goal::Previous);
}

FleetReport destroy_fleet(const FleetContext& context, std::vector<HostTask> tasks, const ApplyOptions& options) {
  for (HostTask& task : tasks) {
    task.generation = kOriginal;
    task.payload = nullptr;
    task.preflight = nullptr;  // no policy of ours can lock anybody out
  }
  return begin(context, std::move(tasks), options, Goal::Tasks);
}

Result<bool> needs_resume(const std::filesystem::path& journal) {
  auto run = Journal::find_unfinished(journal);
  if (!run) return tl::unexpected(std::move(run.error()));
  return run->has_value();
}

FleetReport resume_fleet(const FleetContext& context, std::vector<HostTask> tasks, const ApplyOptions& options) {
  allow_open_files(tasks.size());
  auto journal = Journal::open(options.journal);
  if (!journal) return stopped(std::move(journal.error()));
  auto old = journal->unfinished();
  if (!old) return stopped(std::move(old.error()));
  if (!*old) return nothing_to_do();
  const JournalRun& run = **old;
  auto mine = tasks_of(context.mesh, run, std::move(tasks));
  if (!mine) return stopped(std::move(mine.error()));
  if (!run.commit) {
    auto undone = undo(context, run, std::move(*mine), options, *journal);
    return undone ? std::move(*undone) : stopped(std::move(undone.error()));
  }
  FleetRun(context, *mine, options, *journal).confirm_left(run.txn);
  FleetRun again(context, std::move(*mine), options, *journal);
  FleetReport report = again.run(Goal::Tasks, true, run.txn);
  // The old run is finished when every host of it has what it wanted, by whichever transaction.
  if (report.exit_code == 0) {
    auto closed = journal->reopen(run);
    if (closed) closed = journal->done("resumed");
    if (!closed) report.errors.push_back(closed.error().front());
  } else if (report.exit_code == 1 || report.exit_code == 6) {
    report.exit_code = exit_code(Verdict::NotRolledBack);  // some hosts have the new generation, some the old one
    report.reason = reason(Verdict::NotRolledBack);
  }
  return report;
}

}  // namespace meshctl
