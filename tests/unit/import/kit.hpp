// compile -> files in folders -> import -> inventory text -> compile again, as a user would do it.
#pragma once
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compile/compiler.hpp"
#include "import/import.hpp"
#include "inventory/load.hpp"
#include "io/file.hpp"
#include "unit/io/temp_dir.hpp"

namespace meshctl::test {

inline std::string shown(const Diags& diags, const Sources& sources) {
  std::string out;
  for (const Diag& diag : diags) out += render(diag, sources, false) + "\n";
  return out;
}

/// "W8010 alpha/racoon.conf:3: what it says" a line, of what import itself says; and of every error.
inline std::string told_shortly(const Diags& diags, const Sources& sources) {
  std::string out;
  for (const Diag& diag : diags) {
    if (diag.severity != Severity::Error && diag.code.substr(1, 2) != "80") continue;
    out += std::string(diag.code) + ' ';
    if (diag.where.known()) {
      out += std::string(sources.name(diag.where.file)) + ':' + std::to_string(diag.where.line) + ": ";
    }
    out += diag.text + '\n';
    if (diag.severity == Severity::Error) out += "  " + diag.hint + '\n';
  }
  return out;
}

inline KeyStore test_store(const std::string& mesh) {
  KeyStore store;
  store.mesh = mesh;
  store.master = Secret(std::string(32, 'k'));
  return store;
}

/// Host -> path -> content, of the hosts of one back end, or of all.
using Files = std::map<std::string, std::map<std::string, std::string>>;

struct Compiled {
  Diags faults;  // why not
  Files files;
  std::map<std::string, std::string> manifests;
};

inline Compiled compile_all(const Inventory& inventory, const std::filesystem::path& base, Sources& sources,
                            const KeyStore& store, std::optional<BackendKind> kind = BackendKind::Racoon) {
  Compiled out;
  DiagSink sink;
  const auto mesh = resolve(inventory, {}, base, sink);
  if (!mesh) {
    out.faults = mesh.error();
    return out;
  }
  const auto compiler = Compiler::make(*mesh, store, TemplateSet::embedded(), sources, sink);
  if (!compiler) {
    out.faults = compiler.error();
    return out;
  }
  Compiler::Worker worker(**compiler);
  for (HostIndex host = 0; host < mesh->hosts.size(); ++host) {
    if (kind && mesh->hosts[host].backend != *kind) continue;
    const Bundle& bundle = worker.compile(host);
    for (const Artefact& file : bundle.artefacts) out.files[bundle.manifest.host][file.path] = file.content;
    out.manifests[bundle.manifest.host] = write_manifest(bundle.manifest);
  }
  return out;
}

inline Compiled compile_all(const Inventory& inventory, const std::filesystem::path& base, Sources& sources,
                            std::optional<BackendKind> kind = BackendKind::Racoon) {
  return compile_all(inventory, base, sources, test_store(inventory.mesh.value), kind);
}

inline void write_file(const std::filesystem::path& path, const std::string& content, unsigned mode = 0644) {
  std::filesystem::create_directories(path.parent_path());
  REQUIRE(write_atomic(path, content, mode));
}

/// The folders that `meshctl compile --out DIR` would write.
inline std::vector<std::filesystem::path> write_hosts(const Compiled& compiled, const std::filesystem::path& dir) {
  std::vector<std::filesystem::path> out;
  for (const auto& [host, files] : compiled.files) {
    for (const auto& [path, content] : files) write_file(dir / host / ("files" + path), content, 0600);
    write_file(dir / host / "manifest.json", compiled.manifests.at(host));
    out.push_back(dir / host);
  }
  return out;
}

struct RoundTrip {
  std::string yaml;
  std::string told;  // by import, as users see it
  std::string short_form;
  std::size_t left_over = 0;
  Files files;
  std::string faults;
};

/// What comes of these folders: imported, written, read and compiled again.
inline RoundTrip import_and_compile(const std::vector<std::filesystem::path>& folders, const std::filesystem::path& dir,
                                    std::optional<BackendKind> kind = BackendKind::Racoon) {
  RoundTrip out;
  Sources sources;
  DiagSink sink;
  const auto imported = import_hosts(folders, {}, sources, sink);
  const Diags told = sink.take();
  out.told = shown(told, sources);
  out.short_form = told_shortly(told, sources);
  if (!imported) {
    out.faults = "not imported\n";
    return out;
  }
  out.left_over = imported->left_over;
  out.yaml = write_inventory(imported->inventory, "test");
  for (const KeyFile& key : imported->keys) write_file(dir / key.path, std::string(key.content.reveal()), 0600);
  DiagSink loading;
  auto inventory = parse_inventory("imported.yaml", out.yaml, sources, loading);
  if (!inventory) {
    out.faults = shown(inventory.error(), sources);
    return out;
  }
  Compiled again = compile_all(*inventory, dir, sources, kind);
  out.faults = shown(again.faults, sources);
  out.files = std::move(again.files);
  return out;
}

inline std::string difference(const Files& wanted, const Files& found) {
  std::string out;
  for (const auto& [host, files] : wanted) {
    const auto other = found.find(host);
    if (other == found.end()) {
      out += host + " is not there\n";
      continue;
    }
    for (const auto& [path, content] : files) {
      const auto same = other->second.find(path);
      if (same == other->second.end()) {
        out += host + path + " is not there\n";
      } else if (same->second != content) {
        out += host + path + "\n--- wanted\n" + content + "--- found\n" + same->second;
      }
    }
    for (const auto& [path, content] : other->second) {
      if (!files.contains(path)) out += host + path + " is new\n";
    }
  }
  return out;
}

inline bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

inline Inventory parsed(const std::string& yaml) {
  Sources sources;
  DiagSink sink;
  auto inventory = parse_inventory("old.yaml", yaml, sources, sink);
  if (!inventory) FAIL(shown(inventory.error(), sources));
  if (!inventory->default_backend) inventory->default_backend = Marked<BackendKind>{BackendKind::Racoon, {}};
  return *std::move(inventory);
}

/// One of inventories/.
inline Inventory documented(const std::string& name) {
  Sources sources;
  DiagSink sink;
  auto inventory = load_inventory(std::filesystem::path(MESHCTL_SOURCE_DIR) / "inventories" / name, sources, sink);
  REQUIRE(inventory);
  return *std::move(inventory);
}

/// Folders of files by hand, taken in.
struct Told {
  std::string yaml, text;
  std::optional<Imported> imported;
};

inline Told imported(const std::vector<std::filesystem::path>& folders) {
  Sources sources;
  DiagSink sink;
  Told out;
  out.imported = import_hosts(folders, {}, sources, sink);
  const Diags told = sink.take();
  out.text = told_shortly(told, sources);
  REQUIRE_MESSAGE(out.imported, shown(told, sources));
  out.yaml = write_inventory(out.imported->inventory, "t");
  return out;
}

/// The files are those that were imported. Gives the second inventory, for cases that say more about it.
inline std::string same_after_import(const Inventory& inventory,
                                     std::optional<BackendKind> kind = BackendKind::Racoon) {
  const TempDir dir;
  Sources sources;
  const Compiled first = compile_all(inventory, "/nowhere", sources, kind);
  REQUIRE_MESSAGE(first.faults.empty(), shown(first.faults, sources));
  REQUIRE(!first.files.empty());
  const RoundTrip second = import_and_compile(write_hosts(first, dir / "old"), dir / "new", kind);
  CAPTURE(second.yaml);
  CAPTURE(second.told);
  CHECK(second.faults == "");
  CHECK(second.left_over == 0);
  CHECK(difference(first.files, second.files) == "");
  return second.yaml;
}

}  // namespace meshctl::test
