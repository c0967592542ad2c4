#include <fmt/core.h>

#include "cli/verbs.hpp"

namespace meshctl {

void add_version(Cli& cli) {
  const Verb verb = cli.program.add_verb("version", "Print the version");
  add_output_option(verb, cli);
  on_run(verb, cli, [&cli] {
    cli.output.text(fmt::format("meshctl {}\n", MESHCTL_VERSION));
    cli.output.document({{"type", "version"}, {"version", MESHCTL_VERSION}});
    return ExitCode::Done;
  });
}

}  // namespace meshctl
