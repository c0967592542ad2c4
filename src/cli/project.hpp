// The pure part of the pipeline, run in order: inventory -> facts -> mesh -> keys -> compiler.
#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/sources.hpp"
#include "cli/output.hpp"
#include "compile/compiler.hpp"
#include "inventory/load.hpp"
#include "keys/keys.hpp"
#include "mesh/mesh.hpp"

namespace meshctl {

/// Options that most verbs share; empty means the documented default.
struct CommonOptions {
  std::string inventory = "inventory.yaml";
  std::string older_inventory;             // of `keys … -i INVENTORY`
  std::vector<std::string> allow_include;  // folders beside the inventory's own
  std::string lock;                        // default: meshctl.lock beside the inventory
  std::string vault = "meshctl.vault";
  std::string key_file;   // opens the vault instead of a pass phrase
  std::string templates;  // folder that overrides built-in templates
  std::vector<std::string> limit;
  unsigned parallel = 64;
  bool no_color = false;
  std::string output = "human";
  bool json = false;
};

/// Managed::Only leaves out third parties' hosts, which we never connect to.
enum class Managed : std::uint8_t { Only, Any };

/// What was read and derived, each stage only once asked for. Not movable: later stages point into earlier ones.
class Project {
 public:
  explicit Project(const CommonOptions& options) : options_(options) {}
  Project(const Project&) = delete;
  Project& operator=(const Project&) = delete;

  /// The first stage alone: for `facts`, whose answers the next one needs.
  Result<void> load_inventory_only();
  /// The second stage with these facts instead of the lock file's.
  Result<void> resolve_with(Facts facts);
  /// Inventory, facts, mesh. Warnings collect in warnings().
  Result<void> load_mesh();
  /// After load_mesh(): by all rules of compile. Needs no keys.
  Result<void> check();
  /// Also the vault and the compiler.
  Result<void> load_all();

  [[nodiscard]] Sources& sources() { return sources_; }
  [[nodiscard]] const Sources& sources() const { return sources_; }
  [[nodiscard]] const Diags& warnings() const { return warnings_; }
  [[nodiscard]] const Inventory& inventory() const { return inventory_; }
  [[nodiscard]] const Facts& facts() const { return facts_; }
  [[nodiscard]] const Mesh& mesh() const { return mesh_; }
  [[nodiscard]] const CheckedMesh& checked() const { return checked_; }
  [[nodiscard]] const KeyStore& keys() const { return keys_; }
  [[nodiscard]] const Compiler& compiler() const { return *compiler_; }
  /// The vault that --vault names. Where there is none, the help says how to make one for this inventory.
  [[nodiscard]] Result<KeyStore> read_vault(const Unlock& unlock) const;
  /// E3016: they are another mesh's.
  [[nodiscard]] Result<void> check_keys(const KeyStore& keys) const;
  /// Hosts that --limit selects by name, tag or pattern (all without it), sorted; E4050 for one that fits none.
  [[nodiscard]] Result<std::vector<HostIndex>> selected(Managed which) const;

  [[nodiscard]] std::filesystem::path folder() const;  // of the inventory
  [[nodiscard]] std::filesystem::path lock_file() const;
  [[nodiscard]] std::filesystem::path state_folder() const;  // .meshctl beside the inventory

 private:
  void keep_warnings(DiagSink& sink);
  Result<TemplateSet> templates() const;

  const CommonOptions& options_;
  Sources sources_;
  Diags warnings_;
  Inventory inventory_;
  Facts facts_;
  Mesh mesh_;
  CheckedMesh checked_;
  KeyStore keys_;
  std::unique_ptr<Compiler> compiler_;
};

/// Pass phrase or key file, from --key-file, MESHCTL_PASSPHRASE_FILE or the terminal, in this order.
/// `confirm`: a typed pass phrase is asked for twice (new vaults).
Result<Unlock> unlock_from(const CommonOptions& options, bool confirm);

}  // namespace meshctl
