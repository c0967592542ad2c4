// Would "there" take what "here" shows: a bare key, or a certificate with its chain, dates, revocation and names?
#include <fmt/core.h>

#include <algorithm>

#include "keys/certificate.hpp"
#include "verify/compare.hpp"
#include "verify/words.hpp"

namespace meshctl::verify {
namespace {

Finding fault(std::string_view code, std::string text, std::string hint) {
  return {Severity::Error, code, std::move(text), ike(), ike(), "what the other end takes", std::move(hint)};
}

const std::string& der(const Interner<DerFile>& files, std::uint32_t number) { return files[number].bytes; }

/// From the certificate upwards; empty when no trusted CA is reached.
std::vector<std::uint32_t> path_to_ca(const Credential& shown, const Credential& taken,
                                      const Interner<DerFile>& files) {
  std::vector<std::uint32_t> path{shown.certificate};
  for (std::size_t length = 0; length < 8; ++length) {
    const std::string& last = der(files, path.back());
    for (const std::uint32_t ca : taken.cas) {
      if (!signed_by(last, der(files, ca))) continue;
      path.push_back(ca);
      return path;
    }
    const auto next = std::find_if(shown.chain.begin(), shown.chain.end(), [&](std::uint32_t link) {
      return std::find(path.begin(), path.end(), link) == path.end() && signed_by(last, der(files, link));
    });
    if (next == shown.chain.end()) return {};
    path.push_back(*next);
  }
  return {};
}

void check_dates(const CertificateInfo& info, std::int64_t at, Findings& out) {
  if (at > info.not_after) {
    out.push_back(
        fault("E7163",
              fmt::format("the certificate '{}' of {} expired on {}", info.subject, kHere, date_text(info.not_after)),
              "issue it anew"));
  } else if (at < info.not_before) {
    out.push_back(
        fault("E7163",
              fmt::format("the certificate '{}' of {} begins on {}", info.subject, kHere, date_text(info.not_before)),
              "set the clock, or issue it anew"));
  }
}

void check_crls(const std::string& certificate, const Credential& taken, const Interner<DerFile>& files,
                std::int64_t at, Findings& out) {
  for (const std::uint32_t number : taken.crls) {
    if (number == 0) continue;
    const CrlInfo list = crl_info(der(files, number));
    if (list.issuer != certificate_info(certificate).issuer) continue;
    if (crl_revokes(der(files, number), certificate)) {
      out.push_back(fault("E7164",
                          fmt::format("the certificate of {} is revoked, by a list that {} has", kHere, kThere),
                          "issue it anew"));
    } else if (list.next_update != 0 && at > list.next_update) {
      Finding old = fault(
          "W7165",
          fmt::format("the revocation list at {} should have been renewed on {}", kThere, date_text(list.next_update)),
          "renew it: `meshctl keys ca crl`");
      old.severity = Severity::Warning;
      out.push_back(std::move(old));
    }
  }
}

/// Both daemons refuse an identity that the certificate does not speak of.
bool speaks_of(const CertificateInfo& info, const Id& id, const Address& address) {
  if (id.kind == IdKind::Dn) return id.value == canonical_dn(info.subject);
  if (id.kind == IdKind::KeyId || id.kind == IdKind::Any) return true;
  const std::string value = id.mine ? address.text() : id.value;
  const char* kind = id.kind == IdKind::Address ? "IP:" : id.kind == IdKind::Fqdn ? "DNS:" : "email:";
  return std::find(info.names.begin(), info.names.end(), kind + value) != info.names.end();
}

}  // namespace

Findings compare_keys(const Credential& own, const Credential& taken, const Interner<DerFile>& files, std::int64_t at) {
  Findings out;
  if (own.elsewhere || taken.elsewhere) return out;
  if (own.keys.empty() && own.certificate == 0) {
    out.push_back(
        fault("E7160", fmt::format("{} has no key to prove itself with", kHere), "name its key or certificate"));
    return out;
  }
  if (taken.anybody) return out;
  if (!taken.keys.empty()) {
    const bool known =
        !own.keys.empty() && std::find(taken.keys.begin(), taken.keys.end(), own.keys.front()) != taken.keys.end();
    if (!known) {
      out.push_back(fault(
          "E7161", fmt::format("the public key that {} has for {} does not belong to its private key", kThere, kHere),
          "copy the public key again"));
    }
    return out;
  }
  const std::vector<std::uint32_t> path =
      own.certificate == 0 ? std::vector<std::uint32_t>() : path_to_ca(own, taken, files);
  if (path.empty()) {
    out.push_back(fault("E7162", fmt::format("{} trusts no CA that vouches for {}", kThere, kHere),
                        "install the CA's certificate there"));
    return out;
  }
  for (const std::uint32_t number : path) check_dates(certificate_info(der(files, number)), at, out);
  check_crls(der(files, path.front()), taken, files, at, out);
  return out;
}

Findings compare_names(const Shown& shown, const Credential& taken, const Interner<DerFile>& files) {
  Findings out;
  if (taken.anybody || !taken.keys.empty() || shown.credential->certificate == 0) return out;
  const CertificateInfo info = certificate_info(der(files, shown.credential->certificate));
  if (speaks_of(info, *shown.id, shown.address)) return out;
  out.push_back(fault("E7166",
                      fmt::format("the certificate '{}' of {} does not name the identity that it gives ({})",
                                  info.subject, kHere, text(shown.id->kind)),
                      "issue it with that name, or give its subject as the identity (asn1dn)"));
  return out;
}

}  // namespace meshctl::verify
