// What the verbs that talk to hosts share: their options, connections and views.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "apply/fleet.hpp"
#include "cli/fleet_setup.hpp"
#include "cli/verbs.hpp"

namespace meshctl {

struct FleetOptions {
  unsigned connect_timeout = 15;  // seconds of silence; likewise the next
  unsigned timeout = 60;          // one phase on one host
  unsigned dead_man = 120;        // seconds
  std::string until = "done";
  bool yes = false;
  bool force = false;
  bool allow_lockout = false;
};

void add_connection_options(Verb verb, FleetOptions& options);  // --connect-timeout, --timeout
void add_change_options(Verb verb, FleetOptions& options);      // --yes, --dead-man, --allow-lockout

/// Connectors, view and context for one run. Not movable: the context points into it.
class FleetSession {
 public:
  FleetSession(Cli& cli, const Project& project, const FleetOptions& options);
  FleetSession(const FleetSession&) = delete;
  FleetSession& operator=(const FleetSession&) = delete;

  [[nodiscard]] const FleetContext& context() const { return context_; }
  [[nodiscard]] FleetLimits limits() const;
  [[nodiscard]] ApplyOptions apply_options() const;

 private:
  Cli& cli_;
  const Project& project_;
  const FleetOptions& options_;
  std::unique_ptr<FleetEvents> view_;
  std::unique_ptr<Connector> quick_;
  std::unique_ptr<Connector> steady_;
  FleetContext context_;
};

/// A compiled project ready for hosts: `--limit` applied, agents and manifests made.
struct Fleet {
  explicit Fleet(const CommonOptions& options) : project(options) {}
  Project project;
  std::vector<HostIndex> hosts;
  std::unique_ptr<Agents> agents;
  std::vector<Manifest> manifests;

  Result<void> load();
  /// Of the inventory; then what of the keys is over or ends soon.
  [[nodiscard]] Diags warnings() const;
  [[nodiscard]] std::vector<HostTask> tasks() const { return make_tasks(project, *agents, hosts, manifests); }
};

/// With --limit a link may get a new end only. It blocks or keeps its old keys, it never leaks; but it may not come up.
void warn_one_sided(const Output& output, const Fleet& fleet);

/// Asks "…? [y/N]" on the terminal. E6051 without one, or for another answer than yes.
Result<void> ask_yes(const Output& output, std::string_view question);

}  // namespace meshctl
