#include "cli/verbs.hpp"

#include <fmt/core.h>

#include <exception>
#include <utility>

namespace meshctl {

void add_verbs(Cli& cli) {
  add_init(cli);
  add_validate(cli);
  add_facts(cli);
  add_keys(cli);
  add_compile(cli);
  add_plan(cli);
  add_apply(cli);
  add_rollback(cli);
  add_destroy(cli);
  add_resume(cli);
  add_status(cli);
  add_check(cli);
  add_verify(cli);
  add_import(cli);
  add_completion(cli);
  add_man(cli);
  add_version(cli);
}

void add_inputs_options(Verb verb, Cli& cli) {
  verb.add_option("--lock", cli.common.lock, "what 'facts' found (default: meshctl.lock beside the inventory)");
  verb.add_option("--allow-include", cli.common.allow_include,
                  "folders, beside the inventory's own, of which it may include files")
      .comma_separated();
}

void add_inventory_option(Verb verb, Cli& cli) {
  verb.add_option("INVENTORY", cli.common.inventory, "the inventory").show_default();
  add_inputs_options(verb, cli);
}

void add_keys_options(Verb verb, Cli& cli) {
  verb.add_option("--vault", cli.common.vault,
                  "key vault; its pass phrase comes from MESHCTL_PASSPHRASE_FILE (a file or fd:N)")
      .show_default();
  verb.add_option("--key-file", cli.common.key_file, "open the vault with this key file instead of a pass phrase");
  verb.add_option("--templates", cli.common.templates, "folder with templates that replace built-in ones");
}

void add_output_option(Verb verb, Cli& cli) {
  verb.add_option("-o,--output", cli.common.output, "human or json").one_of({"human", "json"}).show_default();
  verb.add_flag("--json", cli.common.json, "the same as -o json");
  verb.add_flag("--no-color", cli.common.no_color, "never colour the output (NO_COLOR works as well)");
}

void add_fleet_options(Verb verb, Cli& cli) {
  verb.add_option("--limit", cli.common.limit, "only these hosts").comma_separated();
  verb.add_option("--parallel", cli.common.parallel, "SSH connections at once").range(1U, 1024U).show_default();
}

void on_run(Verb verb, Cli& cli, std::function<ExitCode()> body) {
  verb.on_run([&cli, body = std::move(body)] {
    cli.output.configure(cli.common.json || cli.common.output == "json", cli.common.no_color);
    try {
      cli.code = body();
    } catch (const std::exception& error) {
      const auto diags = fail("E9001", fmt::format("internal error: {}", error.what()), {}, "please report this");
      cli.code = cli.output.failed(diags.value(), Sources{}, ExitCode::Failed);
    }
  });
}

}  // namespace meshctl
