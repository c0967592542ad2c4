#include <fmt/core.h>

#include <filesystem>
#include <memory>

#include "base/text.hpp"
#include "cli/verbs.hpp"
#include "io/file.hpp"

namespace meshctl {
namespace {

constexpr const char* kExample = R"(# An inventory of meshctl. Reference: docs/inventory.md
version: 1
mesh: office
defaults: {backend: strongswan, auth: psk, suite: modern, mode: transport, level: require}
hosts:
  alpha: {addresses: [192.0.2.1, "2001:db8::1"], tags: [server]}
  bravo: {addresses: [192.0.2.2, "2001:db8::2"], tags: [server]}
  charlie: {addresses: [192.0.2.3, "2001:db8::3"], ssh: {user: admin, port: 22}}
links:
  - {among: server}
  - [alpha, charlie]
bypass: [nd, icmp-errors, ike, {ssh-controller: [192.0.2.100]}]   # where meshctl runs
)";

ExitCode init(Cli& cli, const std::string& path) {
  if (std::filesystem::exists(std::filesystem::symlink_status(path))) {
    return cli.output.failed(fail("E4051", fmt::format("'{}' is there already", path), {}, "name another file").value(),
                             Sources{}, ExitCode::Refused);
  }
  if (auto written = write_atomic(path, kExample, {.mode = 0644, .replace = false}); !written)
    return cli.output.failed(written.error(), Sources{});
  cli.output.text(
      fmt::format("Wrote {0}. Put your hosts in it, then: meshctl keys init {1} && meshctl keys make {1} && meshctl "
                  "plan {1}\n",
                  path, shell_word(path)));
  cli.output.document({{"type", "result"}, {"reason", "done"}, {"exit_code", 0}, {"file", path}});
  return ExitCode::Done;
}

}  // namespace

void add_init(Cli& cli) {
  const Verb verb = cli.program.add_verb("init", "Write an example inventory to edit");
  const auto path = std::make_shared<std::string>("inventory.yaml");
  verb.add_option("FILE", *path, "where to").show_default();
  add_output_option(verb, cli);
  on_run(verb, cli, [&cli, path] { return init(cli, *path); });
}

}  // namespace meshctl
