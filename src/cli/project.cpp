#include "cli/project.hpp"

#include <fmt/core.h>
#include <fnmatch.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "cli/passphrase.hpp"
#include "net/name.hpp"

namespace meshctl {

namespace fs = std::filesystem;

fs::path Project::folder() const {
  const fs::path parent = fs::path(options_.inventory).parent_path();
  return parent.empty() ? fs::path(".") : parent;
}

fs::path Project::lock_file() const {
  return options_.lock.empty() ? folder() / "meshctl.lock" : fs::path(options_.lock);
}

fs::path Project::state_folder() const { return folder() / ".meshctl"; }

void Project::keep_warnings(DiagSink& sink) {
  for (Diag& diag : sink.take()) warnings_.push_back(std::move(diag));
}

Result<void> Project::load_inventory_only() {
  DiagSink sink;
  auto inventory = load_inventory(options_.inventory, sources_, sink, options_.allow_include);
  if (!inventory) return tl::unexpected(std::move(inventory.error()));
  inventory_ = std::move(*inventory);
  keep_warnings(sink);
  return {};
}

Result<void> Project::resolve_with(Facts facts) {
  DiagSink sink;
  facts_ = std::move(facts);
  auto mesh = resolve(inventory_, facts_, fs::absolute(folder()), sink);
  if (!mesh) return tl::unexpected(std::move(mesh.error()));
  mesh_ = std::move(*mesh);
  mesh_.inventory = options_.inventory;
  keep_warnings(sink);
  return {};
}

Result<void> Project::load_mesh() {
  if (auto loaded = load_inventory_only(); !loaded) return loaded;
  auto facts = load_facts(lock_file(), sources_);
  if (!facts) return tl::unexpected(std::move(facts.error()));
  return resolve_with(std::move(*facts));
}

Result<TemplateSet> Project::templates() const {
  TemplateSet templates = TemplateSet::embedded();
  if (!options_.templates.empty()) {
    if (auto read = templates.override_from(options_.templates); !read) return tl::unexpected(std::move(read.error()));
  }
  return templates;
}

Result<void> Project::check() {
  auto set = templates();
  if (!set) return tl::unexpected(std::move(set.error()));
  DiagSink sink;
  auto checked = check_mesh(mesh_, *set, sources_, sink);
  if (!checked) return tl::unexpected(std::move(checked.error()));
  checked_ = std::move(*checked);
  keep_warnings(sink);
  return {};
}

Result<void> Project::load_all() {
  if (auto loaded = load_mesh(); !loaded) return loaded;

  auto unlock = unlock_from(options_, false);
  if (!unlock) return tl::unexpected(std::move(unlock.error()));
  auto keys = read_vault(*unlock);
  if (!keys) return tl::unexpected(std::move(keys.error()));
  keys_ = std::move(*keys);
  if (auto same = check_keys(keys_); !same) return same;

  auto set = templates();
  if (!set) return tl::unexpected(std::move(set.error()));
  DiagSink sink;
  auto compiler = Compiler::make(mesh_, keys_, *set, sources_, sink);
  if (!compiler) return tl::unexpected(std::move(compiler.error()));
  compiler_ = std::move(*compiler);
  keep_warnings(sink);
  return {};
}

Result<KeyStore> Project::read_vault(const Unlock& unlock) const {
  auto keys = load_vault(options_.vault, unlock);
  std::error_code ignored;
  if (keys || fs::exists(options_.vault, ignored)) return keys;
  for (Diag& diag : keys.error()) {
    diag.hint = fmt::format("'{}', then '{}'; or name the right file with --vault", keys_command(mesh_, "init"),
                            keys_command(mesh_, "make"));
  }
  return keys;
}

Result<void> Project::check_keys(const KeyStore& keys) const {
  if (keys.mesh == mesh_.name) return {};
  return fail("E3016",
              fmt::format("'{}' holds the keys of mesh '{}', not of '{}'", options_.vault, keys.mesh, mesh_.name),
              inventory_.mesh.where, "name the right vault with --vault");
}

namespace {

/// A host's name, one of its tags, or a pattern of either: `web*`, `db-?`.
bool limited_to(const Host& host, const std::string& word) {
  const auto fits = [&](const std::string& name) { return ::fnmatch(word.c_str(), name.c_str(), 0) == 0; };
  return word == "all" || fits(host.name) || std::any_of(host.tags.begin(), host.tags.end(), fits);
}

}  // namespace

Result<std::vector<HostIndex>> Project::selected(Managed which) const {
  std::vector<HostIndex> out;
  std::vector<std::string> unknown = options_.limit;
  std::vector<std::string_view> names;
  for (HostIndex index = 0; index < mesh_.hosts.size(); ++index) {
    const Host& host = mesh_.hosts[index];
    names.push_back(host.name);
    names.insert(names.end(), host.tags.begin(), host.tags.end());
    const auto fits = [&](const std::string& word) { return limited_to(host, word); };
    const bool wanted = options_.limit.empty() || std::any_of(options_.limit.begin(), options_.limit.end(), fits);
    if (wanted && (which == Managed::Any || host.managed)) out.push_back(index);
    std::erase_if(unknown, fits);
  }
  if (!unknown.empty()) {
    const std::string_view near = nearest(unknown.front(), names);
    return fail("E4050",
                fmt::format("--limit names '{}', which is not a host or tag of mesh '{}'", unknown.front(), mesh_.name),
                {}, near.empty() ? "" : fmt::format("did you mean '{}'?", near));
  }
  return out;
}

Result<Unlock> unlock_from(const CommonOptions& options, bool confirm) {
  Unlock unlock;
  if (!options.key_file.empty()) {
    unlock.key_file = options.key_file;
    return unlock;
  }
  const char* source = std::getenv("MESHCTL_PASSPHRASE_FILE");
  const bool from_file = source != nullptr && *source != '\0';
  auto passphrase = from_file ? read_passphrase(source) : ask_passphrase(confirm);
  if (!passphrase) {
    Diags why = std::move(passphrase.error());
    if (from_file) {
      for (Diag& diag : why) diag.text = "MESHCTL_PASSPHRASE_FILE: " + diag.text;
    }
    return tl::unexpected(std::move(why));
  }
  unlock.passphrase = std::move(*passphrase);
  return unlock;
}

}  // namespace meshctl
