#include "backend/windows/certificates.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "backend/windows/netsh_emit.hpp"

namespace meshctl::windows {

bool uses_certificates(const HostPlan& plan) {
  return std::any_of(plan.peers.begin(), plan.peers.end(),
                     [](const PeerPlan& peer) { return peer.terms->auth == Auth::X509; });
}

bool brings_own_certificate(const HostPlan& plan, const KeySource& keys) {
  return keys.has_certificate_private(plan.host);
}

bool ca_name_fits(std::string_view name) { return name.find_first_of("%|") == std::string_view::npos; }

std::vector<BroughtCertificate> brought_certificates(const HostPlan& plan, const KeySource& keys) {
  std::vector<BroughtCertificate> out;
  if (!uses_certificates(plan)) return out;
  for (const CaCertificate& ca : keys.cas())
    out.push_back({fmt::format("ca-{}.cer", out.size() + 1), "Root", ca.thumbprint, ca.pem});
  unsigned number = 0;
  for (const ChainCertificate& between : keys.certificate(plan.host).chain)
    out.push_back({fmt::format("chain-{}.cer", ++number), "CA", between.thumbprint, between.pem});
  return out;
}

std::vector<BroughtCertificate> brought_revocations(const HostPlan& plan, const KeySource& keys) {
  std::vector<BroughtCertificate> out;
  if (!uses_certificates(plan)) return out;
  for (const CaCrl& crl : keys.crls())
    out.push_back({fmt::format("crl-{}.crl", out.size() + 1), "CA", crl.thumbprint, crl.pem});
  return out;
}

void emit_certificates(const HostPlan& plan, const KeySource& keys, std::vector<Artefact>& out) {
  for (const BroughtCertificate& one : brought_certificates(plan, keys))
    out.emplace_back(std::string(kFolder) + one.file, 0644, false).content = one.pem;
  for (const BroughtCertificate& one : brought_revocations(plan, keys))
    out.emplace_back(std::string(kFolder) + one.file, 0644, false).content = one.pem;
  if (!uses_certificates(plan) || !brings_own_certificate(plan, keys)) return;
  // For people, and for `verify`: nothing imports it.
  out.emplace_back(std::string(kFolder) + "host.cer", 0644, false).content = keys.certificate(plan.host).pem;
  Artefact& own = out.emplace_back(std::string(kFolder) + "host.pfx", 0600, true);
  own.content.reserve(kPrivateKeyRoom);
  keys.append_certificate_pfx(plan.host, own.content);
}

}  // namespace meshctl::windows
