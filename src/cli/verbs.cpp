#include "cli/verbs.hpp"

#include <fmt/core.h>

#include <algorithm>
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
  add_help(cli);
}

void add_inputs_options(Verb verb, Cli& cli) {
  verb.add_option("--lock", cli.common.lock, "what 'facts' found (default: meshctl.lock beside the inventory)")
      .called("FILE");
  verb.add_option("--allow-include", cli.common.allow_include,
                  "folders, beside the inventory's own, of which it may include files")
      .called("DIR")
      .comma_separated();
}

void add_inventory_option(Verb verb, Cli& cli) {
  verb.add_option("INVENTORY", cli.common.inventory, "the inventory; - is standard input").show_default();
  add_inputs_options(verb, cli);
}

void add_vault_options(Verb verb, Cli& cli) {
  verb.add_option("--vault", cli.common.vault,
                  "key vault; its pass phrase comes from MESHCTL_PASSPHRASE_FILE (a file or fd:N)")
      .called("FILE")
      .show_default();
  verb.add_option("--key-file", cli.common.key_file, "open the vault with this key file instead of a pass phrase")
      .called("FILE");
}

void add_templates_option(Verb verb, Cli& cli) {
  verb.add_option("--templates", cli.common.templates, "folder with templates that replace built-in ones")
      .called("DIR");
}

namespace {

const std::vector<std::string> kForms{"human", "json"};

Option add_form(Verb verb, Cli& cli) {
  return verb.add_option("-o,--output", cli.common.output, "form of the output").show_default();
}

void add_form_flags(Verb verb, Cli& cli) {
  verb.add_flag("--json", cli.common.json, "the same as -o json");
  verb.add_flag("--no-color", cli.common.no_color, "never colour the output (NO_COLOR works as well)");
}

}  // namespace

void add_output_option(Verb verb, Cli& cli) {
  add_form(verb, cli).one_of(kForms);
  add_form_flags(verb, cli);
}

Option add_out_options(Verb verb, Cli& cli, const std::string& called, std::string& into, const std::string& help) {
  const Option out = verb.add_option("--out", into, help).called(called);
  add_form(verb, cli).called("human|json");
  add_form_flags(verb, cli);
  return out;
}

Result<void> settle_out(Cli& cli, const Option& out, const std::string& called, std::string& into) {
  const std::string given = cli.common.output;
  if (std::find(kForms.begin(), kForms.end(), given) == kForms.end()) {
    if (out.given()) {
      return fail("E4065", fmt::format("unknown form of output '{}'", given), {}, "-o human or -o json");
    }
    into = given;
    cli.common.output = kForms.front();
    note_older_form(cli.output, "-o " + called, "--out " + called);
  }
  if (!into.empty()) return {};
  return fail("E4064", "it is not said where to write to", {}, fmt::format("name it with --out {}", called));
}

void note_older_form(const Output& output, std::string_view old, std::string_view now) {
  DiagSink sink;
  sink.info("N4001", {}, fmt::format("'{}' is an older form, which the next release will not have", old))
      .with_hint(fmt::format("write '{}'", now));
  output.diagnostics(sink.take(), Sources{});
}

void add_fleet_options(Verb verb, Cli& cli) {
  verb.add_option("--limit", cli.common.limit, "only these hosts: names, tags or patterns such as 'web*'")
      .called("HOST")
      .comma_separated();
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
