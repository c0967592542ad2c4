#include "import/prove.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "backend/backend.hpp"
#include "backend/racoon/host_files.hpp"
#include "backend/racoon/setkey_file.hpp"
#include "mesh/mesh.hpp"
#include "mesh/wishes.hpp"

namespace meshctl::importer {
namespace {

/// One command, without what may change: the priority, and the level, which may become stricter. What a host lets pass
/// in clear with everybody is for each of its own addresses now.
std::string meaning(spd::Policy policy) {
  policy.priority = spd::kPrioDef;
  const bool in = policy.direction == spd::Direction::In;
  Prefix& local = in ? policy.selector.destination : policy.selector.source;
  const Prefix& remote = in ? policy.selector.source : policy.selector.destination;
  if (policy.action == spd::Action::None && remote.length == 0) local = Prefix::all(remote.family());
  for (spd::Request& request : policy.request) {
    request.unique = 0;
    request.level = spd::RequestLevel::Require;
    if (request.encapsulation == spd::Encapsulation::Transport) {
      request.has_endpoints = false;
      request.source = request.destination = Address();
    }
  }
  std::string out;
  racoon::append_line(policy, racoon::SetkeyVerb::SpdUpdate, out);
  return out;
}

/// The address that a host without a fixed one has when it loads this policy.
bool roams(const spd::Policy& policy) {
  const auto unknown = [](const Prefix& net) { return net.is_host() && net.address.unspecified(); };
  const auto requests = policy.requests();
  return unknown(policy.selector.source) || unknown(policy.selector.destination) ||
         std::any_of(requests.begin(), requests.end(), [](const spd::Request& request) {
           return request.has_endpoints && (request.source.unspecified() || request.destination.unspecified());
         });
}

/// Clear text may pass while there are no SAs.
bool lets_pass(const spd::Policy& policy) {
  const auto requests = policy.requests();
  return std::any_of(requests.begin(), requests.end(), [](const spd::Request& request) {
    return request.transform != spd::Transform::Ipcomp && request.level == spd::RequestLevel::Use;
  });
}

/// Windows has settings of the machine for most of them, which bypasses.cpp looks at.
bool windows_hole(const spd::Policy& policy, const HostSource& source) {
  const bool everywhere = policy.selector.source.length == 0 || policy.selector.destination.length == 0;
  return source.backend == BackendKind::Windows && policy.action == spd::Action::None && everywhere;
}

constexpr std::size_t kShown = 10;  // of one host

void compare(const HostPlan& plan, const HostSource& source, const HostFlows& flows, DiagSink& sink) {
  const std::set<const HeldPolicy*> foreign(flows.foreign.begin(), flows.foreign.end());
  std::map<std::string, const HeldPolicy*> old;
  for (const HeldPolicy& held : source.policies) {
    if (!foreign.contains(&held) && held.policy.direction != spd::Direction::Fwd && !roams(held.policy) &&
        !windows_hole(held.policy, source))
      old.emplace(meaning(held.policy), &held);
  }
  std::size_t shown = 0;
  std::set<std::string> kept;  // of the old ones
  for (const spd::Policy& made : racoon::policies_of(plan)) {
    if (windows_hole(made, source)) continue;
    const std::string line = meaning(made);
    const auto found = old.find(line);
    if (found != old.end() && (!lets_pass(made) || lets_pass(found->second->policy))) {
      kept.insert(line);
      continue;
    }
    if (++shown > kShown) continue;
    sink.warning("W8016", {}, fmt::format("host '{}' will have a policy that it had not: {}", source.name, line))
        .with_hint("if it is not meant, narrow the link with 'select', or take it out");
  }
  for (const auto& [line, held] : old) {
    if (kept.contains(line)) continue;
    if (++shown > kShown) continue;
    sink.warning("W8016", held->where, fmt::format("the inventory does not make this policy: {}", line))
        .with_hint(source.windows ? "write it into the inventory by hand if it is needed"
                                  : "write it as 'raw: {setkey: …}' of the host if it is still needed");
  }
  if (shown <= kShown) return;
  sink.warning("W8016", {}, fmt::format("host '{}' has {} more such policies", source.name, shown - kShown))
      .with_hint("correct these first");
}

void refused(const Diags& faults, DiagSink& sink) {
  for (const Diag& diag : faults) {
    if (diag.severity != Severity::Error) continue;
    sink.warning("W8017", {}, fmt::format("the inventory will be refused, {}: {}", diag.code, diag.text))
        .with_hint(diag.hint.empty() ? "correct it by hand" : diag.hint);
  }
}

/// What the back ends refuse, as compile will.
void ask_backends(const Mesh& mesh, DiagSink& sink) {
  Sources none;
  const auto backends = make_backends(TemplateSet::embedded(), none);
  if (!backends) return refused(backends.error(), sink);
  const auto backend_of = [&](HostIndex host) -> const Backend& {
    const BackendKind kind = mesh.hosts[host].backend;
    return **std::find_if(backends->begin(), backends->end(), [&](const auto& one) { return one->kind() == kind; });
  };
  DiagSink found;
  refuse_wishes(
      mesh, [&](HostIndex host) { return backend_of(host).fulfils(); }, found);
  for (HostIndex host = 0; host < mesh.hosts.size(); ++host) backend_of(host).check(mesh, host, found);
  refused(found.take(), sink);
}

}  // namespace

void prove(const Inventory& inventory, const std::vector<HostSource>& sources, const std::vector<HostFlows>& flows,
           DiagSink& sink) {
  DiagSink found;
  const auto mesh = resolve(inventory, {}, "/", found);
  if (!mesh) {
    return refused(mesh.error(), sink);
  }
  ask_backends(*mesh, sink);
  std::map<std::string_view, std::size_t> by_name;
  for (std::size_t i = 0; i < sources.size(); ++i) by_name.emplace(sources[i].name, i);
  HostPlan plan;
  for (HostIndex host = 0; host < mesh->hosts.size(); ++host) {
    const auto source = by_name.find(mesh->hosts[host].name);
    // strongSwan's holes stand on addresses of their own.
    if (source == by_name.end() || sources[source->second].backend == BackendKind::Strongswan) continue;
    project(*mesh, host, plan);
    compare(plan, sources[source->second], flows[source->second], sink);
  }
}

}  // namespace meshctl::importer
