// One transaction over the fleet: the phases in order, the way back, the report.
#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "apply/fleet.hpp"
#include "apply/host_run.hpp"
#include "apply/journal.hpp"

namespace meshctl {

/// What a host's failure means for the exit code; worst() picks 3, 5, 1, 6, 4, 2 in that order.
enum class Verdict : std::uint8_t { Done, Failed, NotRolledBack, BadInput, Unreachable, Refused, Interrupted };
int exit_code(Verdict verdict);
std::string_view reason(Verdict verdict);
Verdict worst(Verdict a, Verdict b);
/// By the code of the first error, whatever is told besides: E5xxx unreachable, E5009 interrupted, E600x refused, else
/// failed.
Verdict verdict_of(const Diags& why);

/// 16 random bytes as hex: transaction ids of two controllers never meet.
std::string new_txn();

/// How a run chooses each host's generation.
enum class Goal : std::uint8_t { Tasks, Previous };

class FleetRun {
 public:
  FleetRun(const FleetContext& context, std::vector<HostTask> tasks, const ApplyOptions& options, Journal& journal);

  /// The whole transaction. `reuse`: the generations are expected to lie on the hosts already. `resumes`: transaction
  /// whose rest this is, for the journal.
  FleetReport run(Goal goal, bool reuse, const std::string& resumes = {});

  /// For resume: takes back what transaction `txn`, whose controller died, may have left on the hosts.
  FleetReport undo(const std::string& txn);

  /// For resume: confirms `txn` on the hosts that are still armed for it. What this leaves, another run() mends.
  void confirm_left(const std::string& txn);

 private:
  using Body = std::function<Result<void>(HostRun&)>;
  enum class OnFailure : std::uint8_t { GoOn, Stop };

  // fleet_forward.cpp
  bool survey(Goal goal);
  Result<void> judge(HostRun& host, Goal goal);
  Result<void> weigh(HostRun& host);
  bool stage(bool reuse);
  bool check();
  bool arm_and_activate();
  bool use_links();
  bool reconnect();
  bool in_time();
  void confirm();

  // fleet_undone.cpp
  bool excuse_bystanders();
  bool choose_undone();
  [[nodiscard]] std::set<std::string> names() const;
  Result<std::set<std::string>> undone();
  Result<void> weigh_undone(HostRun& host);

  // fleet_back.cpp
  void take_back();
  void take_back(HostRun& host);
  bool back(HostRun& host);
  void await_return(HostRun& host);

  // fleet_run.cpp
  /// Runs `body` for the hosts that take part, in parallel; true when none failed and nobody interrupted.
  bool phase(Phase phase, OnFailure on_failure, const Body& body);
  /// Runs `body` for each of `hosts`, in parallel, whatever happens.
  void for_each_host(const std::vector<HostRun*>& hosts, const std::function<void(HostRun&)>& body) const;
  Result<void> timed(HostRun& host, Phase phase, const Body& body);
  void tell(const std::function<void(FleetEvents&)>& event);
  void say(Severity severity, std::string_view code, std::string text);
  [[nodiscard]] bool interrupted() const { return context_.interrupts.once.load(); }
  [[nodiscard]] std::vector<HostRun*> taking_part();
  FleetReport finish();
  Verdict settle_outcomes();

  const FleetContext& context_;
  const ApplyOptions& options_;
  Journal& journal_;
  std::string txn_;
  std::vector<std::unique_ptr<HostRun>> hosts_;
  Diags errors_;  // of the run as a whole
  bool committed_ = false;
  bool began_ = false;  // the journal has a record of it
  std::mutex telling_;
};

}  // namespace meshctl
