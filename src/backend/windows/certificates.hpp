// What scripts put into the machine's certificate stores: CAs, certificates between them and the host's, and its own.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "backend/backend.hpp"

namespace meshctl::windows {

/// Some link of the host has auth x509.
bool uses_certificates(const HostPlan& plan);
/// A key that was made on the host, and a third party's own, lie in the machine's store already, with the certificate:
/// the rules name the CA only.
bool brings_own_certificate(const HostPlan& plan, const KeySource& keys);

/// cmd puts a variable's value in place of %NAME%, and netsh reads two CAs at a |: no quotes help against that.
bool ca_name_fits(std::string_view name);

/// Views last as long as `keys`.
struct BroughtCertificate {
  std::string file;             // below meshctl's folder
  std::string_view store;       // "Root", or "CA" for those between and for revocation lists
  std::string_view thumbprint;  // by which it is found there
  std::string_view pem;
};
/// All but the host's own. Nothing where there is no link with auth x509.
std::vector<BroughtCertificate> brought_certificates(const HostPlan& plan, const KeySource& keys);
/// Revocation lists of the CAs. certutil takes them like certificates; PowerShell's Cert: drive does not show them.
std::vector<BroughtCertificate> brought_revocations(const HostPlan& plan, const KeySource& keys);

/// crl-1.crl, ca-1.cer, chain-1.cer, …; host.cer and host.pfx.
void emit_certificates(const HostPlan& plan, const KeySource& keys, std::vector<Artefact>& out);

}  // namespace meshctl::windows
