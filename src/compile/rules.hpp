// Every reason for which compile refuses a mesh that lies in the inventory, in meshctl.lock, or in the files that they
// name. `validate` asks for the same and needs neither keys nor hosts.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "backend/backend.hpp"
#include "base/secret.hpp"
#include "keys/manual.hpp"
#include "keys/material.hpp"
#include "mesh/mesh.hpp"

namespace meshctl {

/// Public key material of files that the inventory names.
struct NamedKeys {
  std::map<HostIndex, std::string> rsa_public;  // DER of SubjectPublicKeyInfo, from `rsa_public_key`
  std::vector<Authority> authorities;           // from `ca_file` and `crl_file`, by host; one may be there twice
};

/// A mesh that nothing is wrong with, and what was read to know that.
struct CheckedMesh {
  std::vector<std::unique_ptr<Backend>> backends;
  std::map<std::string, Secret> explicit_psks;  // by file
  NamedKeys named;
  std::vector<ManualWish> manual;

  /// resolve() lets only kinds through that the registry has.
  [[nodiscard]] const Backend& backend_of(const Host& host) const;
};

/// E1095, E2xxx: what back ends cannot do. E3010, E3028, E4xxx: `psk_file`. E3023, E3027: manual keys. E3031, E3032,
/// E3042, E3043: files with public keys. All of them in one run.
Result<CheckedMesh> check_mesh(const Mesh& mesh, const TemplateSet& templates, Sources& sources, DiagSink& sink);

}  // namespace meshctl
