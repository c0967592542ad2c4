#include "keys/expiry.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "keys/authority.hpp"
#include "keys/certificate.hpp"

namespace meshctl {
namespace {

std::int64_t days_between(std::int64_t now, std::int64_t when) {
  const std::int64_t left = when - now;
  return left >= 0 ? left / kDay : -((-left + kDay - 1) / kDay);
}

std::string what(const Expiry& expiry) {
  switch (expiry.kind) {
    case Expiry::Kind::Certificate: return fmt::format("the certificate of '{}'", expiry.name);
    case Expiry::Kind::Authority: return fmt::format("the CA '{}'", expiry.name);
    case Expiry::Kind::Crl: return fmt::format("the CRL of '{}'", expiry.name);
  }
  return {};
}

std::string_view way_out(Expiry::Kind kind) {
  switch (kind) {
    case Expiry::Kind::Certificate: return "'meshctl keys issue' renews it, then 'meshctl apply'";
    case Expiry::Kind::Authority: return "'meshctl keys ca roll add' begins to replace it";
    case Expiry::Kind::Crl: return "'meshctl keys ca crl' renews it, then 'meshctl apply'";
  }
  return {};
}

}  // namespace

std::vector<Expiry> expiries(const KeyStore& store, std::int64_t now) {
  std::vector<Expiry> out;
  const auto add = [&](Expiry::Kind kind, const std::string& name, std::int64_t when) {
    out.push_back({kind, name, when, days_between(now, when)});
  };
  for (const auto& [id, host] : store.certificates) {
    if (!host.certificate.empty()) add(Expiry::Kind::Certificate, id, certificate_info(host.certificate).not_after);
  }
  for (const Authority& authority : store.authorities) {
    const CertificateInfo info = certificate_info(authority.certificate);
    add(Expiry::Kind::Authority, info.subject, info.not_after);
    if (authority.crl.empty()) continue;
    if (const CrlInfo crl = crl_info(authority.crl); crl.next_update != 0) {
      add(Expiry::Kind::Crl, info.subject, crl.next_update);
    }
  }
  std::stable_sort(out.begin(), out.end(), [](const Expiry& a, const Expiry& b) { return a.when < b.when; });
  return out;
}

void lint_expiry(const KeyStore& store, std::int64_t now, unsigned days, DiagSink& sink) {
  for (const Expiry& expiry : expiries(store, now)) {
    if (expiry.days > days) return;
    Diag& diag = expiry.days < 0
                     ? sink.warning("W3031", {}, fmt::format("{} expired on {}", what(expiry), date_text(expiry.when)))
                     : sink.warning("W3030", {},
                                    fmt::format("{} expires on {}, in {} days", what(expiry), date_text(expiry.when),
                                                expiry.days));
    diag.with_hint(std::string(way_out(expiry.kind)));
  }
}

}  // namespace meshctl
