#include "import/import.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "import/build.hpp"
#include "import/bypasses.hpp"
#include "import/defaults.hpp"
#include "import/manual_sas.hpp"
#include "import/prove.hpp"
#include "import/public_keys.hpp"
#include "import/road_blocks.hpp"

namespace meshctl {
namespace {

using namespace importer;

std::vector<HostSource> read_hosts(const std::vector<std::filesystem::path>& folders, Sources& sources,
                                   DiagSink& sink) {
  std::vector<HostSource> out;
  for (const auto& folder : folders) {
    auto host = read_host(folder, sources, sink);
    if (!host) continue;
    const auto same = std::find_if(out.begin(), out.end(), [&](const HostSource& h) { return h.name == host->name; });
    if (same == out.end()) {
      out.push_back(std::move(*host));
      continue;
    }
    sink.error("E8006", {}, fmt::format("two folders are of a host '{}'", host->name))
        .with_hint("name each host's folder once, and give the folders different names");
  }
  std::sort(out.begin(), out.end(), [](const auto& x, const auto& y) { return x.name < y.name; });
  return out;
}

void leave_out_rule(const HeldPolicy& held, DiagSink& sink) {
  if (held.policy.direction != spd::Direction::Out) return;  // one rule is both directions
  sink.warning("W8019", held.where, "this rule is left out: no link and no bypass says what it does")
      .with_hint("write it into the inventory by hand if it is needed");
}

/// Whatever no part of the inventory says stays with its host, as text.
void carry_foreign(std::vector<HostSource>& hosts, const std::vector<HostFlows>& flows, DiagSink& sink) {
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    for (const HeldPolicy* held : flows[i].foreign) {
      if (hosts[i].backend == BackendKind::Windows) {
        leave_out_rule(*held, sink);
        continue;
      }
      carry_policy(*held, "no link and no bypass says this policy", hosts[i], sink);
    }
  }
}

std::string mesh_name(const ImportOptions& options, const std::vector<HostSource>& hosts) {
  if (!options.mesh.empty()) return options.mesh;
  if (options.vault != nullptr) return options.vault->mesh;
  for (const HostSource& host : hosts) {
    if (!host.mesh.empty()) return host.mesh;
  }
  return "imported";
}

/// Ends that nobody read are taken for what all others are, else for racoon.
BackendKind common_backend(const std::vector<HostSource>& hosts) {
  const BackendKind first = hosts.front().backend;
  const bool all =
      std::all_of(hosts.begin(), hosts.end(), [&](const HostSource& host) { return host.backend == first; });
  return all ? first : BackendKind::Racoon;
}

std::size_t left_over(const DiagSink& sink) {
  const auto ours = [](const Diag& diag) { return diag.code.starts_with("W80"); };
  return static_cast<std::size_t>(std::count_if(sink.all().begin(), sink.all().end(), ours));
}

}  // namespace

std::optional<Imported> import_hosts(const std::vector<std::filesystem::path>& folders, const ImportOptions& options,
                                     Sources& sources, DiagSink& sink) {
  std::vector<HostSource> hosts = read_hosts(folders, sources, sink);
  if (!sink.ok() || hosts.empty()) return std::nullopt;
  std::vector<HostFlows> flows;
  for (const HostSource& host : hosts) flows.push_back(flows_of(host, sink));
  leave_out_road_blocks(hosts, flows);
  take_bypass_peers(flows);
  const People people = find_people(hosts, flows, sink);
  if (!sink.ok()) return std::nullopt;
  Imported out;
  Inventory& inventory = out.inventory;
  inventory.mesh.value = mesh_name(options, hosts);
  inventory.default_backend = Marked<BackendKind>{common_backend(hosts), {}};
  inventory.bypass = bypasses_of(hosts, flows, sink);
  LinkDrafts drafts = join_links(people, hosts, flows, options.vault != nullptr, sink);
  carry_foreign(hosts, flows, sink);
  build(people, std::move(drafts), options, out, sink);
  if (options.vault != nullptr) adopt_sas(hosts, people, *options.vault, sink);
  adopt_keys(hosts, people, options.vault, sources, sink);
  factor_defaults(inventory);
  prove(inventory, hosts, flows, sink);
  for (const HostSource& host : hosts) out.hosts.push_back(host.name);
  out.left_over = left_over(sink);
  return out;
}

}  // namespace meshctl
