#include "apply/fleet_run.hpp"

#include <fmt/core.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <atomic>

#include "base/parallel.hpp"

namespace meshctl {

int exit_code(Verdict verdict) {
  switch (verdict) {
    case Verdict::Done: return 0;
    case Verdict::Failed: return 1;
    case Verdict::NotRolledBack: return 3;
    case Verdict::BadInput: return 4;
    case Verdict::Unreachable: return 5;
    case Verdict::Refused: return 6;
    case Verdict::Interrupted: return 130;
  }
  return 3;
}

std::string_view reason(Verdict verdict) {
  switch (verdict) {
    case Verdict::Done: return "done";
    case Verdict::Failed: return "failed";
    case Verdict::NotRolledBack: return "not-rolled-back";
    case Verdict::BadInput: return "bad-input";
    case Verdict::Unreachable: return "unreachable";
    case Verdict::Refused: return "refused";
    case Verdict::Interrupted: return "interrupted";
  }
  return "failed";
}

Verdict worst(Verdict a, Verdict b) {
  // An interrupt explains the failures that it caused, but not hosts that are left in between.
  constexpr std::array order{Verdict::NotRolledBack, Verdict::Interrupted, Verdict::Unreachable, Verdict::Failed,
                             Verdict::Refused,       Verdict::BadInput,    Verdict::Done};
  return *std::find_if(order.begin(), order.end(), [&](Verdict v) { return v == a || v == b; });
}

Verdict verdict_of(const Diags& why) {
  const auto first =
      std::find_if(why.begin(), why.end(), [](const Diag& diag) { return diag.severity == Severity::Error; });
  if (first == why.end()) return Verdict::Done;
  const std::string_view code = first->code;
  if (code == "E5009") return Verdict::Interrupted;
  if (code == "E5010" || code == "E5012" || code == "E5013") return Verdict::Failed;  // it was reached
  if (code.starts_with("E5")) return Verdict::Unreachable;
  if (code.starts_with("E600")) return Verdict::Refused;
  return Verdict::Failed;
}

std::string new_txn() {
  std::array<unsigned char, 16> bytes{};
  std::size_t got = 0;
  while (got < bytes.size()) {
    const ssize_t more = getrandom(bytes.data() + got, bytes.size() - got, 0);
    if (more > 0) got += static_cast<std::size_t>(more);  // interrupted by a signal: again
  }
  std::string text;
  for (const unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

FleetRun::FleetRun(const FleetContext& context, std::vector<HostTask> tasks, const ApplyOptions& options,
                   Journal& journal)
    : context_(context), options_(options), journal_(journal), txn_(new_txn()) {
  for (HostTask& task : tasks) hosts_.push_back(std::make_unique<HostRun>(context, std::move(task), options.limits));
}

FleetReport FleetRun::run(Goal goal, bool reuse, const std::string& resumes) {
  tell([&](FleetEvents& events) { events.run_began(txn_, hosts_.size()); });
  if (!survey(goal) || taking_part().empty()) return finish();

  std::vector<JournalHost> wanted;
  for (const HostRun* host : taking_part()) {
    wanted.push_back({host->host().name, host->task.generation, host->before.current});
  }
  if (auto begun = journal_.begin(txn_, wanted, resumes); !begun) {
    errors_ = std::move(begun.error());
    return finish();
  }
  began_ = true;

  // Up to here nothing was written anywhere; up to arm nothing that is live.
  bool good = stage(reuse);
  if (good && options_.until != Until::Staged) good = check();
  if (!good || options_.until != Until::Done) {
    take_back();
    return finish();
  }
  // Beyond this point the dead man stands behind every change.
  if (!arm_and_activate() || !use_links() || !reconnect() || !in_time()) {
    take_back();
    return finish();
  }
  if (auto committed = journal_.commit(); !committed) {
    errors_ = std::move(committed.error());
    take_back();
    return finish();
  }
  // Beyond this point nothing is taken back: the rest of the fleet follows, now or by `resume`.
  committed_ = true;
  confirm();
  return finish();
}

FleetReport FleetRun::undo(const std::string& txn) {
  txn_ = txn;
  began_ = true;
  tell([&](FleetEvents& events) { events.run_began(txn_, hosts_.size()); });
  for (const auto& host : hosts_) {
    host->changes = host->lock_sent = host->arm_sent = true;  // as far as we can know
    host->deadline_late = HostRun::Clock::now() + options_.dead_man;
  }
  take_back();
  const bool back = std::all_of(hosts_.begin(), hosts_.end(),
                                [](const auto& host) { return host->report.outcome == HostOutcome::Reverted; });
  if (back) {
    say(Severity::Note, "N6004",
        fmt::format("the unfinished run {:.8} is reverted: every host of it has its old generation", txn));
  }
  return finish();
}

std::vector<HostRun*> FleetRun::taking_part() {
  std::vector<HostRun*> out;
  for (const auto& host : hosts_) {
    if (host->changes) out.push_back(host.get());
  }
  return out;
}

void FleetRun::tell(const std::function<void(FleetEvents&)>& event) {
  const std::lock_guard lock(telling_);
  event(context_.events);
}

void FleetRun::say(Severity severity, std::string_view code, std::string text) {
  Diag diag;
  diag.severity = severity;
  diag.code = code;
  diag.text = std::move(text);
  tell([&](FleetEvents& events) { events.message(diag); });
}

Result<void> FleetRun::timed(HostRun& host, Phase phase, const Body& body) {
  const auto start = HostRun::Clock::now();
  if (host.good()) host.report.phase = phase;
  tell([&](FleetEvents& events) { events.phase_began(host.task.agent.host, phase); });
  Result<void> result = body(host);
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(HostRun::Clock::now() - start);
  const std::lock_guard lock(telling_);
  if (began_) journal_.phase(host.host().name, text(phase), result ? "ok" : "fail");
  if (result) {
    context_.events.phase_ended(host.task.agent.host, phase, took);
  } else {
    for (Diag& diag : result.error()) diag.host = host.host().name;
    context_.events.phase_failed(host.task.agent.host, phase, result.error());
  }
  return result;
}

void FleetRun::for_each_host(const std::vector<HostRun*>& hosts, const std::function<void(HostRun&)>& body) const {
  parallel_for(hosts.size(), std::max(1U, options_.limits.parallel),
               [&](std::size_t index, unsigned) { body(*hosts[index]); });
}

bool FleetRun::phase(Phase phase, OnFailure on_failure, const Body& body) {
  const std::vector<HostRun*> hosts = taking_part();
  std::atomic<bool> bad{false};
  for_each_host(hosts, [&](HostRun& host) {
    if (interrupted() || (bad && on_failure == OnFailure::Stop)) return;
    if (auto result = timed(host, phase, body); !result) {
      host.failed(phase, std::move(result.error()));
      bad = true;
    }
  });
  if (bad || interrupted()) return false;
  tell([&](FleetEvents& events) { events.barrier(phase); });
  return true;
}

Verdict FleetRun::settle_outcomes() {
  Verdict verdict = interrupted() && !committed_ ? Verdict::Interrupted : Verdict::Done;
  for (const auto& host : hosts_) {
    HostReport& report = host->report;
    if (report.outcome == HostOutcome::Unknown || report.outcome == HostOutcome::Pending) {
      verdict = worst(verdict, Verdict::NotRolledBack);
    }
    Verdict mine = verdict_of(report.errors);
    // A host that we lost after its policies changed did not fail to be reached: the change failed.
    if (mine == Verdict::Unreachable && host->arm_sent) mine = Verdict::Failed;
    if (!committed_ && report.outcome == HostOutcome::Unchanged && !host->good()) {
      report.outcome = mine == Verdict::Unreachable ? HostOutcome::Unreachable
                       : mine == Verdict::Refused   ? HostOutcome::Refused
                                                    : HostOutcome::Failed;
    }
    verdict = worst(verdict, mine);
  }
  return worst(verdict, verdict_of(errors_));
}

FleetReport FleetRun::finish() {
  FleetReport report;
  const Verdict verdict = settle_outcomes();
  report.exit_code = exit_code(verdict);
  report.reason = reason(verdict);
  if (began_) {
    report.txn = txn_;
    if (verdict != Verdict::NotRolledBack) {
      if (auto done = journal_.done(report.reason); !done) errors_.push_back(done.error().front());
    } else {
      say(Severity::Warning, "W6001", "not every host could be brought to a known state: run `meshctl resume`");
    }
  } else if (verdict == Verdict::Done) {
    report.reason = "unchanged";
  }
  report.errors = std::move(errors_);
  for (const auto& host : hosts_) report.hosts.push_back(std::move(host->report));
  return report;
}

}  // namespace meshctl
