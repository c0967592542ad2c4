// The fleet transaction: docs/transaction.md, "Order over the fleet". The command line calls these and nothing below.
//
//   Interrupts interrupts;                                   // the signal handler sets once, then twice
//   auto quick = make_libssh_connector(interrupts.once);     // calls of forward phases end at the first Ctrl-C
//   auto steady = make_libssh_connector(interrupts.twice);   // confirm and revert go on until the second
//   FleetContext context{mesh, *quick, *steady, interrupts, events};
//   FleetReport report = apply_fleet(context, tasks, options);
//   return report.exit_code;
#pragma once
#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "apply/answer.hpp"
#include "apply/events.hpp"
#include "base/diag.hpp"
#include "base/secret.hpp"
#include "mesh/mesh.hpp"
#include "ssh/session.hpp"

namespace meshctl {

/// Set by a signal handler: the first Ctrl-C takes all hosts back (exit 130), the second stops waiting for that.
struct Interrupts {
  std::atomic<bool> once{false};
  std::atomic<bool> twice{false};
};

struct FleetContext {
  const Mesh& mesh;
  Connector& quick;   // stops at Interrupts::once
  Connector& steady;  // stops at Interrupts::twice
  const Interrupts& interrupts;
  FleetEvents& events;
};

struct FleetLimits {
  unsigned parallel = 64;  // hosts at once
  // How long a host may be silent; ten times that bounds the whole (TimeLimit).
  std::chrono::seconds connect_timeout{15};  // name, TCP, key exchange, authentication, opening a channel
  std::chrono::seconds phase_timeout{60};    // one verb on one host
};

class AgentKind;  // apply/agent_kind.hpp

/// A host and the kind of agent that speaks for it, shared by the hosts of one back end.
struct HostAgent {
  HostIndex host = 0;
  std::shared_ptr<const AgentKind> kind;
};

/// One generation packed as a tar stream. It holds secrets: wiped when freed.
struct Payload {
  Secret tar;
  std::string sum;  // SHA-256 of its SHA256SUMS, 64 hex digits
};

/// What is wanted of one host. The callbacks are called from worker threads, at most once a run each but for
/// `payload`, which is called again when a lost connection has to repeat the stage.
struct HostTask {
  HostAgent agent;
  std::string generation;                    // wanted; or kOriginal
  std::optional<std::string> expected;       // generation the plan was made from ("" = none): another one is E6006
  std::function<Result<Payload>()> payload;  // called only when the generation must be staged
  std::function<Diags(const HostProbe&)> preflight;  // lock-out lint: errors refuse (E6005) unless allow_lockout
  std::function<Diags(const std::vector<ForeignLine>&)> judge_foreign;      // strict parser; errors fail the check
  std::function<Diags(const std::vector<std::string>&)> judge_redirects{};  // of packets for the host: warnings
};

enum class Until : std::uint8_t { Staged, Checked, Done };

struct ApplyOptions {
  FleetLimits limits;
  std::chrono::seconds dead_man{120};  // 10..3600 for people; the library takes what it gets
  Until until = Until::Done;           // Staged and Checked leave no lock and no trial behind
  bool force = false;                  // apply hosts again that are unchanged
  bool allow_lockout = false;          // preflight's errors become warnings
  std::filesystem::path journal;       // folder, `.meshctl` beside the inventory; made 0700, locked for the run
};

enum class HostOutcome : std::uint8_t {
  Unchanged,    // had it already, or stopped by another host's failure before anything was sent
  Staged,       // --until staged
  Checked,      // --until checked
  Applied,      // confirmed
  Reverted,     // seen to be back on the old generation
  Refused,      // locked, stale plan, would lock out: nothing was written
  Unreachable,  // before anything was written
  Failed,       // failed before anything was armed; nothing live was changed
  Unknown,      // could not be seen to be back: exit 3
  Pending,      // commit was given but this host has not confirmed: `meshctl resume`
};

/// "unchanged", "staged", …: stable words for JSON.
std::string_view text(HostOutcome outcome);

struct HostReport {
  HostIndex host = 0;
  HostOutcome outcome = HostOutcome::Unchanged;
  Phase phase = Phase::Connect;  // where it failed, else the last one begun
  Diags errors;                  // why not, with Diag::host set
  std::string before;            // current generation when the run began; "" = none
  std::string after;             // as last seen
  std::vector<LinkState> links;  // what the links phase saw
};

struct FleetReport {
  std::string txn;     // hex; empty when nothing had to be done
  int exit_code = 0;   // docs/exit-codes.md: 0 1 3 4 5 6 130
  std::string reason;  // one stable word: done unchanged failed not-rolled-back unreachable refused interrupted
  std::vector<HostReport> hosts;  // in the order of the tasks
  Diags errors;                   // of the run as a whole: journal locked, …
};

/// Brings all hosts to their wanted generations or, before the first confirm, all of them back.
FleetReport apply_fleet(const FleetContext& context, std::vector<HostTask> tasks, const ApplyOptions& options);

/// Undoes the last confirmed run on the hosts that it changed: each goes to its `previous` generation, or to the
/// original state where it had none, in one transaction; the others are unchanged. HostTask::generation and payload are
/// not looked at. E6008 refuses the run: which one was the last is not clear.
FleetReport rollback_fleet(const FleetContext& context, std::vector<HostTask> tasks, const ApplyOptions& options);

/// Brings all hosts back to the original state, the files, policies and daemons that were there before meshctl came, in
/// one transaction. Hosts where meshctl manages nothing are unchanged. HostTask::generation and payload are not looked
/// at.
FleetReport destroy_fleet(const FleetContext& context, std::vector<HostTask> tasks, const ApplyOptions& options);

/// Finishes the newest unfinished journal: takes its hosts back when it has no commit, else converges them to the
/// generations of that run. `tasks` (for all hosts of the inventory) give agents; a host of the journal that is not
/// among them is E6007. exit 0 and reason "unchanged" when there is no unfinished journal.
FleetReport resume_fleet(const FleetContext& context, std::vector<HostTask> tasks, const ApplyOptions& options);

/// True when the folder holds an unfinished journal: plan and apply tell the user to resume first.
Result<bool> needs_resume(const std::filesystem::path& journal);

// Queries: one session a host, all hosts in parallel, answers in the order of `agents`. They write nothing.

struct HostSurvey {
  HostProbe probe;
  std::optional<std::string> manifest;  // JSON of probe.current, where it differs from what is wanted
};
/// `wanted[i]` is the generation wanted of agents[i]: a host that has it costs one exec, another one two.
std::vector<Result<HostSurvey>> survey_fleet(const FleetContext& context, std::span<const HostAgent> agents,
                                             std::span<const std::string> wanted, const FleetLimits& limits);

/// Live files that hold no keys of ours; `wanted[i]` of agents[i], whose confirmed generation is `generations[i]` ("" =
/// none).
std::vector<Result<std::vector<LiveFile>>> show_fleet(const FleetContext& context, std::span<const HostAgent> agents,
                                                      std::span<const std::string> generations,
                                                      std::span<const std::vector<std::string>> wanted,
                                                      const FleetLimits& limits);

std::vector<Result<std::vector<HostFact>>> facts_fleet(const FleetContext& context, std::span<const HostAgent> agents,
                                                       const FleetLimits& limits);

std::vector<Result<HostStatus>> status_fleet(const FleetContext& context, std::span<const HostAgent> agents,
                                             const FleetLimits& limits);

}  // namespace meshctl
