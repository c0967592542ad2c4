#include "cli/planning.hpp"

#include <utility>

namespace meshctl {
namespace {

RemoteState state_of(const Mesh& mesh, HostIndex host, HostSurvey survey) {
  RemoteState state;
  state.host = mesh.hosts[host].name;
  state.current = std::move(survey.probe.current);
  state.previous = std::move(survey.probe.previous);
  state.trial = std::move(survey.probe.trial);
  state.lock = std::move(survey.probe.lock);
  state.drift = std::move(survey.probe.drift);
  state.missing = survey.probe.missing;
  // One that is of no use only makes the plan less detailed.
  if (survey.manifest) take_manifest(*survey.manifest, mesh.name, state);
  return state;
}

}  // namespace

Plan survey_plan(const FleetSession& run, const Fleet& fleet, Diags& faults) {
  const Mesh& mesh = fleet.project.mesh();
  std::vector<std::string> wanted;
  for (const Manifest& manifest : fleet.manifests) wanted.push_back(manifest.generation);
  auto answers = survey_fleet(run.context(), fleet.agents->of(fleet.hosts), wanted, run.limits());

  std::vector<RemoteState> states;
  std::vector<Manifest> manifests;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i]) {
      states.push_back(state_of(mesh, fleet.hosts[i], std::move(*answers[i])));
      manifests.push_back(fleet.manifests[i]);
      continue;
    }
    for (Diag& diag : answers[i].error()) {
      if (diag.host.empty()) diag.host = mesh.hosts[fleet.hosts[i]].name;
      faults.push_back(std::move(diag));
    }
  }
  return make_plan(mesh.name, manifests, states);
}

}  // namespace meshctl
