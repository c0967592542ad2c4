#include <filesystem>
#include <memory>

#include "cli/fleet_session.hpp"
#include "cli/plan_diff.hpp"
#include "cli/planning.hpp"
#include "cli/verbs.hpp"
#include "cli/view_plan.hpp"

namespace meshctl {
namespace {

/// A plan shows what the hosts have; that a run over them is not finished is known here alone.
void warn_unfinished(const Output& output, const std::filesystem::path& journal) {
  const auto unfinished = needs_resume(journal);
  if (!unfinished || !*unfinished) return;
  DiagSink sink;
  sink.warning("W6003", {},
               "an earlier run did not finish: some hosts may be on their old, some on their new generation")
      .with_hint("run `meshctl resume`; the next apply does it, too, where nothing was confirmed yet");
  output.diagnostics(sink.take(), Sources{});
}

ExitCode plan(Cli& cli, const FleetOptions& options, bool detailed, bool diff) {
  Fleet fleet(cli.common);
  if (auto loaded = fleet.load(); !loaded) return cli.output.failed(loaded.error(), fleet.project.sources());
  cli.output.diagnostics(fleet.warnings(), fleet.project.sources());
  const FleetSession run(cli, fleet.project, options);
  warn_unfinished(cli.output, run.apply_options().journal);
  Diags faults;
  const Plan made = survey_plan(run, fleet, faults);
  std::vector<std::vector<FileDiff>> diffs;
  if (diff) diffs = diff_plan(run, fleet, made, faults);
  if (!made.hosts.empty()) show_plan(cli.output, made, diffs);
  if (!faults.empty()) return cli.output.failed(faults, fleet.project.sources());
  return detailed && made.changes() ? ExitCode::Differences : ExitCode::Done;
}

}  // namespace

void add_plan(Cli& cli) {
  const Verb verb =
      cli.program.add_verb("plan", "Show what apply would change on which host and link; changes nothing");
  const auto options = std::make_shared<FleetOptions>();
  const auto detailed = std::make_shared<bool>(false);
  add_inventory_option(verb, cli);
  add_vault_options(verb, cli);
  add_templates_option(verb, cli);
  add_fleet_options(verb, cli);
  add_connection_options(verb, *options);
  const auto diff = std::make_shared<bool>(false);
  verb.add_flag("--diff", *diff, "show what changes in the files, as a unified diff; keys are never shown");
  verb.add_flag("--detailed-exitcode", *detailed, "exit 2 when something would change");
  add_output_option(verb, cli);
  on_run(verb, cli, [&cli, options, detailed, diff] { return plan(cli, *options, *detailed, *diff); });
}

}  // namespace meshctl
