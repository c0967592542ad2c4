#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/verbs.hpp"

namespace meshctl {
namespace {

ExitCode validate(Cli& cli) {
  Project project(cli.common);
  if (auto loaded = project.load_mesh(); !loaded) return cli.output.failed(loaded.error(), project.sources());
  cli.output.diagnostics(project.warnings(), project.sources());
  const Mesh& mesh = project.mesh();
  cli.output.text(fmt::format("{}: mesh '{}' is valid: {}, {}\n", cli.common.inventory, mesh.name,
                              counted(mesh.hosts.size(), "host"), counted(mesh.links.size(), "link")));
  cli.output.document({{"type", "result"},
                       {"reason", "valid"},
                       {"exit_code", 0},
                       {"mesh", mesh.name},
                       {"hosts", mesh.hosts.size()},
                       {"links", mesh.links.size()}});
  return ExitCode::Done;
}

}  // namespace

void add_validate(Cli& cli) {
  const Verb verb = cli.program.add_verb("validate", "Check an inventory; needs no keys and no network");
  add_inventory_option(verb, cli);
  add_output_option(verb, cli);
  on_run(verb, cli, [&cli] { return validate(cli); });
}

}  // namespace meshctl
