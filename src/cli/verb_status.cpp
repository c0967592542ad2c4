#include <memory>

#include "cli/fleet_session.hpp"
#include "cli/verbs.hpp"
#include "cli/view_status.hpp"

namespace meshctl {
namespace {

ExitCode status(Cli& cli, const FleetOptions& options) {
  Fleet fleet(cli.common);
  if (auto loaded = fleet.load(); !loaded) return cli.output.failed(loaded.error(), fleet.project.sources());
  const FleetSession run(cli, fleet.project, options);
  const auto answers = status_fleet(run.context(), fleet.agents->of(fleet.hosts), run.limits());
  const std::string& inventory = cli.common.inventory;
  StatusView view(cli.output, inventory == CommonOptions{}.inventory ? std::string() : inventory);
  const auto unfinished = needs_resume(run.apply_options().journal);
  if (unfinished && *unfinished) view.show_unfinished_run();
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i]) {
      view.show_host(fleet.project.mesh().hosts[fleet.hosts[i]].name, fleet.manifests[i].links, *answers[i]);
    } else {
      view.show_unreachable(answers[i].error(), fleet.project.sources());
    }
  }
  return view.finish();
}

}  // namespace

void add_status(Cli& cli) {
  const Verb verb =
      cli.program.add_verb("status", "Ask every host about each link of the inventory: up, idle, down, open or absent");
  const auto options = std::make_shared<FleetOptions>();
  add_inventory_option(verb, cli);
  add_vault_options(verb, cli);
  add_templates_option(verb, cli);
  add_fleet_options(verb, cli);
  add_connection_options(verb, *options);
  add_output_option(verb, cli);
  on_run(verb, cli, [&cli, options] { return status(cli, *options); });
}

}  // namespace meshctl
