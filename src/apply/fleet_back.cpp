// The way back: every host of the run to the generation it had, seen with our own eyes.
#include <fmt/core.h>

#include <algorithm>
#include <thread>

#include "apply/fleet_run.hpp"

namespace meshctl {
namespace {

using namespace std::chrono_literals;

/// The dead man may strike a little late and then has work to do; the kernel's and systemd's timers add their share.
constexpr auto kGrace = 30s;
/// A host whose own way back is still being repeated by its dead man.
constexpr auto kRetry = 30s;

}  // namespace

void FleetRun::take_back() {
  std::vector<HostRun*> hosts;
  for (HostRun* host : taking_part()) {
    if (host->lock_sent) hosts.push_back(host);
  }
  const bool rehearsal =
      !interrupted() && std::all_of(hosts.begin(), hosts.end(), [](HostRun* h) { return h->good(); });
  if (!rehearsal && !hosts.empty()) {
    say(Severity::Note, "N6002", fmt::format("reverting {} host{}", hosts.size(), hosts.size() == 1 ? "" : "s"));
  }
  for_each_host(hosts, [this](HostRun& host) { take_back(host); });
}

void FleetRun::take_back(HostRun& host) {
  // A session of the quick connector ends at the interrupt; one on which a call hung is closed already.
  if (interrupted()) host.disconnect();
  const bool rehearsal = host.good() && !host.arm_sent && !interrupted();
  auto result = timed(host, Phase::Revert, [this](HostRun& h) -> Result<void> {
    if (back(h)) return {};
    return fail("E6019", "the host could not be reverted yet");
  });
  if (!result && host.arm_sent) await_return(host);
  host.disconnect();
  if (host.report.outcome == HostOutcome::Reverted) {
    if (rehearsal && options_.until != Until::Done) {
      host.report.outcome = options_.until == Until::Staged ? HostOutcome::Staged : HostOutcome::Checked;
    }
    return;
  }
  if (host.arm_sent) {
    host.report.outcome = HostOutcome::Unknown;
    if (host.good()) host.failed(Phase::Revert, std::move(result.error()));
    return;
  }
  // Nothing live was changed; its lock ends by itself.
  host.report.outcome = HostOutcome::Failed;
  if (host.good()) host.failed(Phase::Revert, std::move(result.error()));
}

/// One try. True when the host was seen to be on its old generation, unlocked.
bool FleetRun::back(HostRun& host) {
  auto answer = host.call(context_.steady, {host.arm_sent ? "revert" : "abandon", {txn_}});
  if (!answer && host.arm_sent) {
    // "state": it was never armed. "missing": the host does not know the transaction.
    if (host.last_reason != FailReason::State && host.last_reason != FailReason::Missing) return false;
    answer = host.call(context_.steady, {"abandon", {txn_}});
  }
  if (!answer && !host.last_reason) return false;
  const auto seen = answer ? host.look(*answer) : host.probe(context_.steady);
  if (!seen) return false;
  const bool same = host.before.boot_id.empty() || seen->current == host.before.current;
  if (!same || !seen->trial.empty() || seen->lock == txn_) return false;
  host.report.outcome = HostOutcome::Reverted;
  return true;
}

/// The host does not let us in, or is still at it: its dead man takes it back without us. We wait to see it.
void FleetRun::await_return(HostRun& host) {
  const auto result = timed(host, Phase::Return, [this](HostRun& h) -> Result<void> {
    const auto end = std::max(h.deadline_late + kGrace, HostRun::Clock::now() + kRetry);
    while (HostRun::Clock::now() < end && !context_.interrupts.twice) {
      for (int i = 0; i < 10 && !context_.interrupts.twice; ++i) std::this_thread::sleep_for(100ms);
      h.disconnect();
      if (back(h)) return {};
    }
    return fail(
        "E6020", "it is not known whether the host is back on its old generation", {},
        fmt::format("its dead-man timer reverts it at the deadline; check with `meshctl status`, or run {} on its "
                    "console",
                    h.task.agent.kind->break_glass()));
  });
  if (!result) host.report.errors.push_back(result.error().front());
}

}  // namespace meshctl
