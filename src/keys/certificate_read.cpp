// Certificates that somebody else made: files in, checked against the key and the CAs that they must fit.
#include <fmt/core.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <ctime>

#include "keys/certificate.hpp"
#include "keys/pkey.hpp"

namespace meshctl {
namespace {

using Store = ossl::Handle<X509_STORE, X509_STORE_free>;
using StoreContext = ossl::Handle<X509_STORE_CTX, X509_STORE_CTX_free>;
using Stack = ossl::Handle<STACK_OF(X509), [](STACK_OF(X509) * stack) { sk_X509_free(stack); }>;

tl::unexpected<Diags> unreadable(std::string_view name, std::string_view what) {
  return fail("E3032", fmt::format("'{}' has no readable {}", name, what), {}, "give PEM or DER");
}

/// What OpenSSL thinks of `leaf` at `now` with these roots, and the chain it found (owned by `context`).
int verify(const std::vector<ossl::Certificate>& given, X509* leaf, const std::vector<std::string>& trusted,
           std::int64_t now, std::vector<std::string>& chain) {
  const Store store(X509_STORE_new());
  ossl::must(store != nullptr);
  for (const std::string& der : trusted) {
    const auto root = ossl::certificate(der);
    ossl::must(root != nullptr && X509_STORE_add_cert(store.get(), root.get()) == 1);
  }
  const Stack others(sk_X509_new_null());
  ossl::must(others != nullptr);
  for (const auto& certificate : given) ossl::must(sk_X509_push(others.get(), certificate.get()) > 0);
  const StoreContext context(X509_STORE_CTX_new());
  ossl::must(context != nullptr && X509_STORE_CTX_init(context.get(), store.get(), leaf, others.get()) == 1);
  // An imported CA need not be a root: whoever imports it trusts it.
  X509_STORE_CTX_set_flags(context.get(), X509_V_FLAG_PARTIAL_CHAIN);
  X509_STORE_CTX_set_time(context.get(), 0, static_cast<std::time_t>(now));
  if (X509_verify_cert(context.get()) != 1) return X509_STORE_CTX_get_error(context.get());
  STACK_OF(X509)* found = X509_STORE_CTX_get0_chain(context.get());
  // Without the host's own at the front, and without the trusted one at the end.
  for (int i = 1; i + 1 < sk_X509_num(found); ++i) chain.push_back(ossl::der_of(sk_X509_value(found, i), i2d_X509));
  return X509_V_OK;
}

}  // namespace

Result<std::vector<std::string>> read_certificates(std::string_view content, std::string_view name) {
  const ossl::ErrorQueue queue;
  if (ossl::certificate(content)) return std::vector<std::string>{std::string(content)};
  const ossl::Bio bio(BIO_new_mem_buf(content.data(), static_cast<int>(content.size())));
  ossl::must(bio != nullptr);
  std::vector<std::string> out;
  while (true) {
    const ossl::Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (!certificate) break;
    out.push_back(ossl::der_of(certificate.get(), i2d_X509));
  }
  const bool ended = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (out.empty() || !ended) return unreadable(name, "certificate");
  return out;
}

Result<std::string> read_crl(std::string_view content, std::string_view name) {
  const ossl::ErrorQueue queue;
  if (ossl::crl(content)) return std::string(content);
  const ossl::Bio bio(BIO_new_mem_buf(content.data(), static_cast<int>(content.size())));
  ossl::must(bio != nullptr);
  const ossl::Crl crl(PEM_read_bio_X509_CRL(bio.get(), nullptr, nullptr, nullptr));
  if (!crl) return unreadable(name, "CRL");
  return ossl::der_of(crl.get(), i2d_X509_CRL);
}

Result<Installed> arrange_chain(std::vector<std::string> certificates, std::string_view spki,
                                const std::vector<std::string>& trusted, std::int64_t now, std::string_view name) {
  const ossl::ErrorQueue queue;
  const auto own = std::find_if(certificates.begin(), certificates.end(),
                                [&](const std::string& der) { return certificate_info(der).spki == spki; });
  if (own == certificates.end()) {
    return fail("E3033", fmt::format("no certificate in '{}' is for the host's key", name), {},
                "have the request of 'meshctl keys csr HOST' signed, the last one made");
  }
  Installed out{*own, {}};
  std::vector<ossl::Certificate> given;
  for (const std::string& der : certificates) given.push_back(ossl::certificate(der));
  const auto leaf = ossl::certificate(out.certificate);
  const int verdict = verify(given, leaf.get(), trusted, now, out.chain);
  if (verdict != X509_V_OK) {
    return fail(
        "E3034",
        fmt::format("the certificate in '{}' is not accepted: {}", name, X509_verify_cert_error_string(verdict)), {},
        "import its CA with 'meshctl keys ca import FILE', and give intermediate certificates in the same file");
  }
  return out;
}

}  // namespace meshctl
