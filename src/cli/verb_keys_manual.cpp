#include <fmt/core.h>

#include "cli/keys_vault.hpp"
#include "cli/verb_keys.hpp"
#include "compile/manual_wishes.hpp"
#include "keys/manual.hpp"

namespace meshctl {

Result<Said> allocate_manual_keys(VaultEdit& edit) {
  DiagSink sink;
  const auto wishes = manual_wishes(edit.mesh(), sink);
  if (!sink.ok()) return tl::unexpected(sink.take());
  const auto change = allocate_manual(edit.store.manual, wishes);
  if (!change) return tl::unexpected(change.error());
  const bool changed = change->made + change->dropped > 0;
  return Said{
      fmt::format("{} made, {} kept, {} dropped.\n", counted(change->made, "manual SA"), change->kept, change->dropped),
      {{"made", change->made}, {"kept", change->kept}, {"dropped", change->dropped}},
      changed};
}

void add_keys_manual(Cli& cli, Verb keys) {
  const Verb verb = keys.add_verb(
      "manual", "Make keys and SPIs for every link with 'auth: manual' that has none, and drop those of no link");
  add_edit_options(verb, cli);
  on_run(verb, cli, [&cli] { return edit_vault(cli, allocate_manual_keys); });
}

}  // namespace meshctl
