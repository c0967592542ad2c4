// The strongSwan back end: swanctl connections and secrets, and the kernel policies that charon leaves alone.
//
//   /etc/swanctl/conf.d/meshctl.conf           0644  connections
//   /etc/swanctl/conf.d/meshctl-secrets.conf   0600  pre-shared keys
//   /etc/swanctl/{pubkey,x509,x509ca,x509crl,private}/meshctl*.pem   key files, where links have them (credentials.hpp)
//   /etc/meshctl/policies.xfrm                 0600  one `ip -batch` command a line
//   /etc/meshctl/states.xfrm                   0600  the same, manual SAs; where there are any
//   /etc/meshctl/routes.list                   0644  nets behind tunnels; where there are any
//   /etc/strongswan.d/meshctl.conf             0644  settings of charon itself; where the host has some
//   and those of backend/host/emit.hpp, below /etc/meshctl
#pragma once
#include <memory>

#include "backend/backend.hpp"
#include "backend/strongswan/model.hpp"
#include "backend/strongswan/xfrm.hpp"

namespace meshctl::strongswan {

inline constexpr std::string_view kConnectionsPath = "/etc/swanctl/conf.d/meshctl.conf";
inline constexpr std::string_view kSecretsPath = "/etc/swanctl/conf.d/meshctl-secrets.conf";
inline constexpr std::string_view kPoliciesPath = "/etc/meshctl/policies.xfrm";
inline constexpr std::string_view kStatesPath = "/etc/meshctl/states.xfrm";
inline constexpr std::string_view kRoutesPath = "/etc/meshctl/routes.list";
inline constexpr std::string_view kCharonPath = "/etc/strongswan.d/meshctl.conf";

/// Fails when a template names a slot that is not there.
Result<std::unique_ptr<Backend>> make_backend(const TemplateSet& templates, Sources& sources);

/// What the emitted files mean, straight from the plan: parse(emit(plan)) is equal to these. Each file's own part.
SwanFile connections_of(const HostPlan& plan, const KeySource& keys);
SwanFile secrets_of(const HostPlan& plan, const KeySource& keys);
std::vector<XfrmPolicy> policies_of(const HostPlan& plan);

/// Wishes that strongSwan or the kernel cannot meet, on `host`'s links (E22xx).
void check_host(const Mesh& mesh, HostIndex host, DiagSink& sink);

}  // namespace meshctl::strongswan
