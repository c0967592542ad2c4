// From compiled hosts to what the fleet transaction takes: agents, generations, payloads, preflight checks.
#pragma once
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "apply/fleet.hpp"
#include "bundle/bundle.hpp"
#include "cli/project.hpp"

namespace meshctl {

/// The agent that speaks for hosts of a back end.
std::shared_ptr<const AgentKind> make_agent(const Backend& backend);

/// One for each back end kind that the mesh has.
class Agents {
 public:
  explicit Agents(const Compiler& compiler);
  [[nodiscard]] std::shared_ptr<const AgentKind> kind(HostIndex host) const;
  [[nodiscard]] std::vector<HostAgent> of(const std::vector<HostIndex>& hosts) const;

 private:
  const Compiler& compiler_;
  std::vector<std::pair<BackendKind, std::shared_ptr<const AgentKind>>> kinds_;
};

/// Manifests of all `hosts`, compiled on all cores; file contents are not kept. In the order of `hosts`.
std::vector<Manifest> compile_manifests(const Compiler& compiler, const std::vector<HostIndex>& hosts);

/// Builds tasks whose payload callbacks compile their host again when, and only when, it has to be staged.
/// `project` and `agents` outlive the tasks.
std::vector<HostTask> make_tasks(const Project& project, const Agents& agents, const std::vector<HostIndex>& hosts,
                                 const std::vector<Manifest>& manifests);

}  // namespace meshctl
