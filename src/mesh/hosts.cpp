#include "mesh/hosts.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <unordered_map>

namespace meshctl {
namespace {

/// Host entries by name; a name given twice (two included files) keeps the first.
std::vector<const HostEntry*> sorted_entries(const Inventory& inventory, DiagSink& sink) {
  std::vector<const HostEntry*> entries;
  entries.reserve(inventory.hosts.size());
  for (const auto& entry : inventory.hosts) entries.push_back(&entry);
  std::stable_sort(entries.begin(), entries.end(),
                   [](const auto* a, const auto* b) { return a->name.value < b->name.value; });
  std::vector<const HostEntry*> unique;
  unique.reserve(entries.size());
  for (const auto* entry : entries) {
    if (unique.empty() || unique.back()->name.value != entry->name.value) {
      unique.push_back(entry);
      continue;
    }
    sink.error("E1001", entry->name.where, fmt::format("host '{}' is named twice", entry->name.value))
        .note(unique.back()->name.where, "first named here")
        .with_hint("rename one of them, or merge the two entries");
  }
  return unique;
}

using Entries = std::vector<const HostEntry*>;

/// Hosts whose back end is not said, or still 'auto'.
struct OpenBackends {
  Entries unsaid;
  Entries unknown;
};

BackendKind resolve_backend(const HostEntry& entry, const Inventory& inventory, const Facts& facts,
                            OpenBackends& open) {
  const Opt<BackendKind>& wish = entry.backend ? entry.backend : inventory.default_backend;
  if (wish && wish->value != BackendKind::Auto) return wish->value;
  const auto found = facts.hosts.find(entry.name.value);
  if (wish && found != facts.hosts.end() && found->second.backend && *found->second.backend != BackendKind::Auto)
    return *found->second.backend;
  (wish ? open.unknown : open.unsaid).push_back(&entry);
  return BackendKind::Racoon;
}

std::string names_of(const Entries& entries) {
  constexpr std::size_t kShown = 5;
  std::string out;
  for (std::size_t i = 0; i < std::min(entries.size(), kShown); ++i)
    out += fmt::format("{}'{}'", i == 0 ? "" : ", ", entries[i]->name.value);
  return entries.size() > kShown ? fmt::format("{} and {} more", out, entries.size() - kShown) : out;
}

/// One message for all of them: what is missing is one line under `defaults`.
void check_unsaid(const Entries& unsaid, DiagSink& sink) {
  if (unsaid.empty()) return;
  const bool one = unsaid.size() == 1;
  sink.error("E1014", unsaid.front()->name.where,
             fmt::format("host{} {} {} no back end", one ? "" : "s", names_of(unsaid), one ? "has" : "have"))
      .with_hint(
          "write defaults: {backend: strongswan}, or backend: at the host: racoon, strongswan, windows, or auto (asked "
          "by "
          "'meshctl facts')");
}

void refuse_unknown(Range where, const Entries& entries, DiagSink& sink) {
  constexpr std::string_view kChoices = "write 'backend: racoon', 'backend: strongswan' or 'backend: windows'";
  const bool managed =
      std::any_of(entries.begin(), entries.end(), [](const HostEntry* entry) { return entry->managed; });
  sink.error("E1009", where,
             fmt::format("the back end of host{} {} is 'auto', and not known yet", entries.size() == 1 ? "" : "s",
                         names_of(entries)))
      .note(entries.front()->name.where, entries.size() == 1 ? "the host is here" : "the first of them is here")
      .with_hint(managed ? fmt::format("run 'meshctl facts', or {}", kChoices)
                         : fmt::format("{}: meshctl does not log in there", kChoices));
}

/// One message for all hosts that have `auto` from `defaults`, and one for each that has its own.
void check_unknown(const Entries& unknown, const Inventory& inventory, DiagSink& sink) {
  Entries managed;  // by defaults; `facts` can ask them
  Entries unmanaged;
  for (const HostEntry* entry : unknown) {
    if (entry->backend) {
      refuse_unknown(entry->backend->where, {entry}, sink);
    } else {
      (entry->managed ? managed : unmanaged).push_back(entry);
    }
  }
  for (const Entries* entries : {&managed, &unmanaged})
    if (!entries->empty()) refuse_unknown(inventory.default_backend->where, *entries, sink);
}

/// Ids go into key derivation: two hosts with one id would share keys.
void check_ids(const HostList& list, DiagSink& sink) {
  const auto where_of = [&](HostIndex i) {
    return list.entries[i]->id ? list.entries[i]->id->where : list.entries[i]->name.where;
  };
  std::unordered_map<std::string_view, HostIndex> seen;
  for (HostIndex i = 0; i < list.hosts.size(); ++i) {
    const auto [it, fresh] = seen.emplace(list.hosts[i].id, i);
    if (fresh) continue;
    // The one that was written as `id:` is the one to change.
    const HostIndex wrong = list.entries[i]->id ? i : it->second;
    const HostIndex other = wrong == i ? it->second : i;
    sink.error("E1004", where_of(wrong),
               fmt::format("hosts '{}' and '{}' have the same id '{}'", list.hosts[other].name, list.hosts[wrong].name,
                           list.hosts[i].id))
        .note(where_of(other), list.entries[other]->id ? "also given here" : "a host's id is its name unless given")
        .with_hint("give each host an id of its own: keys are derived from it");
  }
}

}  // namespace

HostList resolve_hosts(const Inventory& inventory, const Facts& facts, const std::filesystem::path& base,
                       DiagSink& sink) {
  HostList list;
  list.entries = sorted_entries(inventory, sink);
  list.hosts.reserve(list.entries.size());
  OpenBackends open;
  for (const auto* entry : list.entries) {
    Host& host = list.hosts.emplace_back();
    host.name = entry->name.value;
    host.id = entry->id ? entry->id->value : entry->name.value;
    host.where = entry->where;
    host.managed = entry->managed;
    host.backend = resolve_backend(*entry, inventory, facts, open);
    host.addresses = resolve_addresses(*entry, facts, sink);
    if (const auto known = facts.hosts.find(entry->name.value);
        known != facts.hosts.end() && host.backend == BackendKind::Strongswan) {
      host.ikev1 = known->second.ikev1;
    }
    for (const auto& tag : entry->tags) host.tags.push_back(tag.value);
    std::sort(host.tags.begin(), host.tags.end());
    host.tags.erase(std::unique(host.tags.begin(), host.tags.end()), host.tags.end());
    const WindowsSpec& windows = entry->windows;
    const WindowsSpec& usual = inventory.default_windows;
    if (const auto& form = windows.form ? windows.form : usual.form) host.windows_form = form->value;
    if (const auto& version = windows.version ? windows.version : usual.version) host.windows_version = version->value;
    resolve_network(*entry, inventory, base, host, sink);
    host.ssh = resolve_ssh(*entry, host, inventory.default_ssh, base);
  }
  check_unsaid(open.unsaid, sink);
  check_unknown(open.unknown, inventory, sink);
  check_ids(list, sink);
  check_address_clashes(list, sink);
  check_jumps(list, inventory.default_ssh, sink);
  return list;
}

}  // namespace meshctl
