#include <memory>

#include "cli/verbs.hpp"

namespace meshctl {

/// It is here to be listed: the command line takes `help VERB` for `VERB --help` (cli/usage.hpp).
void add_help(Cli& cli) {
  const Verb verb = cli.program.add_verb("help", "Print the help of a verb: meshctl help keys make");
  const auto words = std::make_shared<std::vector<std::string>>();
  verb.add_option("VERB", *words, "a verb, and the verbs below it");
  on_run(verb, cli, [words] { return ExitCode::Done; });
}

}  // namespace meshctl
