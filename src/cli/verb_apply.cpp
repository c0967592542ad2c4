#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "cli/fleet_session.hpp"
#include "cli/planning.hpp"
#include "cli/verbs.hpp"
#include "cli/view_fleet.hpp"
#include "cli/view_plan.hpp"

namespace meshctl {
namespace {

/// With --limit a link may get a new end only. It blocks or keeps its old keys, it never leaks; but it may not come up.
void warn_one_sided(const Output& output, const Fleet& fleet) {
  const Mesh& mesh = fleet.project.mesh();
  const auto in_run = [&](HostIndex host) { return std::binary_search(fleet.hosts.begin(), fleet.hosts.end(), host); };
  std::set<std::string_view> left_out;
  for (const Link& link : mesh.links) {
    for (const auto& [end, other] : {std::pair(link.a, link.b), std::pair(link.b, link.a)}) {
      if (in_run(end) && !in_run(other) && mesh.hosts[other].managed) left_out.insert(mesh.hosts[other].name);
    }
  }
  if (left_out.empty()) return;
  DiagSink sink;
  sink.warning("W6002", {},
               fmt::format("--limit leaves out {} hosts at the other end of links, {} among them", left_out.size(),
                           *left_out.begin()))
      .with_hint("where their links change, apply them as well: until then such a link may be down");
  output.diagnostics(sink.take(), Sources{});
}

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
  add_keys_options(verb, cli);
  add_fleet_options(verb, cli);
  add_connection_options(verb, *options);
  add_change_options(verb, *options);
  verb.add_option("--until", options->until, "stop after this phase, as a rehearsal")
      .one_of({"staged", "checked", "done"})
      .show_default();
  add_output_option(verb, cli);
  on_run(verb, cli, [&cli, options] { return apply(cli, *options); });
}

}  // namespace meshctl
