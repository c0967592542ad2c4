#include "cli/fleet_setup.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <utility>

#include "apply/agent_kind.hpp"
#include "backend/strongswan/model.hpp"
#include "base/parallel.hpp"
#include "bundle/pack.hpp"
#include "compile/workers.hpp"
#include "mesh/lockout.hpp"

namespace meshctl {
namespace {

/// The controller must not shut itself out: a policy over its own SSH connection is refused before anything is sent.
Diags judge_lockout(const Mesh& mesh, HostIndex host, const std::string& client) {
  const auto controller = Address::parse(client);
  if (!controller) return {};
  const auto found = find_lockout(mesh, host, *controller);
  if (!found) return {};
  const std::string& peer = mesh.hosts[found->peer].name;
  const std::string way_out =
      found->before_bypasses
          ? fmt::format("make an exception in the link's select, {{protocol: tcp, port: {}, action: none}}",
                        mesh.hosts[host].ssh.port)
          : fmt::format("add {{ssh-controller: [{}]}} to bypass", controller->text());
  return fail("E6005",
              fmt::format("link {} - {} would cover this SSH connection, which comes from {} ({})",
                          mesh.hosts[host].name, peer, client, peer),
              found->where, way_out + ", or go on with --allow-lockout: the dead-man timer reverts the host")
      .value();
}

/// A syntax error in any file that swanctl includes would unload every connection, with exit status 0. The files may
/// hold other people's secrets: only places and our own words leave this function.
Diags judge_foreign(const std::vector<ForeignLine>& lines) {
  std::map<std::string, std::string> files;
  for (const ForeignLine& line : lines) files[line.path] += line.text + "\n";
  DiagSink out;
  for (const auto& [path, content] : files) {
    Sources sources;
    DiagSink sink;
    strongswan::parse_swanctl(path, content, sources, sink);
    for (const Diag& diag : sink.take()) {
      if (diag.severity != Severity::Error) continue;
      out.error("E6061", {}, fmt::format("{}:{}:{}: {}", path, diag.where.line, diag.where.col, diag.text))
          .with_hint("swanctl would drop all connections: mend the file on the host first");
    }
  }
  return out.take();
}

bool requires_protection(const Mesh& mesh, HostIndex host) {
  const auto& links = mesh.links_of[host];
  return std::any_of(links.begin(), links.end(), [&](LinkIndex link) {
    const Terms& terms = mesh.terms[mesh.links[link].terms];
    return terms.protects() && terms.level != Level::Use;
  });
}

/// What the host gives another destination it forwards: the policies of its links, which are about its own addresses,
/// are not asked. Packets in clear that come from a link's other end get in there.
Diags judge_redirects(const Mesh& mesh, HostIndex host, const std::vector<std::string>& rules) {
  DiagSink sink;
  if (rules.empty() || !requires_protection(mesh, host)) return {};
  sink.warning("W6005", mesh.hosts[host].where,
               fmt::format("host '{}' redirects packets that come for it, past the policies of its links: {}{}",
                           mesh.hosts[host].name, rules.front(),
                           rules.size() > 1 ? fmt::format(" (and {} more rules)", rules.size() - 1) : ""))
      .with_hint(
          "packets in clear that pretend to come from a link's other end get in there: drop them ahead of the "
          "rule (docs/security.md, \"Redirected packets\")");
  return sink.take();
}

Result<Payload> make_payload(const Compiler& compiler, HostIndex host, std::string_view agent) {
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

std::shared_ptr<const AgentKind> make_agent(const Backend& backend) {
  return backend.kind() == BackendKind::Windows ? make_windows_agent() : make_sh_agent(backend.activation());
}

Agents::Agents(const Compiler& compiler) : compiler_(compiler) {
  for (HostIndex host = 0; host < compiler.mesh().hosts.size(); ++host) {
    const Backend& backend = compiler.backend_of(host);
    const bool known =
        std::any_of(kinds_.begin(), kinds_.end(), [&](const auto& k) { return k.first == backend.kind(); });
    if (!known) kinds_.emplace_back(backend.kind(), make_agent(backend));
  }
}

std::shared_ptr<const AgentKind> Agents::kind(HostIndex host) const {
  const BackendKind kind = compiler_.mesh().hosts[host].backend;
  return std::find_if(kinds_.begin(), kinds_.end(), [&](const auto& k) { return k.first == kind; })->second;
}

std::vector<HostAgent> Agents::of(const std::vector<HostIndex>& hosts) const {
  std::vector<HostAgent> out;
  for (const HostIndex host : hosts) out.push_back({host, kind(host)});
  return out;
}

std::vector<Manifest> compile_manifests(const Compiler& compiler, const std::vector<HostIndex>& hosts) {
  std::vector<Manifest> out(hosts.size());
  const unsigned threads = hardware_threads();
  Workers workers(compiler, threads);
  parallel_for(hosts.size(), threads, [&](std::size_t index, unsigned worker) {
    out[index] = workers[worker].compile(hosts[index]).manifest;
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
    task.agent = {host, agents.kind(host)};
    task.generation = manifests[i].generation;
    task.payload = [&compiler, host, kind = task.agent.kind] { return make_payload(compiler, host, kind->text()); };
    task.preflight = [&project, host](const HostProbe& probe) {
      return judge_lockout(project.mesh(), host, probe.client);
    };
    task.judge_foreign = judge_foreign;
    task.judge_redirects = [&project, host](const std::vector<std::string>& rules) {
      return judge_redirects(project.mesh(), host, rules);
    };
  }
  return tasks;
}

}  // namespace meshctl
