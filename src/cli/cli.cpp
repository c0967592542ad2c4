#include "cli/cli.hpp"

#include <fmt/core.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <clocale>
#include <string>

#include "cli/args.hpp"
#include "cli/build_info.hpp"
#include "cli/signals.hpp"
#include "cli/verbs.hpp"

namespace meshctl {
namespace {

/// Secrets are in memory: no core dump may hold them, no other process may trace us, no file is born readable.
void harden_process() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
  umask(077);
  std::setlocale(LC_ALL, "C");
}

constexpr const char* kFooter = R"(
First steps:
  meshctl init                   an example inventory to edit
  meshctl keys init              a vault with a new master key
  meshctl keys make              all other keys that the inventory needs
  meshctl plan inventory.yaml    what would change, on which host
  meshctl apply inventory.yaml   change it, with a way back

Exit codes: 0 done or nothing to do, 1 failed and rolled back, 2 differences
found, 3 failed and not all rolled back, 4 bad input or usage, 5 host
unreachable, 6 refused, 130 interrupted.)";

}  // namespace

int run_cli(int argc, char** argv) {
  harden_process();
  const Program program(
      "meshctl", "Compiles an inventory of hosts and links into IPsec configuration and applies it, all or nothing.",
      fmt::format("meshctl {}", kBuildInfo.version));
  program.root().require_verb();
  Cli cli{program.root(), {}, {}, ExitCode::Done, catch_stop_signals()};
  add_verbs(cli);
  program.root().footer(kFooter);  // now: a verb takes over what its parent has
  if (const auto ended = program.run(argc, argv)) {
    return static_cast<int>(*ended == Program::Ended::Answered ? ExitCode::Done : ExitCode::BadInput);
  }
  return static_cast<int>(cli.code);
}

}  // namespace meshctl
