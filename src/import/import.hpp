// Old hosts' files -> an inventory that means the same, and the keys that go beside it.
//
//   auto imported = import_hosts({"alpha", "beta"}, {}, sources, sink);
//   write(write_inventory(imported->inventory)); for (auto& key : imported->keys) write(key.path, key.content);
//
// What the inventory does not say is a warning W80xx with the place in the old file, never silence.
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/diag.hpp"
#include "base/secret.hpp"
#include "base/sources.hpp"
#include "inventory/inventory.hpp"

namespace meshctl {

struct KeyStore;

struct ImportOptions {
  std::string mesh;                // name; empty: of manifest.json, else "imported"
  std::string key_folder = "psk";  // of KeyFile::path
  /// Takes SAs that were keyed by hand; keys that it derives anyway get no file.
  KeyStore* vault = nullptr;
};

/// A pre-shared key: content of a file that `psk_file` names.
struct KeyFile {
  std::string path;  // relative to the inventory
  Secret content;    // one line, with its line end
};

struct Imported {
  Inventory inventory;
  std::vector<KeyFile> keys;       // sorted by path
  std::vector<std::string> hosts;  // that were read, sorted
  std::size_t left_over = 0;       // warnings W80xx: to be looked at by people
};

/// Each folder is one host. nullopt after an error; a folder's errors do not hide the next one's.
std::optional<Imported> import_hosts(const std::vector<std::filesystem::path>& folders, const ImportOptions& options,
                                     Sources& sources, DiagSink& sink);

/// The inventory as YAML for people: deterministic, what equals a default left out.
std::string write_inventory(const Inventory& inventory, const std::string& comment);

}  // namespace meshctl
