// One file a verb. Each adds its subcommand, options and callback; verbs.cpp is the only list, in the order of --help.
#pragma once
#include <functional>
#include <string>

#include "apply/fleet.hpp"
#include "cli/args.hpp"
#include "cli/output.hpp"
#include "cli/project.hpp"

namespace meshctl {

/// What a verb works with. `code` is what main() returns.
struct Cli {
  Verb program;
  Output output;
  CommonOptions common;
  ExitCode code = ExitCode::Done;
  const Interrupts& interrupts;  // set by signals (cli/signals.cpp)
};

void add_init(Cli& cli);
void add_validate(Cli& cli);
void add_facts(Cli& cli);
void add_keys(Cli& cli);
void add_compile(Cli& cli);
void add_plan(Cli& cli);
void add_apply(Cli& cli);
void add_rollback(Cli& cli);
void add_destroy(Cli& cli);
void add_resume(Cli& cli);
void add_status(Cli& cli);
void add_check(Cli& cli);
void add_verify(Cli& cli);
void add_import(Cli& cli);
void add_completion(Cli& cli);
void add_man(Cli& cli);
void add_version(Cli& cli);
void add_help(Cli& cli);

/// All of the above.
void add_verbs(Cli& cli);

// Options that several verbs share, with one wording.
void add_inputs_options(Verb verb, Cli& cli);    // --lock, --allow-include: what else belongs to an inventory
void add_inventory_option(Verb verb, Cli& cli);  // positional INVENTORY, and those
void add_vault_options(Verb verb, Cli& cli);     // --vault, --key-file
void add_templates_option(Verb verb, Cli& cli);  // --templates
void add_output_option(Verb verb, Cli& cli);     // -o/--output, --json, --no-color
void add_fleet_options(Verb verb, Cli& cli);     // --limit, --parallel

/// --out, and -o/--output, --json, --no-color. In 0.1.0 these verbs had `-o PATH`: it still works, and a note says so.
/// `called`: "DIR" or "FILE".
Option add_out_options(Verb verb, Cli& cli, const std::string& called, std::string& into, const std::string& help);
/// To be called first when such a verb runs: `into` gets the path of an older `-o PATH`. E4064: there is none at all.
/// E4065: both a path and an unknown form.
Result<void> settle_out(Cli& cli, const Option& out, const std::string& called, std::string& into);

/// N4001: `old` still works for one release; `now` is what to write.
void note_older_form(const Output& output, std::string_view old, std::string_view now);

/// Runs `body` after the output form is settled, and turns an escaped library exception into a diagnostic (E9001).
void on_run(Verb verb, Cli& cli, std::function<ExitCode()> body);

}  // namespace meshctl
