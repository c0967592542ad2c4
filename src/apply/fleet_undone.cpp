// What a rollback undoes: the last confirmed run, on exactly the hosts that it changed. Hosts that the run left alone
// would otherwise go back further than the others.
#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <utility>

#include "apply/fleet_run.hpp"

namespace meshctl {
namespace {

using Hosts = std::vector<const HostRun*>;

/// The one transaction that all `hosts` name, if they do.
std::optional<std::string> agreed(const Hosts& hosts) {
  if (hosts.empty()) return std::nullopt;
  const std::string& txn = hosts.front()->before.confirmed;
  const bool same =
      std::all_of(hosts.begin(), hosts.end(), [&](const HostRun* h) { return h->before.confirmed == txn; });
  return same ? std::optional(txn) : std::nullopt;
}

/// Nobody can say which of several runs was the last: the hosts' clocks are not compared.
tl::unexpected<Diags> different_runs(const Hosts& hosts) {
  constexpr std::size_t kNamed = 3;
  std::map<std::string_view, std::pair<std::string_view, std::size_t>> runs;  // its first host, and how many
  for (const HostRun* host : hosts) {
    auto& [first, count] = runs.try_emplace(host->before.confirmed, host->host().name, 0).first->second;
    ++count;
  }
  std::string list;
  std::size_t named = 0;
  for (const auto& [txn, at] : runs) {
    if (named++ == kNamed) break;
    list += fmt::format("{}{:.8} on '{}'", list.empty() ? "" : ", ", txn, at.first);
    if (at.second > 1) list += fmt::format(" and {} more", at.second - 1);
  }
  if (runs.size() > kNamed) list += fmt::format(", and {} more runs", runs.size() - kNamed);
  return fail("E6008", fmt::format("the hosts were last changed by different runs: {}", list), {},
              "choose the hosts of one run with --limit, or roll back where the last run was started");
}

/// The hosts themselves: they all had the same last run, or those that were there before it did.
Result<std::set<std::string>> undone_by_agreement(const Hosts& all) {
  Hosts known;
  Hosts older;
  for (const HostRun* host : all) {
    if (host->before.confirmed.empty()) continue;
    known.push_back(host);
    if (!host->before.previous.empty()) older.push_back(host);
  }
  if (known.empty()) return std::set<std::string>();
  if (const auto txn = agreed(known)) return std::set{*txn};
  if (const auto txn = agreed(older)) return std::set{*txn};
  return different_runs(known);
}

/// Another controller has changed one of the hosts after the last run that our journal has.
bool outdated(const LastChange& change, const Hosts& hosts) {
  return std::any_of(hosts.begin(), hosts.end(), [&](const HostRun* host) {
    const std::string& txn = host->before.confirmed;
    return change.hosts.contains(host->host().name) && !txn.empty() && !change.txns.contains(txn);
  });
}

}  // namespace

/// A host that is down and that our last run did not change does not keep the others from going back. True when all
/// faults were of that kind.
bool FleetRun::excuse_bystanders() {
  const auto change = journal_.last_change(names());
  if (interrupted() || !change || !*change) return false;
  bool good = true;
  for (const auto& host : hosts_) {
    if (host->good()) continue;
    const std::string& name = host->host().name;
    if (verdict_of(host->report.errors) != Verdict::Unreachable || (*change)->hosts.contains(name)) {
      good = false;
      continue;
    }
    host->report.errors.clear();
    host->changes = false;
    say(Severity::Warning, "W6004", fmt::format("'{}' is left out: the last run did not change it", name));
  }
  return good;
}

std::set<std::string> FleetRun::names() const {
  std::set<std::string> names;
  for (const auto& host : hosts_) names.insert(host->host().name);
  return names;
}

/// The transactions to be undone; none where nothing was ever confirmed.
Result<std::set<std::string>> FleetRun::undone() {
  Hosts hosts;
  for (const auto& host : hosts_) hosts.push_back(host.get());
  auto change = journal_.last_change(names());
  if (!change) return tl::unexpected(std::move(change.error()));
  if (*change && !outdated(**change, hosts)) return std::move((*change)->txns);
  return undone_by_agreement(hosts);
}

/// Decides over all hosts, once all have answered, which of them go back, and whether they may.
bool FleetRun::choose_undone() {
  auto txns = undone();
  if (!txns) {
    errors_ = std::move(txns.error());
    return false;
  }
  for (const auto& host : hosts_) {
    host->changes = txns->contains(host->before.confirmed);
    if (!host->changes) tell([&](FleetEvents& events) { events.host_unchanged(host->task.agent.host); });
  }
  const std::vector<HostRun*> hosts = taking_part();
  if (hosts.empty()) {
    say(Severity::Note, "N6003", "nothing to roll back: no host has what the last confirmed run brought");
    return true;
  }
  for_each_host(hosts, [this](HostRun& host) {
    auto fit = weigh_undone(host);
    if (fit) return;
    host.failed(Phase::Probe, std::move(fit.error()));
    tell([&](FleetEvents& events) { events.phase_failed(host.task.agent.host, Phase::Probe, host.report.errors); });
  });
  return std::all_of(hosts.begin(), hosts.end(), [](const HostRun* host) { return host->good(); });
}

Result<void> FleetRun::weigh_undone(HostRun& host) {
  if (!host.before.trial.empty()) {
    // Whoever ends that run may change `previous`.
    return fail("E6001", "an unfinished run is still on the host", {}, "run `meshctl resume` where it was started");
  }
  host.task.generation = host.before.previous;
  if (host.before.previous.empty()) {
    // This run was the first on the host.
    host.task.generation = kOriginal;
    host.task.preflight = nullptr;
  }
  return weigh(host);
}

}  // namespace meshctl
