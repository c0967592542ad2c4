#include "cli/plan_diff.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "plan/unified_diff.hpp"

namespace meshctl {
namespace {

/// What one host's diffs are made of.
struct Wanted {
  std::size_t at = 0;                          // in plan.hosts
  std::map<std::string, std::string> content;  // of the new generation; not of files with keys
  std::vector<FileDiff> diffs;                 // still without text
  std::vector<std::string> paths;              // to be asked for
};

/// Files that change, then those that somebody changed. On Windows rules drift, not files.
Wanted wanted_of(const HostChange& change, const Bundle& bundle) {
  Wanted wanted;
  std::map<std::string_view, bool> secret;
  for (const Artefact& file : bundle.artefacts) {
    secret[file.path] = file.secret;
    if (!file.secret) wanted.content[file.path] = file.content;
  }
  const auto add = [&](const std::string& path, bool hidden) {
    const auto same = [&](const FileDiff& diff) { return diff.path == path; };
    if (!path.starts_with('/') || std::any_of(wanted.diffs.begin(), wanted.diffs.end(), same)) return;
    wanted.diffs.push_back({path, hidden ? "it holds keys: their epochs are those of the links" : "", {}});
    if (!hidden) wanted.paths.push_back(path);
  };
  for (const FileChange& file : change.files) {
    const auto known = secret.find(file.path);
    add(file.path, file.secret || (known != secret.end() && known->second));
  }
  for (const std::string& path : change.drift) {
    const auto known = secret.find(path);
    add(path, known == secret.end() || known->second);
  }
  return wanted;
}

void compare(const std::vector<LiveFile>& live, Wanted& wanted) {
  for (const LiveFile& file : live) {
    const auto diff = std::find_if(wanted.diffs.begin(), wanted.diffs.end(),
                                   [&](const FileDiff& one) { return one.path == file.path; });
    if (diff == wanted.diffs.end()) continue;
    if (file.state == LiveFile::State::TooLarge) {
      diff->note = "it is larger than 128 KiB";
      continue;
    }
    const auto after = wanted.content.find(file.path);
    if (after == wanted.content.end()) diff->note = "what was there before meshctl came is put back, if anything was";
    diff->text = unified_diff(file.content, after == wanted.content.end() ? std::string_view() : after->second);
  }
}

}  // namespace

std::vector<std::vector<FileDiff>> diff_plan(const FleetSession& run, const Fleet& fleet, const Plan& plan,
                                             Diags& faults) {
  const Mesh& mesh = fleet.project.mesh();
  std::map<std::string_view, HostIndex> by_name;
  for (const HostIndex host : fleet.hosts) by_name[mesh.hosts[host].name] = host;

  Compiler::Worker worker(fleet.project.compiler());
  std::vector<Wanted> all;
  std::vector<HostIndex> hosts;
  std::vector<std::string> generations;
  std::vector<std::vector<std::string>> paths;
  for (std::size_t i = 0; i < plan.hosts.size(); ++i) {
    const HostChange& change = plan.hosts[i];
    if (change.action == Action::None) continue;
    const HostIndex host = by_name.at(change.host);
    Wanted& wanted = all.emplace_back(wanted_of(change, worker.compile(host)));
    wanted.at = i;
    hosts.push_back(host);
    generations.push_back(change.from);
    paths.push_back(wanted.paths);
  }

  auto answers = show_fleet(run.context(), fleet.agents->of(hosts), generations, paths, run.limits());
  std::vector<std::vector<FileDiff>> out(plan.hosts.size());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i]) {
      compare(*answers[i], all[i]);
      out[all[i].at] = std::move(all[i].diffs);
    } else {
      std::move(answers[i].error().begin(), answers[i].error().end(), std::back_inserter(faults));
    }
  }
  return out;
}

}  // namespace meshctl
