// The vault's keys in the forms that back ends put into files, rendered once for a whole compile.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "backend/key_source.hpp"
#include "base/secret.hpp"
#include "keys/keys.hpp"
#include "mesh/hostplan.hpp"

namespace meshctl {

struct CheckedMesh;  // compile/rules.hpp

/// "meshctl keys issue office.yaml web-1": what a user can type who has this mesh's inventory.
std::string keys_command(const Mesh& mesh, std::string_view verb, std::string_view rest = {});

/// E3055 if a Windows host has to name this CA in a batch file and cannot.
std::optional<Diag> ca_of_windows(const Mesh& mesh, std::string_view subject);

/// By host: it has at least one link of this kind.
std::vector<bool> hosts_with(Auth auth, const Mesh& mesh);

/// What KeyTable::make() would refuse, as notes (N3020) with the commands that help: one for all that `meshctl keys
/// make` makes, one for each of the others.
Diags missing_keys(const Mesh& mesh, const KeyStore& store, const CheckedMesh& checked);

/// One host's asymmetric key, rendered.
struct KeyForms {
  Secret plainrsa;  // empty for a certificate's key
  Secret pem;       // empty when held, or a third party's
  Secret pfx;       // a certificate's key on Windows, with the certificate; else empty
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

  /// " spis 4096-4099": lowest and highest of these pairs' SAs, the same seen from both ends.
  [[nodiscard]] std::string spis_in_words(std::span<const AddressPair> pairs) const;

  /// Errors at the host's or link's place, each with the command that makes what is missing: E3020 no RSA key, E3021 no
  /// certificate, E3022 no manual SA, E3024 a subject that no configuration file can carry, E3025 a certificate from a
  /// CA that is gone, E3026 one of another subject. W3020: a certificate lacks an address of its host; W3021: a CA that
  /// racoon cannot use. No clock: whether certificates have expired is for `keys list` to say.
  static KeyTable make(const Mesh& mesh, const KeyStore& store, const CheckedMesh& checked, DiagSink& sink);
};

}  // namespace meshctl
