// The phases up to the confirm. Each leaves its failure in the host it failed on.
#include <fmt/core.h>

#include <algorithm>

#include "apply/fleet_run.hpp"

namespace meshctl {

/// All hosts are asked, also after one has failed: one run shows all faults, and nothing was written yet.
bool FleetRun::survey(Goal goal) {
  for (const auto& host : hosts_) host->changes = true;
  bool good = phase(Phase::Connect, OnFailure::GoOn, [this](HostRun& host) { return host.connect(context_.quick); });
  for (const auto& host : hosts_) host->changes = host->good();
  good &= phase(Phase::Probe, OnFailure::GoOn, [this, goal](HostRun& host) { return judge(host, goal); });
  if (goal == Goal::Previous) good = (good || excuse_bystanders()) && choose_undone();
  for (const auto& host : hosts_) {
    if (!good) host->changes = false;
    if (!host->changes) host->disconnect();
  }
  return good;
}

/// Decides from the probe whether the host takes part, and whether it may. For a rollback all hosts decide together.
Result<void> FleetRun::judge(HostRun& host, Goal goal) {
  auto probe = host.probe(context_.quick);
  if (!probe) return tl::unexpected(std::move(probe.error()));
  host.before = std::move(*probe);
  const HostProbe& seen = host.before;
  host.report.before = seen.current;
  if (!seen.lock.empty()) {
    return fail("E6001", fmt::format("another run holds the host: {}", seen.lock), {},
                "wait for the other run, or finish it with `meshctl resume` where it was started");
  }
  if (host.task.expected && *host.task.expected != seen.current) {
    return fail("E6006", "the host has changed since the plan was made", {}, "make a new plan");
  }
  return goal == Goal::Previous ? Result<void>() : weigh(host);
}

/// The same once it is known which generation the host is to have.
Result<void> FleetRun::weigh(HostRun& host) {
  HostTask& task = host.task;
  const HostProbe& seen = host.before;
  const bool original = task.generation == kOriginal;
  const bool repair = !original && (!seen.as_confirmed() || options_.force);
  if (seen.has(task.generation) && seen.trial.empty() && !repair) {
    host.changes = false;
    tell([&](FleetEvents& events) { events.host_unchanged(task.agent.host); });
    return {};
  }
  Diags lint = task.preflight ? task.preflight(seen) : Diags{};
  const bool refuse = !options_.allow_lockout && std::any_of(lint.begin(), lint.end(), [](const Diag& diag) {
    return diag.severity == Severity::Error;
  });
  if (refuse) return tl::unexpected(std::move(lint));
  for (Diag& diag : lint) {
    if (diag.severity == Severity::Error) diag.severity = Severity::Warning;
    diag.host = host.host().name;
    tell([&](FleetEvents& events) { events.message(diag); });
  }
  return {};
}

bool FleetRun::stage(bool reuse) {
  return phase(Phase::Stage, OnFailure::Stop, [this, reuse](HostRun& host) {
    const std::string& wanted = host.task.generation;
    const bool there = wanted == host.before.current || wanted == host.before.previous || wanted == host.before.trial;
    const bool rehearsal = options_.until == Until::Staged;
    auto staged =
        host.stage(context_.quick, txn_, reuse || there, rehearsal ? HostRun::Hold::Once : HostRun::Hold::Kept);
    if (staged && !host.lock_sent) host.report.outcome = HostOutcome::Staged;
    return staged;
  });
}

bool FleetRun::check() {
  return phase(Phase::Check, OnFailure::GoOn, [this](HostRun& host) -> Result<void> {
    auto answer = host.call(context_.quick, {"check", {txn_}});
    if (!answer) return tl::unexpected(std::move(answer.error()));
    Diags judged = host.task.judge_foreign ? host.task.judge_foreign(read_foreign(*answer)) : Diags{};
    const bool bad =
        std::any_of(judged.begin(), judged.end(), [](const Diag& diag) { return diag.severity == Severity::Error; });
    if (bad) return tl::unexpected(std::move(judged));
    if (host.task.judge_redirects) {
      Diags more = host.task.judge_redirects(read_redirects(*answer));
      std::move(more.begin(), more.end(), std::back_inserter(judged));
    }
    for (Diag& diag : judged) {
      diag.host = host.host().name;
      tell([&](FleetEvents& events) { events.message(diag); });
    }
    return {};
  });
}

bool FleetRun::arm_and_activate() {
  const bool armed = phase(Phase::Arm, OnFailure::Stop, [this](HostRun& host) -> Result<void> {
    host.arm_sent = true;
    host.deadline_early = HostRun::Clock::now() + options_.dead_man;
    auto answer = host.call(context_.quick, {"arm", {txn_, std::to_string(options_.dead_man.count())}});
    host.deadline_late = HostRun::Clock::now() + options_.dead_man;
    if (!answer) return tl::unexpected(std::move(answer.error()));
    return {};
  });
  return armed && phase(Phase::Activate, OnFailure::Stop, [this](HostRun& host) -> Result<void> {
           auto answer = host.call(context_.quick, {"activate", {txn_}});
           if (!answer) return tl::unexpected(std::move(answer.error()));
           for (const AnswerLine& line : answer->lines) {
             if (line.word != "step") continue;
             tell([&](FleetEvents& events) { events.detail(host.task.agent.host, Phase::Activate, line.rest); });
           }
           return {};
         });
}

namespace {

/// The way out depends on how far the link came: an SA shows that IKE works.
std::string_view hint_for_link(std::string_view detail) {
  if (detail.find("came back through the SA") != std::string_view::npos) {
    return "IKE works: the other end drops ESP or echo requests, or the host is slow. Let echo requests in there, or "
           "put "
           "icmp under bypass, or try again";
  }
  return "check that UDP 500, 4500 and ESP pass between them, and the daemons' logs on both";
}

}  // namespace

bool FleetRun::use_links() {
  return phase(Phase::Links, OnFailure::GoOn, [this](HostRun& host) -> Result<void> {
    auto answer = host.call(context_.quick, {"links", {txn_}});
    if (!answer) return tl::unexpected(std::move(answer.error()));
    auto links = read_links(*answer);
    if (!links) return tl::unexpected(std::move(links.error()));
    host.report.links = *links;
    Diags down;
    for (const LinkState& link : *links) {
      if (link.state == LinkState::State::Up) continue;
      Diag diag;
      diag.code = "E6014";
      diag.text = fmt::format("the link to {} ({} - {}) does not come up: {}", link.peer, link.local, link.remote,
                              link.detail.empty() ? "no reason given" : link.detail);
      diag.hint = hint_for_link(link.detail);
      down.push_back(std::move(diag));
    }
    if (!down.empty()) return tl::unexpected(std::move(down));
    return {};
  });
}

/// A new connection to every host before the first confirm: the proof that nobody is locked out. It is what the confirm
/// is then sent over; the old one, which the new policies may not have touched, is never used again.
bool FleetRun::reconnect() {
  return phase(Phase::Reconnect, OnFailure::GoOn, [this](HostRun& host) -> Result<void> {
    host.disconnect();
    return host.connect(context_.steady);
  });
}

/// False a margin before the first dead man strikes: a confirm that comes too late would split the fleet.
bool FleetRun::in_time() {
  using std::chrono::milliseconds;
  const auto margin =
      std::clamp<milliseconds>(milliseconds(options_.dead_man) / 6, milliseconds(500), milliseconds(10000));
  HostRun* first = nullptr;
  for (HostRun* host : taking_part()) {
    if (first == nullptr || host->deadline_early < first->deadline_early) first = host;
  }
  if (HostRun::Clock::now() + margin < first->deadline_early) return true;
  auto late = fail("E6015", "the dead-man timer has nearly expired, so nothing is confirmed", {},
                   "give it more time with --dead-man");
  first->failed(Phase::Confirm, std::move(late.value()));
  return false;
}

void FleetRun::confirm_left(const std::string& txn) {
  std::vector<HostRun*> hosts;
  for (const auto& host : hosts_) hosts.push_back(host.get());
  for_each_host(hosts, [this, &txn](HostRun& host) {
    static_cast<void>(timed(host, Phase::Confirm, [this, &txn](HostRun& h) -> Result<void> {
      auto answer = h.call(context_.steady, {"confirm", {txn}});
      // "missing", "expired", "state": confirmed long ago, or taken back; the run that follows sees which.
      if (answer || h.last_reason) return {};
      return tl::unexpected(std::move(answer.error()));
    }));
  });
}

void FleetRun::confirm() {
  say(Severity::Note, "N6001", "every host passed: confirming");
  const std::vector<HostRun*> hosts = taking_part();
  const auto body = [this](HostRun& host) -> Result<void> {
    host.confirm_sent = true;
    auto answer = host.call(context_.steady, {"confirm", {txn_}});
    if (!answer) return tl::unexpected(std::move(answer.error()));
    host.confirmed = true;
    host.report.outcome = HostOutcome::Applied;
    host.report.after = host.task.generation == kOriginal ? std::string() : host.task.generation;
    return {};
  };
  for_each_host(hosts, [&](HostRun& host) {
    if (auto result = timed(host, Phase::Confirm, body); !result) {
      host.failed(Phase::Confirm, std::move(result.error()));
      host.report.outcome = HostOutcome::Pending;
    }
    host.disconnect();
  });
}

}  // namespace meshctl
