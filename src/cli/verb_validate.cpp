#include <fmt/core.h>

#include <cstdlib>
#include <filesystem>

#include "base/text.hpp"
#include "cli/verbs.hpp"

namespace meshctl {
namespace {

Diags note(std::string text, std::string hint) {
  DiagSink sink;
  sink.info("N3021", {}, std::move(text)).with_hint(std::move(hint));
  return sink.take();
}

/// What of the keys can be known without asking for a pass phrase. It is never a reason to refuse an inventory.
Diags notes_about_keys(const CommonOptions& options, const Project& project) {
  std::error_code ignored;
  if (!std::filesystem::exists(options.vault, ignored)) {
    return note(
        fmt::format("there are no keys yet: there is no vault '{}'", options.vault),
        fmt::format("'{}', then '{}'", keys_command(project.mesh(), "init"), keys_command(project.mesh(), "make")));
  }
  const char* source = std::getenv("MESHCTL_PASSPHRASE_FILE");
  if (options.key_file.empty() && (source == nullptr || *source == '\0')) return {};
  auto unlock = unlock_from(options, false);
  auto store =
      unlock ? load_vault(options.vault, *unlock) : Result<KeyStore>(tl::unexpected(std::move(unlock.error())));
  if (store) {
    if (auto same = project.check_keys(*store); !same) store = tl::unexpected(std::move(same.error()));
  }
  if (store) return missing_keys(project.mesh(), *store, project.checked());
  const Diag& why = store.error().front();
  return note(fmt::format("keys were not looked at: {}", why.text), why.hint);
}

ExitCode validate(Cli& cli) {
  Project project(cli.common);
  auto loaded = project.load_mesh();
  if (loaded) loaded = project.check();
  if (!loaded) return cli.output.failed(loaded.error(), project.sources());
  cli.output.diagnostics(project.warnings(), project.sources());
  cli.output.diagnostics(notes_about_keys(cli.common, project), project.sources());
  const Mesh& mesh = project.mesh();
  cli.output.text(fmt::format("{}: mesh '{}' is valid: {}, {}\n", cli.common.inventory, mesh.name,
                              counted(mesh.hosts.size(), "host"), counted(mesh.links.size(), "link")));
  cli.output.document({{"type", "result"},
                       {"reason", "done"},
                       {"exit_code", 0},
                       {"mesh", mesh.name},
                       {"hosts", mesh.hosts.size()},
                       {"links", mesh.links.size()}});
  return ExitCode::Done;
}

}  // namespace

void add_validate(Cli& cli) {
  const Verb verb = cli.program.add_verb(
      "validate", "Check an inventory, and all that compile would refuse in it; needs no keys and no network");
  add_inventory_option(verb, cli);
  add_vault_options(verb, cli);
  add_templates_option(verb, cli);
  add_output_option(verb, cli);
  on_run(verb, cli, [&cli] { return validate(cli); });
}

}  // namespace meshctl
