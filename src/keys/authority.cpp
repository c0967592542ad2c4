#include "keys/authority.hpp"

#include <fmt/core.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>

#include "keys/certificate.hpp"
#include "keys/keys.hpp"
#include "keys/pkey.hpp"
#include "keys/rsa.hpp"

namespace meshctl {
namespace {

using Extension = ossl::Handle<X509_EXTENSION, X509_EXTENSION_free>;
using Extensions = ossl::Handle<STACK_OF(X509_EXTENSION), [](STACK_OF(X509_EXTENSION) * all) {
  sk_X509_EXTENSION_pop_free(all, X509_EXTENSION_free);
}>;
using Name = ossl::Handle<X509_NAME, X509_NAME_free>;
using Integer = ossl::Handle<ASN1_INTEGER, ASN1_INTEGER_free>;
using Time = ossl::Handle<ASN1_TIME, ASN1_TIME_free>;
using Request = ossl::Handle<X509_REQ, X509_REQ_free>;
using Revoked = ossl::Handle<X509_REVOKED, X509_REVOKED_free>;

constexpr std::int64_t kClockSkew = 3600;  // seconds that a host's clock may be behind
constexpr std::array<std::pair<std::string_view, CaKind>, 3> kKinds{
    {{"rsa3072", CaKind::Rsa3072}, {"rsa4096", CaKind::Rsa4096}, {"ec-p384", CaKind::EcP384}}};

/// O=MESH, CN=`common`. Both at most 64 bytes (RFC 5280, appendix A); names in this program are shorter.
Name make_name(std::string_view mesh, std::string_view common) {
  Name name(X509_NAME_new());
  ossl::must(name != nullptr);
  const auto add = [&](const char* field, std::string_view value) {
    ossl::must(X509_NAME_add_entry_by_txt(name.get(), field, MBSTRING_ASC, ossl::bytes(value.substr(0, 64)),
                                          static_cast<int>(std::min<std::size_t>(value.size(), 64)), -1, 0) == 1);
  };
  add("O", mesh);
  add("CN", common);
  return name;
}

Time at(std::int64_t when) {
  Time time(ASN1_TIME_set(nullptr, static_cast<std::time_t>(when)));
  ossl::must(time != nullptr);
  return time;
}

Integer serial(std::uint32_t count) {
  // A count, so that none comes twice, and 64 random bits, so that none does after a backup was put back.
  std::string bytes;
  for (const unsigned shift : {24U, 16U, 8U, 0U}) bytes += static_cast<char>((count >> shift) & 0xFFU);
  bytes += random_bytes(8).reveal();
  Integer out(BN_to_ASN1_INTEGER(ossl::number_of(bytes).get(), nullptr));
  ossl::must(out != nullptr);
  return out;
}

ossl::Pkey make_key(CaKind kind) {
  ossl::Pkey key(kind == CaKind::EcP384 ? EVP_EC_gen("P-384") : EVP_RSA_gen(kind == CaKind::Rsa3072 ? 3072U : 4096U));
  ossl::must(key != nullptr);
  return key;
}

const EVP_MD* digest_for(const EVP_PKEY* key) {
  return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC ? EVP_sha384() : EVP_sha256();
}

/// An extension from OpenSSL's text form; `issuer` and `subject` give the key identifiers.
Extension extension(X509* issuer, X509* subject, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, subject, nullptr, nullptr, 0);
  Extension made(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  ossl::must(made != nullptr);
  return made;
}

void add(X509* certificate, X509* issuer, int nid, const std::string& value) {
  ossl::must(X509_add_ext(certificate, extension(issuer, certificate, nid, value).get(), -1) == 1);
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ",") + name;
  return out;
}

/// Version, serial, times, names and key: what all certificates have.
ossl::Certificate blank(std::uint32_t count, const X509_NAME* subject, const X509_NAME* issuer, EVP_PKEY* key,
                        std::int64_t from, std::int64_t until) {
  ossl::Certificate out(X509_new());
  ossl::must(out != nullptr);
  ossl::must(X509_set_version(out.get(), X509_VERSION_3) == 1 &&
             X509_set_serialNumber(out.get(), serial(count).get()) == 1 &&
             X509_set1_notBefore(out.get(), at(from).get()) == 1 &&
             X509_set1_notAfter(out.get(), at(until).get()) == 1 && X509_set_subject_name(out.get(), subject) == 1 &&
             X509_set_issuer_name(out.get(), issuer) == 1 && X509_set_pubkey(out.get(), key) == 1);
  return out;
}

std::int64_t end_of(const Validity& validity) { return validity.now + std::int64_t{validity.days} * kDay; }

}  // namespace

std::string_view text(CaKind kind) {
  for (const auto& [word, value] : kKinds) {
    if (value == kind) return word;
  }
  return {};
}

std::optional<CaKind> parse_ca_kind(std::string_view wanted) {
  for (const auto& [word, value] : kKinds) {
    if (word == wanted) return value;
  }
  return std::nullopt;
}

Authority make_authority(std::string_view mesh, unsigned number, CaKind kind, const Validity& validity) {
  const ossl::Pkey key = make_key(kind);
  const Name name = make_name(mesh, fmt::format("{} CA {}", mesh.substr(0, 48), number));
  Authority out;
  const auto certificate =
      blank(++out.issued, name.get(), name.get(), key.get(), validity.now - kClockSkew, end_of(validity));
  X509* self = certificate.get();
  add(self, self, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add(self, self, NID_key_usage, "critical,keyCertSign,cRLSign");
  add(self, self, NID_subject_key_identifier, "hash");
  add(self, self, NID_authority_key_identifier, "keyid:always");
  ossl::must(X509_sign(self, key.get(), digest_for(key.get())) > 0);
  out.certificate = ossl::der_of(self, i2d_X509);
  out.pkcs8 = ossl::pkcs8_of(key.get());
  return out;
}

std::string issue_certificate(Authority& authority, const HostSubject& subject, std::string_view spki,
                              const Validity& validity) {
  const auto issuer = ossl::certificate(authority.certificate);
  const auto issuer_key = ossl::private_key(authority.pkcs8);
  const auto key = ossl::public_key(spki);
  ossl::must(issuer && issuer_key && key);
  const CertificateInfo ca = certificate_info(authority.certificate);
  const auto certificate =
      blank(++authority.issued, make_name(subject.mesh, subject.host).get(), X509_get_subject_name(issuer.get()),
            key.get(), std::max(validity.now - kClockSkew, ca.not_before), std::min(end_of(validity), ca.not_after));
  X509* own = certificate.get();
  add(own, issuer.get(), NID_basic_constraints, "critical,CA:FALSE");
  add(own, issuer.get(), NID_key_usage, "critical,digitalSignature,keyEncipherment");
  // IKE needs none of these (RFC 4945, 5.1.3.12), but Windows asks for serverAuth.
  add(own, issuer.get(), NID_ext_key_usage, "serverAuth,clientAuth,ipsecIKE");
  add(own, issuer.get(), NID_subject_key_identifier, "hash");
  add(own, issuer.get(), NID_authority_key_identifier, "keyid:always");
  add(own, issuer.get(), NID_subject_alt_name, joined(subject.names));
  ossl::must(X509_sign(own, issuer_key.get(), digest_for(issuer_key.get())) > 0);
  return ossl::der_of(own, i2d_X509);
}

std::string certificate_request(const KeyPair& pair, const HostSubject& subject) {
  const auto key = ossl::private_key(pair.pkcs8);
  const Request request(X509_REQ_new());
  ossl::must(key && request);
  ossl::must(X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) == 1 &&
             X509_REQ_set_subject_name(request.get(), make_name(subject.mesh, subject.host).get()) == 1 &&
             X509_REQ_set_pubkey(request.get(), key.get()) == 1);
  const Extensions extensions(sk_X509_EXTENSION_new_null());
  const auto push = [&](int nid, const std::string& value) {
    ossl::must(sk_X509_EXTENSION_push(extensions.get(), extension(nullptr, nullptr, nid, value).release()) > 0);
  };
  push(NID_key_usage, "critical,digitalSignature,keyEncipherment");
  push(NID_ext_key_usage, "serverAuth,clientAuth,ipsecIKE");
  push(NID_subject_alt_name, joined(subject.names));
  ossl::must(X509_REQ_add_extensions(request.get(), extensions.get()) == 1 &&
             X509_REQ_sign(request.get(), key.get(), digest_for(key.get())) > 0);
  const ossl::Bio bio(BIO_new(BIO_s_mem()));
  ossl::must(bio && PEM_write_bio_X509_REQ(bio.get(), request.get()) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

void renew_crl(Authority& authority, const Validity& validity) {
  const auto issuer = ossl::certificate(authority.certificate);
  const auto key = ossl::private_key(authority.pkcs8);
  const ossl::Crl crl(X509_CRL_new());
  ossl::must(issuer && key && crl);
  ossl::must(X509_CRL_set_version(crl.get(), X509_CRL_VERSION_2) == 1 &&
             X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(issuer.get())) == 1 &&
             X509_CRL_set1_lastUpdate(crl.get(), at(validity.now - kClockSkew).get()) == 1 &&
             X509_CRL_set1_nextUpdate(crl.get(), at(end_of(validity)).get()) == 1);
  for (const Revocation& revocation : authority.revoked) {
    Revoked entry(X509_REVOKED_new());
    BIGNUM* number = nullptr;
    ossl::must(entry && BN_hex2bn(&number, revocation.serial.c_str()) > 0);
    const ossl::Number owned(number);
    const Integer value(BN_to_ASN1_INTEGER(number, nullptr));
    ossl::must(value && X509_REVOKED_set_serialNumber(entry.get(), value.get()) == 1 &&
               X509_REVOKED_set_revocationDate(entry.get(), at(revocation.when).get()) == 1);
    ossl::must(X509_CRL_add0_revoked(crl.get(), entry.release()) == 1);
  }
  ossl::must(X509_CRL_sort(crl.get()) == 1);
  const Integer number(ASN1_INTEGER_new());
  ossl::must(number && ASN1_INTEGER_set_uint64(number.get(), ++authority.crl_number) == 1);
  ossl::must(X509_CRL_add1_ext_i2d(crl.get(), NID_crl_number, number.get(), 0, X509V3_ADD_DEFAULT) == 1);
  const Extension identifier = extension(issuer.get(), nullptr, NID_authority_key_identifier, "keyid:always");
  ossl::must(X509_CRL_add_ext(crl.get(), identifier.get(), -1) == 1);
  ossl::must(X509_CRL_sign(crl.get(), key.get(), digest_for(key.get())) > 0);
  authority.crl = ossl::der_of(crl.get(), i2d_X509_CRL);
}

}  // namespace meshctl
