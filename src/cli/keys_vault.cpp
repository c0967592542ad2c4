#include "cli/keys_vault.hpp"

#include <fmt/core.h>

#include <ctime>
#include <utility>

#include "io/file_lock.hpp"
#include "net/name.hpp"

namespace meshctl {

Result<HostIndex> VaultEdit::host(const std::string& name) const {
  std::vector<std::string_view> names;
  for (HostIndex index = 0; index < mesh().hosts.size(); ++index) {
    if (mesh().hosts[index].name == name) return index;
    names.push_back(mesh().hosts[index].name);
  }
  const std::string_view near = nearest(name, names);
  return fail("E4053", fmt::format("mesh '{}' has no host '{}'", mesh().name, name), {},
              near.empty() ? "" : fmt::format("did you mean '{}'?", near));
}

Result<std::vector<HostIndex>> VaultEdit::hosts(const std::vector<std::string>& names,
                                                const std::function<bool(HostIndex)>& wanted) const {
  std::vector<HostIndex> out;
  for (const std::string& name : names) {
    auto found = host(name);
    if (!found) return tl::unexpected(std::move(found.error()));
    out.push_back(*found);
  }
  for (HostIndex index = 0; names.empty() && index < mesh().hosts.size(); ++index) {
    if (wanted(index)) out.push_back(index);
  }
  return out;
}

ExitCode edit_vault(Cli& cli, const std::function<Result<Said>(VaultEdit&)>& change) {
  if (std::string& older = cli.common.older_inventory; !older.empty()) {
    note_older_form(cli.output, "-i INVENTORY", "meshctl keys … INVENTORY …");
    cli.common.inventory = older;
  }
  Project project(cli.common);
  const auto failed = [&](const Diags& diags) { return cli.output.failed(diags, project.sources()); };
  if (auto loaded = project.load_mesh(); !loaded) return failed(loaded.error());
  const auto unlock = unlock_from(cli.common, false);
  if (!unlock) return failed(unlock.error());
  const auto lock = FileLock::take(cli.common.vault);
  if (!lock) return failed(lock.error());
  auto store = project.read_vault(*unlock);
  if (!store) return failed(store.error());
  if (auto same = project.check_keys(*store); !same) return failed(same.error());
  VaultEdit edit{project, *store, std::time(nullptr)};
  auto said = change(edit);
  if (!said) return failed(said.error());
  if (said->changed) {
    if (auto saved = save_vault(cli.common.vault, *store, *unlock, true); !saved) return failed(saved.error());
  }
  cli.output.text(said->text);
  Json document = {{"type", "result"},
                   {"reason", reason_word(said->code)},
                   {"exit_code", static_cast<int>(said->code)},
                   {"changed", said->changed}};
  if (const Json::Object* fields = said->fields.as_object()) {
    for (const auto& [key, value] : *fields) document[key] = value;
  }
  cli.output.document(std::move(document));
  return said->code;
}

void add_edit_options(Verb verb, Cli& cli) {
  add_inventory_option(verb, cli);
  verb.add_option("-i,--inventory", cli.common.older_inventory, "the inventory").called("FILE").hidden();
  add_vault_options(verb, cli);
  add_output_option(verb, cli);
}

}  // namespace meshctl
