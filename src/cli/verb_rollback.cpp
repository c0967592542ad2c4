// rollback, destroy and resume: the same transaction, with other targets.
#include <fmt/core.h>

#include <memory>

#include "base/text.hpp"
#include "cli/fleet_session.hpp"
#include "cli/verbs.hpp"
#include "cli/view_fleet.hpp"

namespace meshctl {
namespace {

/// "2 hosts: alpha, beta"
std::string named(const Fleet& fleet) {
  constexpr std::size_t kNamed = 5;
  std::string out = counted(fleet.hosts.size(), "host");
  for (std::size_t i = 0; i < fleet.hosts.size() && i < kNamed; ++i) {
    out += (i == 0 ? ": " : ", ") + fleet.project.mesh().hosts[fleet.hosts[i]].name;
  }
  return out + (fleet.hosts.size() > kNamed ? ", …" : "");
}

using FleetCall = FleetReport (*)(const FleetContext&, std::vector<HostTask>, const ApplyOptions&);

ExitCode run_fleet(Cli& cli, const FleetOptions& options, FleetCall call, std::string_view question) {
  Fleet fleet(cli.common);
  if (auto loaded = fleet.load(); !loaded) return cli.output.failed(loaded.error(), fleet.project.sources());
  if (!question.empty()) warn_one_sided(cli.output, fleet);
  if (!options.yes && !question.empty()) {
    const std::string asked = fmt::format("{}, on {}?", question, named(fleet));
    if (auto agreed = ask_yes(cli.output, asked); !agreed) {
      return cli.output.failed(agreed.error(), fleet.project.sources(), ExitCode::Refused);
    }
  }
  const FleetSession run(cli, fleet.project, options);
  return show_report(cli.output, fleet.project, call(run.context(), fleet.tasks(), run.apply_options()));
}

void add_fleet_verb(Cli& cli, const char* name, const char* help, FleetCall call, std::string_view question) {
  const Verb verb = cli.program.add_verb(name, help);
  const auto options = std::make_shared<FleetOptions>();
  add_inventory_option(verb, cli);
  add_vault_options(verb, cli);
  add_fleet_options(verb, cli);
  add_connection_options(verb, *options);
  add_change_options(verb, *options);
  // They mean nothing here; 0.1.0 took them.
  verb.add_flag("--force", options->force, "").hidden();
  verb.add_option("--templates", cli.common.templates, "").hidden();
  add_output_option(verb, cli);
  on_run(verb, cli, [&cli, options, call, question] { return run_fleet(cli, *options, call, question); });
}

}  // namespace

void add_rollback(Cli& cli) {
  add_fleet_verb(cli, "rollback", "Undo the last confirmed run on the hosts that it changed", rollback_fleet,
                 "Undo the last run on the hosts that it changed");
}

void add_destroy(Cli& cli) {
  add_fleet_verb(cli, "destroy",
                 "Take meshctl off hosts: the files, policies and daemons that were there before it came",
                 destroy_fleet, "Put back what was there before meshctl came");
}

void add_resume(Cli& cli) {
  add_fleet_verb(cli, "resume", "Finish a run that was cut off: forward when it had begun to confirm, else back",
                 resume_fleet, "");
}

}  // namespace meshctl
