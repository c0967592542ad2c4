#include "cli/certificate_subject.hpp"

#include <algorithm>
#include <mutex>

#include "base/parallel.hpp"
#include "keys/rsa.hpp"
#include "net/name.hpp"

namespace meshctl {

namespace {

/// "DNS:…", "IP:…" or "email:…", by the form of what the user wrote.
std::string alternative_name(std::string_view value) {
  if (const auto address = Address::parse(value)) return "IP:" + address->text();
  return (value.find('@') == value.npos ? "DNS:" : "email:") + std::string(value);
}

void add_identity(const Identity& identity, std::vector<std::string>& names) {
  if (identity.kind == IdentityKind::Fqdn) names.push_back("DNS:" + identity.value);
  if (identity.kind == IdentityKind::UserFqdn) names.push_back("email:" + identity.value);
}

}  // namespace

HostSubject subject_of(const Project& project, HostIndex index) {
  const Mesh& mesh = project.mesh();
  const Host& host = mesh.hosts[index];
  std::vector<std::string> names{"DNS:" + host.name};
  for (const HostEntry& entry : project.inventory().hosts) {
    if (entry.name.value != host.name) continue;
    for (const auto& address : entry.addresses) {
      if (is_dns_name(address.value) && !Address::parse(address.value)) names.push_back("DNS:" + address.value);
    }
  }
  if (host.identity) add_identity(*host.identity, names);
  for (const LinkIndex link : mesh.links_of[index]) {
    add_identity(identity_of(host, mesh.terms[mesh.links[link].terms], mesh.links[link].a == index), names);
  }
  for (const Address& address : host.addresses) names.push_back("IP:" + address.text());
  if (host.public_address) names.push_back("IP:" + host.public_address->text());
  for (const std::string& san : host.certificate.sans) names.push_back(alternative_name(san));
  HostSubject subject{host.certificate.subject, {}};
  for (std::string& name : names) {
    if (std::find(subject.names.begin(), subject.names.end(), name) == subject.names.end()) {
      subject.names.push_back(std::move(name));
    }
  }
  return subject;
}

Result<void> generate_all(const std::vector<KeyPair*>& pairs, unsigned bits) {
  std::mutex mutex;
  Diags faults;
  parallel_for(pairs.size(), 0, [&](std::size_t index, unsigned) {
    auto made = generate_rsa(bits);
    const std::lock_guard lock(mutex);
    if (made) {
      *pairs[index] = std::move(*made);
    } else if (faults.empty()) {
      faults = std::move(made.error());
    }
  });
  if (!faults.empty()) return tl::unexpected(std::move(faults));
  return {};
}

void add_key_size_options(Verb verb, unsigned& bits, unsigned* days) {
  verb.add_option("--bits", bits, "size of new RSA keys, 2048 to 8192").show_default();
  if (days == nullptr) return;
  verb.add_option("--days", *days, "how long new certificates are good").range(1U, 36500U).show_default();
}

}  // namespace meshctl
