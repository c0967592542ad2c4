#include "keys/certify.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "keys/rsa.hpp"

namespace meshctl {
namespace {

template <class Store>
auto* with_role(Store& store, AuthorityRole role) {
  const auto found = std::find_if(store.authorities.begin(), store.authorities.end(),
                                  [&](const Authority& authority) { return authority.role == role; });
  return found == store.authorities.end() ? nullptr : &*found;
}

/// The CA that a host's own certificate is from, or nullptr.
template <class Store>
auto* issuer_of(Store& store, const CertifiedKey& host) {
  const auto found = std::find_if(store.authorities.begin(), store.authorities.end(), [&](const Authority& authority) {
    return signed_by(host.certificate, authority.certificate);
  });
  return found == store.authorities.end() ? nullptr : &*found;
}

/// A name that no CA of this mesh has, also none that was dropped as long as a newer one is there.
unsigned next_number(const KeyStore& store) {
  unsigned highest = 0;
  for (const Authority& authority : store.authorities) {
    const std::string subject = certificate_info(authority.certificate).subject;
    const std::size_t digits = subject.find_last_not_of("0123456789") + 1;
    if (authority.role == AuthorityRole::External || digits == subject.size() || subject.size() - digits > 6) continue;
    highest = std::max(highest, static_cast<unsigned>(std::stoul(subject.substr(digits))));
  }
  return highest + 1;
}

tl::unexpected<Diags> not_now(std::string text, std::string hint) {
  return fail("E3039", std::move(text), {}, std::move(hint));
}

}  // namespace

Authority* issuing_authority(KeyStore& store) { return with_role(store, AuthorityRole::Current); }
const Authority* issuing_authority(const KeyStore& store) { return with_role(store, AuthorityRole::Current); }

Result<void> init_authority(KeyStore& store, CaKind kind, const Validity& validity) {
  if (const Authority* there = issuing_authority(store)) {
    return fail("E3035", fmt::format("the mesh has a CA: '{}'", certificate_info(there->certificate).subject), {},
                "'meshctl keys ca roll add' begins to replace it without cutting a link");
  }
  store.authorities.push_back(make_authority(store.mesh, next_number(store), kind, validity));
  return {};
}

Result<void> issue_for(KeyStore& store, const std::string& host_id, const HostSubject& subject,
                       const IssueOptions& options) {
  Authority* authority = issuing_authority(store);
  if (authority == nullptr) {
    return fail("E3036", "the mesh has no CA of its own", {},
                "'meshctl keys make' makes one; for an external CA use 'meshctl keys csr HOST'");
  }
  if (const auto why = why_bad_subject(subject.subject)) {
    return fail("E3041", fmt::format("'{}' cannot be a certificate's subject: {}", subject.subject, *why), {},
                "such as: C=DE, O=Example, CN=gw");
  }
  const auto found = store.certificates.find(host_id);
  const bool has_key = !lacks_key(store, host_id);
  if (options.new_key && has_key && found->second.key.pkcs8.empty()) {
    return fail("E3037",
                fmt::format("the private key of '{}' is not in the vault, so no new one can be made here", host_id), {},
                "make it on the host and use 'meshctl keys install-cert HOST FILE --held PATH'");
  }
  KeyPair key;
  if (options.new_key || !has_key) {
    auto made = generate_rsa(options.key_bits);
    if (!made) return tl::unexpected(std::move(made.error()));
    key = std::move(*made);
  } else {
    key = found->second.key.clone();
  }
  CertifiedKey& host = store.certificates[host_id];
  host.certificate = issue_certificate(*authority, subject, key.spki, options.validity);
  host.chain.clear();
  host.key = std::move(key);
  return {};
}

bool lacks_key(const KeyStore& store, const std::string& host_id) {
  const auto found = store.certificates.find(host_id);
  return found == store.certificates.end() || !found->second.key.there();
}

std::optional<std::string> why_issue(const KeyStore& store, const std::string& host_id, const HostSubject& subject,
                                     std::int64_t now, unsigned days_before) {
  const auto found = store.certificates.find(host_id);
  if (found == store.certificates.end()) return "it has none";
  if (found->second.certificate.empty()) {
    if (found->second.requested.there()) return std::nullopt;  // an external CA has been asked
    return "it has none";
  }
  const Authority* issuer = issuer_of(store, found->second);
  if (!found->second.chain.empty() || (issuer != nullptr && issuer->role == AuthorityRole::External))
    return std::nullopt;
  if (issuer == nullptr || issuer->role != AuthorityRole::Current) return "it is from a CA that issues no more";
  const CertificateInfo info = certificate_info(found->second.certificate);
  if (info.not_after - now < std::int64_t{days_before} * kDay) {
    return fmt::format("it expires on {}", date_text(info.not_after));
  }
  if (info.subject != subject.subject) return fmt::format("its subject is '{}'", info.subject);
  for (const std::string& name : subject.names) {
    if (std::find(info.names.begin(), info.names.end(), name) == info.names.end()) {
      return fmt::format("it does not name {}", name);
    }
  }
  return std::nullopt;
}

Result<void> revoke(KeyStore& store, const std::string& host_id, const Validity& next_update) {
  const auto found = store.certificates.find(host_id);
  if (found == store.certificates.end() || found->second.certificate.empty()) {
    return fail("E3038", fmt::format("'{}' has no certificate to revoke", host_id), {},
                "'meshctl keys list' shows what there is");
  }
  Authority* issuer = issuer_of(store, found->second);
  if (issuer == nullptr || issuer->role == AuthorityRole::External) {
    return fail("E3038", fmt::format("the certificate of '{}' is not from a CA of this mesh", host_id), {},
                "revoke it there, then 'meshctl keys ca import --crl FILE'");
  }
  issuer->revoked.push_back({certificate_info(found->second.certificate).serial, next_update.now, host_id});
  renew_crl(*issuer, next_update);
  store.certificates.erase(found);
  return {};
}

std::size_t renew_crls(KeyStore& store, const Validity& next_update) {
  std::size_t count = 0;
  for (Authority& authority : store.authorities) {
    if (authority.pkcs8.empty()) continue;
    renew_crl(authority, next_update);
    ++count;
  }
  return count;
}

Result<void> roll_add(KeyStore& store, CaKind kind, const Validity& validity) {
  if (issuing_authority(store) == nullptr) return not_now("there is no CA to replace", "meshctl keys ca init");
  if (with_role(store, AuthorityRole::Next) != nullptr) {
    return not_now("the new CA is there already", "apply, then 'meshctl keys ca roll issue'");
  }
  if (with_role(store, AuthorityRole::Former) != nullptr) {
    return not_now("the last roll-over is not over yet", "apply, then 'meshctl keys ca roll drop'");
  }
  Authority next = make_authority(store.mesh, next_number(store), kind, validity);
  next.role = AuthorityRole::Next;
  store.authorities.push_back(std::move(next));
  return {};
}

Result<void> roll_switch(KeyStore& store) {
  Authority* next = with_role(store, AuthorityRole::Next);
  if (next == nullptr) return not_now("there is no new CA to switch to", "meshctl keys ca roll add");
  if (Authority* current = issuing_authority(store)) current->role = AuthorityRole::Former;
  next->role = AuthorityRole::Current;
  return {};
}

Result<void> roll_drop(KeyStore& store) {
  const Authority* former = with_role(store, AuthorityRole::Former);
  if (former == nullptr)
    return not_now("there is no former CA to drop", "'meshctl keys ca roll issue' comes before this");
  for (const auto& [id, host] : store.certificates) {
    if (host.certificate.empty() || issuer_of(store, host) != former) continue;
    return not_now(fmt::format("the certificate of '{}' is still from the former CA", id),
                   "'meshctl keys issue' for it, apply, then again; or 'meshctl keys revoke' a host that is gone");
  }
  store.authorities.erase(store.authorities.begin() + (former - store.authorities.data()));
  return {};
}

Result<bool> import_authority(KeyStore& store, std::string certificate, std::string_view name) {
  const CertificateInfo info = certificate_info(certificate);
  if (!info.authority) {
    return fail("E3042", fmt::format("'{}' in '{}' is not a CA", info.subject, name), {},
                "give the CA's own certificate; a host's is for 'meshctl keys install-cert'");
  }
  for (const Authority& authority : store.authorities) {
    if (authority.certificate == certificate) return false;
  }
  Authority external;
  external.role = AuthorityRole::External;
  external.certificate = std::move(certificate);
  store.authorities.push_back(std::move(external));
  return true;
}

Result<void> import_crl(KeyStore& store, std::string crl, std::string_view name) {
  for (Authority& authority : store.authorities) {
    if (authority.role != AuthorityRole::External || !crl_signed_by(crl, authority.certificate)) continue;
    authority.crl = std::move(crl);
    return {};
  }
  return fail("E3043", fmt::format("the CRL in '{}' is from no external CA that the vault has", name), {},
              "import the CA first: meshctl keys ca import FILE");
}

}  // namespace meshctl
