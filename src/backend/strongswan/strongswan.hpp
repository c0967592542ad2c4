// The strongSwan back end: swanctl connections and secrets, and the kernel policies that charon leaves alone.
//
//   /etc/swanctl/conf.d/meshctl.conf           0644  connections
//   /etc/swanctl/conf.d/meshctl-secrets.conf   0600  pre-shared keys
//   /etc/meshctl/policies.xfrm                 0600  one `ip -batch` command a line
#pragma once
#include <memory>

#include "backend/backend.hpp"
#include "backend/strongswan/model.hpp"
#include "backend/strongswan/xfrm.hpp"

namespace meshctl::strongswan {

inline constexpr std::string_view kConnectionsPath = "/etc/swanctl/conf.d/meshctl.conf";
inline constexpr std::string_view kSecretsPath = "/etc/swanctl/conf.d/meshctl-secrets.conf";
inline constexpr std::string_view kPoliciesPath = "/etc/meshctl/policies.xfrm";

/// Fails when a template names a slot that is not there.
Result<std::unique_ptr<Backend>> make_backend(const TemplateSet& templates, Sources& sources);

/// What the emitted files mean, straight from the plan: parse(emit(plan)) is equal to these. Each file's own part.
SwanFile connections_of(const HostPlan& plan);
SwanFile secrets_of(const HostPlan& plan, const PskSource& psks);
std::vector<XfrmPolicy> policies_of(const HostPlan& plan);

/// Wishes that strongSwan or the kernel cannot meet, on `host`'s links (E22xx).
void check_host(const Mesh& mesh, HostIndex host, DiagSink& sink);

}  // namespace meshctl::strongswan
