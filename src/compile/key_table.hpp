// The vault's keys in the forms that back ends put into files, rendered once for a whole compile.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "backend/key_source.hpp"
#include "base/secret.hpp"
#include "keys/keys.hpp"
#include "mesh/mesh.hpp"

namespace meshctl {

/// One host's asymmetric key, rendered.
struct KeyForms {
  Secret plainrsa;  // empty for a certificate's key
  Secret pem;       // empty when held
  std::optional<HeldKey> held;
};

struct KeyTable {
  /// By host; a host whose links do not use them has empty ones.
  std::vector<RsaPublic> rsa_public;
  std::vector<KeyForms> rsa;
  std::vector<HostCertificate> certificates;
  std::vector<KeyForms> certificate_keys;
  std::vector<CaCertificate> cas;
  std::vector<CaCrl> crls;
  /// By source, destination and protocol: a pair of addresses belongs to one link.
  std::map<std::tuple<Address, Address, SaProtocol>, ManualSa> manual;
};

}  // namespace meshctl
