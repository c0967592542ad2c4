#include "apply/host_run.hpp"

#include <algorithm>
#include <utility>

namespace meshctl {
namespace {

/// Was the connection lost, so that the outcome is unknown?
bool lost(const Diags& why) { return why.front().code == "E5005"; }

/// How many policies a host has at most: two for each selector and pair of addresses of its links.
std::size_t most_policies(const Mesh& mesh, HostIndex host) {
  if (host >= mesh.links_of.size()) return 0;
  std::size_t count = 0;
  for (const LinkIndex index : mesh.links_of[host]) {
    const Link& link = mesh.links[index];
    const auto addresses = [&](HostIndex end) { return std::max<std::size_t>(mesh.hosts[end].addresses.size(), 1); };
    count += 2 * mesh.terms[link.terms].selectors.size() * addresses(link.a) * addresses(link.b);
  }
  return count;
}

}  // namespace

HostRun::HostRun(const FleetContext& context, HostTask wanted, const FleetLimits& limits)
    : task(std::move(wanted)), context_(&context), limits_(&limits) {
  report.host = task.agent.host;
}

TimeLimit HostRun::limit(std::chrono::seconds silence) const {
  TimeLimit limit(silence);
  if (!arm_sent || confirm_sent) return limit;
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_late - Clock::now());
  limit.whole = std::clamp(left, limit.silence, limit.whole);
  return limit;
}

Result<void> HostRun::connect(Connector& connector) {
  disconnect();
  auto session = connector.connect(context_->mesh, host().ssh, limit(limits_->connect_timeout));
  if (!session) return tl::unexpected(std::move(session.error()));
  session_ = std::move(*session);
  channel_ = task.agent.kind->open(*session_, host().ssh, most_policies(context_->mesh, task.agent.host));
  return {};
}

Result<Answer> HostRun::call(Connector& connector, const AgentCall& call) {
  last_reason.reset();
  for (int attempt = 1;; ++attempt) {
    if (!session_) {
      if (auto connected = connect(connector); !connected) return tl::unexpected(std::move(connected.error()));
    }
    auto answer = channel_->call(call, limit(limits_->phase_timeout));
    if (answer && answer->ok) return answer;
    if (answer) {
      last_reason = answer->reason;
      return tl::unexpected(Diags{fail_diag(*answer, call.verb)});
    }
    disconnect();  // also after a time-out: the old call may still be running on it
    if (!lost(answer.error()) || attempt == 2) return answer;
  }
}

Result<HostProbe> HostRun::probe(Connector& connector) {
  auto answer = call(connector, {"probe", {}});
  if (!answer) return tl::unexpected(std::move(answer.error()));
  return look(*answer);
}

Result<HostProbe> HostRun::look(const Answer& answer) {
  auto seen = read_probe(answer);
  if (seen) report.after = seen->current;
  return seen;
}

Result<void> HostRun::stage(Connector& connector, const std::string& txn, bool reuse, Hold hold) {
  lock_sent = true;
  if (reuse || !task.payload) {
    auto reused = call(connector, {"reuse", {txn, task.generation}});
    if (reused) return {};
    const bool absent = last_reason == FailReason::Missing || last_reason == FailReason::Digest;
    if (!absent || !task.payload) return tl::unexpected(std::move(reused.error()));
  }
  auto payload = task.payload();
  if (!payload) return tl::unexpected(std::move(payload.error()));
  const std::string_view verb = hold == Hold::Once ? "rehearse" : "stage";
  auto staged = call(connector, {verb, {txn, task.generation, payload->sum}, payload->tar.reveal()});
  if (!staged) return tl::unexpected(std::move(staged.error()));
  lock_sent = hold == Hold::Kept;
  return {};
}

void HostRun::failed(Phase phase, Diags why) {
  if (!good()) return;
  report.phase = phase;
  report.errors = std::move(why);
  for (Diag& diag : report.errors) diag.host = host().name;
}

}  // namespace meshctl
