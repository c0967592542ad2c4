#include "cli/build_info.hpp"
#include "cli/man_page.hpp"
#include "cli/verbs.hpp"

namespace meshctl {

extern const std::string_view man_page_frame;  // docs/meshctl.1.in

void add_man(Cli& cli) {
  const Verb verb = cli.program.add_verb("man", "Print the manual page: meshctl man | man -l -");
  on_run(verb, cli, [&cli] {
    cli.output.text(man_page(man_page_frame, cli.program.describe(), kBuildInfo.version));
    return ExitCode::Done;
  });
}

}  // namespace meshctl
