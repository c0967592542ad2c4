// What the `keys` verbs share: the vault opened, changed by one function, and saved only if that succeeded.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "cli/verbs.hpp"
#include "keys/keys.hpp"

namespace meshctl {

/// The vault and what it is for.
struct VaultEdit {
  Project& project;
  KeyStore& store;
  std::int64_t now = 0;  // seconds since 1970

  [[nodiscard]] const Mesh& mesh() const { return project.mesh(); }
  /// E4053, with the nearest name.
  [[nodiscard]] Result<HostIndex> host(const std::string& name) const;
  /// The hosts named; with no names, those that `wanted` picks.
  [[nodiscard]] Result<std::vector<HostIndex>> hosts(const std::vector<std::string>& names,
                                                     const std::function<bool(HostIndex)>& wanted) const;
};

/// What a verb has done. Nothing in it is secret.
struct Said {
  std::string text;     // for people, with line ends
  Json fields = {};     // for machines, into the result document
  bool changed = true;  // false: the vault is not written
  ExitCode code = ExitCode::Done;
};

/// Loads inventory and vault (E3016 when they are of two meshes), changes, saves, says.
ExitCode edit_vault(Cli& cli, const std::function<Result<Said>(VaultEdit&)>& change);

/// INVENTORY, --lock, --vault, --key-file, -o: to be added before other arguments. `-i INVENTORY`, as 0.1.0 had it,
/// still works, and a note says so.
void add_edit_options(Verb verb, Cli& cli);

}  // namespace meshctl
