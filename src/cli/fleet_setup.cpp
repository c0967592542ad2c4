#include "cli/fleet_setup.hpp"

#include <algorithm>
#include <utility>

#include "backend/strongswan/swanctl.hpp"
#include "base/embedded.hpp"
#include "base/parallel.hpp"
#include "bundle/pack.hpp"
#include "mesh/lockout.hpp"

namespace meshctl {
namespace {

std::string assemble(std::string_view activation) {
  std::string script;
  for (std::size_t i = 0; i < embedded_agent_count; ++i) {
    if (embedded_agent[i].name == "agent.sh") script += embedded_agent[i].content;
  }
  script += activation;
  script += "meshctl_main \"$@\"\n";
  return script;
}

Result<Payload> make_payload(const Compiler& compiler, HostIndex host, const std::string& agent) {
  Compiler::Worker worker(compiler);
  auto pack = Pack::make(worker.compile(host), agent);
  if (!pack) return tl::unexpected(std::move(pack.error()));
  Payload payload;
  payload.sum = pack->sum();
  payload.tar.reserve(pack->size());
  for (std::string_view piece = pack->next(); !piece.empty(); piece = pack->next()) payload.tar.append(piece);
  return payload;
}

}  // namespace

Agents::Agents(const Compiler& compiler) : compiler_(compiler) {
  for (HostIndex host = 0; host < compiler.mesh().hosts.size(); ++host) {
    const Backend& backend = compiler.backend_of(host);
    const bool known =
        std::any_of(scripts_.begin(), scripts_.end(), [&](const auto& s) { return s.first == backend.kind(); });
    if (!known)
      scripts_.emplace_back(backend.kind(), std::make_shared<const std::string>(assemble(backend.activation())));
  }
}

std::shared_ptr<const std::string> Agents::script(HostIndex host) const {
  const BackendKind kind = compiler_.mesh().hosts[host].backend;
  return std::find_if(scripts_.begin(), scripts_.end(), [&](const auto& s) { return s.first == kind; })->second;
}

std::vector<HostAgent> Agents::of(const std::vector<HostIndex>& hosts) const {
  std::vector<HostAgent> out;
  for (const HostIndex host : hosts) out.push_back({host, script(host)});
  return out;
}

std::vector<Manifest> compile_manifests(const Compiler& compiler, const std::vector<HostIndex>& hosts) {
  std::vector<Manifest> out(hosts.size());
  const unsigned threads = hardware_threads();
  std::vector<std::unique_ptr<Compiler::Worker>> workers(threads);
  parallel_for(hosts.size(), threads, [&](std::size_t index, unsigned worker) {
    if (!workers[worker]) workers[worker] = std::make_unique<Compiler::Worker>(compiler);
    out[index] = workers[worker]->compile(hosts[index]).manifest;
  });
  return out;
}

std::vector<HostTask> make_tasks(const Project& project, const Agents& agents, const std::vector<HostIndex>& hosts,
                                 const std::vector<Manifest>& manifests) {
  std::vector<HostTask> tasks;
  const Compiler& compiler = project.compiler();
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    const HostIndex host = hosts[i];
    HostTask& task = tasks.emplace_back();
    task.agent = {host, agents.script(host)};
    task.generation = manifests[i].generation;
    task.payload = [&compiler, host, script = task.agent.script] { return make_payload(compiler, host, *script); };
    task.preflight = [&project, host](const HostProbe& probe) {
      return lockout_diags(project.mesh(), host, probe.client);
    };
    task.judge_foreign = [](const std::vector<ForeignLine>& lines) { return judge_foreign_files(lines); };
  }
  return tasks;
}

}  // namespace meshctl
