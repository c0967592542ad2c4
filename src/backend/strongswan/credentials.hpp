// Key files below /etc/swanctl, which `swanctl --load-creds` reads by their folders.
//
//   pubkey/meshctl.pem, pubkey/meshctl-PEER.pem   auth rsa: the two ends' public keys
//   x509/meshctl.pem                              auth x509: the host's certificate; meshctl-chain-N.pem: those between
//   x509ca/meshctl-N.pem, x509crl/meshctl-N.pem             it and the CAs of the mesh, and what they have revoked
//   private/meshctl-rsa.pem, private/meshctl-x509.pem       0600
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "backend/backend.hpp"
#include "backend/host/artefact_list.hpp"

namespace meshctl::strongswan {

inline constexpr std::string_view kSwanctlFolder = "/etc/swanctl/";

/// Whether swanctl loads a private key that lies there: only from its own folders, and not from folders below them. No
/// setting names a key by its path (swanctl.conf(5)).
[[nodiscard]] bool loads_private_key(std::string_view path);

/// "meshctl-PEER.pem"
void append_public_key_name(std::string_view peer, std::string& out);
/// "meshctl-1.pem, meshctl-2.pem": all CAs of the mesh. Others that lie in x509ca/ are not ours to trust.
void append_ca_names(const KeySource& keys, std::string& out);

/// What the host's links call for; nothing where all of them have pre-shared or manual keys.
void append_credentials(const HostPlan& plan, const KeySource& keys, host::ArtefactList& files);

}  // namespace meshctl::strongswan
