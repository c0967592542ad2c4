// One host's part in a run: its connection, what was sent to it, what is known of it. Used by one thread at a time.
#pragma once
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "apply/agent_kind.hpp"
#include "apply/fleet.hpp"

namespace meshctl {

class HostRun {
 public:
  using Clock = std::chrono::steady_clock;
  HostRun(const FleetContext& context, HostTask task, const FleetLimits& limits);

  HostTask task;
  HostReport report;
  HostProbe before;           // as found when the run began
  bool changes = false;       // takes part beyond the probe
  bool lock_sent = false;     // stage or reuse was sent: the host may be locked by us
  bool arm_sent = false;      // arm was sent: live state may change from here on
  bool confirm_sent = false;  // confirm was sent: it may have been taken
  bool confirmed = false;
  Clock::time_point deadline_early{};  // the dead man does not strike before
  Clock::time_point deadline_late{};   // and has struck a little after

  [[nodiscard]] const Host& host() const { return context_->mesh.hosts[task.agent.host]; }
  [[nodiscard]] bool good() const { return report.errors.empty(); }
  [[nodiscard]] bool connected() const { return session_ != nullptr; }

  /// While the dead man is armed, what still moves goes on to its deadline at most: beyond it the host is back already.
  [[nodiscard]] TimeLimit limit(std::chrono::seconds silence) const;
  Result<void> connect(Connector& connector);
  void disconnect() {
    channel_.reset();
    session_.reset();
  }

  /// Calls the agent. Every verb may be repeated, so a lost connection is opened again and the verb sent once more
  /// before it counts as lost. A `fail` answer is an error here (fail_diag), and its reason is in `last_reason`.
  Result<Answer> call(Connector& connector, const AgentCall& call);
  std::optional<FailReason> last_reason;

  Result<HostProbe> probe(Connector& connector);
  /// The probe that the answers of `probe`, `revert` and `abandon` carry.
  Result<HostProbe> look(const Answer& answer);
  /// Puts the wanted generation on the host and takes its lock; makes the payload only when the host lacks it. `Once`:
  /// the host proves that it could, and lets go of both in the same call.
  enum class Hold : std::uint8_t { Kept, Once };
  Result<void> stage(Connector& connector, const std::string& txn, bool reuse, Hold hold);

  /// Keeps the first failure and names the host in it.
  void failed(Phase phase, Diags why);

 private:
  const FleetContext* context_;
  const FleetLimits* limits_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<AgentChannel> channel_;  // over session_
};

}  // namespace meshctl
