#include "cli/planning.hpp"

#include <utility>

namespace meshctl {
namespace {

RemoteState state_of(const std::string& host, HostSurvey survey) {
  RemoteState state;
  state.host = host;
  state.current = std::move(survey.probe.current);
  state.previous = std::move(survey.probe.previous);
  state.trial = std::move(survey.probe.trial);
  state.lock = std::move(survey.probe.lock);
  state.drift = std::move(survey.probe.drift);
  if (!survey.manifest) return state;
  // A manifest that cannot be read (an older schema) only makes the plan less detailed.
  if (auto manifest = parse_manifest(*survey.manifest, host + ": manifest.json")) state.manifest = std::move(*manifest);
  return state;
}

}  // namespace

Result<Plan> survey_plan(const FleetSession& run, const Fleet& fleet) {
  const Mesh& mesh = fleet.project.mesh();
  std::vector<std::string> wanted;
  for (const Manifest& manifest : fleet.manifests) wanted.push_back(manifest.generation);
  auto answers = survey_fleet(run.context(), fleet.agents->of(fleet.hosts), wanted, run.limits());

  Diags faults;
  std::vector<RemoteState> states;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const std::string& host = mesh.hosts[fleet.hosts[i]].name;
    if (answers[i]) {
      states.push_back(state_of(host, std::move(*answers[i])));
      continue;
    }
    for (Diag& diag : answers[i].error()) {
      if (diag.host.empty()) diag.host = host;
      faults.push_back(std::move(diag));
    }
  }
  if (!faults.empty()) return tl::unexpected(std::move(faults));
  return make_plan(mesh.name, fleet.manifests, states);
}

}  // namespace meshctl
