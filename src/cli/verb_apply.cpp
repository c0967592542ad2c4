#include <memory>
#include <utility>

#include "cli/fleet_session.hpp"
#include "cli/planning.hpp"
#include "cli/verbs.hpp"
#include "cli/view_fleet.hpp"
#include "cli/view_plan.hpp"

namespace meshctl {
namespace {

/// Only what the plan changes takes part, each host tied to the generation that the plan saw.
std::vector<HostTask> tasks_of(const Fleet& fleet, const Plan& plan) {
  std::vector<HostTask> out;
  std::vector<HostTask> all = fleet.tasks();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (plan.hosts[i].action == Action::None) continue;
    all[i].expected = plan.hosts[i].from;
    out.push_back(std::move(all[i]));
  }
  return out;
}

ExitCode apply(Cli& cli, const FleetOptions& options) {
  Fleet fleet(cli.common);
  Project& project = fleet.project;
  if (auto loaded = fleet.load(); !loaded) return cli.output.failed(loaded.error(), project.sources());
  cli.output.diagnostics(fleet.warnings(), project.sources());
  warn_one_sided(cli.output, fleet);
  const FleetSession run(cli, project, options);
  if (options.yes || options.until != "done") {
    const FleetReport report = apply_fleet(run.context(), fleet.tasks(), run.apply_options());
    return show_report(cli.output, project, report);
  }
  Diags faults;
  const Plan plan = survey_plan(run, fleet, faults);
  if (!faults.empty()) return cli.output.failed(faults, project.sources());
  show_plan(cli.output, plan);
  if (!plan.changes() && !options.force) return show_unchanged(cli.output);
  if (auto agreed = ask_yes(cli.output, "Apply this?"); !agreed) {
    return cli.output.failed(agreed.error(), project.sources(), ExitCode::Refused);
  }
  const FleetReport report =
      apply_fleet(run.context(), options.force ? fleet.tasks() : tasks_of(fleet, plan), run.apply_options());
  return show_report(cli.output, project, report);
}

}  // namespace

void add_apply(Cli& cli) {
  const Verb verb = cli.program.add_verb("apply", "Apply the inventory to all hosts, or to none");
  const auto options = std::make_shared<FleetOptions>();
  add_inventory_option(verb, cli);
  add_vault_options(verb, cli);
  add_templates_option(verb, cli);
  add_fleet_options(verb, cli);
  add_connection_options(verb, *options);
  add_change_options(verb, *options);
  verb.add_flag("--force", options->force, "also apply to hosts that already have the wanted generation");
  verb.add_option("--until", options->until, "stop after this phase, as a rehearsal")
      .one_of({"staged", "checked", "done"})
      .show_default();
  add_output_option(verb, cli);
  verb.say_instead("--check,--dry-run,--diff", "'meshctl plan' shows what would change, and changes nothing");
  on_run(verb, cli, [&cli, options] { return apply(cli, *options); });
}

}  // namespace meshctl
