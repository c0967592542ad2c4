#include "keys/authority.hpp"

#include <fmt/core.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <vector>

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

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
}

/// Gives the last entry the type PrintableString if its text allows: strongSwan writes identities from text like that,
/// and racoon compares an identity with the certificate's subject byte by byte.
void make_printable(X509_NAME* name) {
  X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, X509_NAME_entry_count(name) - 1);
  const ASN1_STRING* value = X509_NAME_ENTRY_get_data(entry);
  if (ASN1_STRING_type(value) != V_ASN1_UTF8STRING) return;
  const int size = ASN1_STRING_length(value);
  const std::vector<unsigned char> text(ASN1_STRING_get0_data(value), ASN1_STRING_get0_data(value) + size);
  if (ASN1_PRINTABLE_type(text.data(), size) != V_ASN1_PRINTABLESTRING) return;
  ossl::must(X509_NAME_ENTRY_set_data(entry, V_ASN1_PRINTABLESTRING, text.data(), size) == 1);
}

/// "C=DE, O=Example" -> a name; else `why` says what is wrong.
Name parse_name(std::string_view subject, std::string& why) {
  const ossl::ErrorQueue queue;
  Name name(X509_NAME_new());
  ossl::must(name != nullptr);
  while (why.empty()) {
    const std::size_t comma = subject.find(',');
    const std::string_view part = trimmed(subject.substr(0, comma));
    const std::size_t equal = part.find('=');
    const std::string field(trimmed(part.substr(0, equal)));
    const std::string_view value = equal == part.npos ? std::string_view() : trimmed(part.substr(equal + 1));
    if (field.empty() || value.empty()) {
      why = fmt::format("'{}' is not FIELD=VALUE", part);
    } else if (value.find_first_of("=+\"#\\/") != value.npos) {
      why = fmt::format("'{}' has one of = + \" # \\ /", part);
    } else if (OBJ_txt2nid(field.c_str()) == NID_undef) {
      why = fmt::format("there is no field '{}'", field);
    } else if (X509_NAME_add_entry_by_txt(name.get(), field.c_str(), MBSTRING_UTF8, ossl::bytes(value),
                                          static_cast<int>(value.size()), -1, 0) != 1) {
      why = fmt::format("'{}' is too long, or not of that field's characters", part);
    } else {
      make_printable(name.get());
    }
    if (comma == subject.npos) break;
    subject.remove_prefix(comma + 1);
  }
  return name;
}

Name make_name(std::string_view subject) {
  std::string why;
  Name name = parse_name(subject, why);
  ossl::must(why.empty());  // callers have asked why_bad_subject()
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

/// "IP:192.0.2.1" -> one alternative name. Built by hand, since OpenSSL's text form would take a comma for two names.
ossl::Handle<GENERAL_NAME, GENERAL_NAME_free> general_name(std::string_view text) {
  ossl::Handle<GENERAL_NAME, GENERAL_NAME_free> name(GENERAL_NAME_new());
  ossl::must(name != nullptr);
  const std::string value(text.substr(text.find(':') + 1));
  if (text.starts_with("IP:")) {
    ASN1_OCTET_STRING* address = a2i_IPADDRESS(value.c_str());
    ossl::must(address != nullptr);
    GENERAL_NAME_set0_value(name.get(), GEN_IPADD, address);
    return name;
  }
  ASN1_IA5STRING* string = ASN1_IA5STRING_new();
  ossl::must(string != nullptr && ASN1_STRING_set(string, value.data(), static_cast<int>(value.size())) == 1);
  GENERAL_NAME_set0_value(name.get(), text.starts_with("email:") ? GEN_EMAIL : GEN_DNS, string);
  return name;
}

Extension alternative_names(const std::vector<std::string>& names) {
  const ossl::Handle<GENERAL_NAMES, GENERAL_NAMES_free> all(GENERAL_NAMES_new());
  ossl::must(all != nullptr);
  for (const std::string& name : names) ossl::must(sk_GENERAL_NAME_push(all.get(), general_name(name).release()) > 0);
  Extension made(X509V3_EXT_i2d(NID_subject_alt_name, 0, all.get()));
  ossl::must(made != nullptr);
  return made;
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

std::optional<std::string> why_bad_subject(std::string_view subject) {
  std::string why;
  parse_name(subject, why);
  if (why.empty()) return std::nullopt;
  return why;
}

Authority make_authority(std::string_view mesh, unsigned number, CaKind kind, const Validity& validity) {
  const ossl::Pkey key = make_key(kind);
  // 64 bytes is the longest common name (RFC 5280, appendix A).
  const Name name = make_name(fmt::format("O={}, CN={} CA {}", mesh, mesh.substr(0, 48), number));
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
      blank(++authority.issued, make_name(subject.subject).get(), X509_get_subject_name(issuer.get()), key.get(),
            std::max(validity.now - kClockSkew, ca.not_before), std::min(end_of(validity), ca.not_after));
  X509* own = certificate.get();
  add(own, issuer.get(), NID_basic_constraints, "critical,CA:FALSE");
  add(own, issuer.get(), NID_key_usage, "critical,digitalSignature,keyEncipherment");
  // IKE needs none of these (RFC 4945, 5.1.3.12), but Windows asks for serverAuth.
  add(own, issuer.get(), NID_ext_key_usage, "serverAuth,clientAuth,ipsecIKE");
  add(own, issuer.get(), NID_subject_key_identifier, "hash");
  add(own, issuer.get(), NID_authority_key_identifier, "keyid:always");
  if (!subject.names.empty()) {
    ossl::must(X509_add_ext(own, alternative_names(subject.names).get(), -1) == 1);
  }
  ossl::must(X509_sign(own, issuer_key.get(), digest_for(issuer_key.get())) > 0);
  return ossl::der_of(own, i2d_X509);
}

std::string certificate_request(const KeyPair& pair, const HostSubject& subject) {
  const auto key = ossl::private_key(pair.pkcs8);
  const Request request(X509_REQ_new());
  ossl::must(key && request);
  ossl::must(X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) == 1 &&
             X509_REQ_set_subject_name(request.get(), make_name(subject.subject).get()) == 1 &&
             X509_REQ_set_pubkey(request.get(), key.get()) == 1);
  const Extensions extensions(sk_X509_EXTENSION_new_null());
  const auto push = [&](int nid, const std::string& value) {
    ossl::must(sk_X509_EXTENSION_push(extensions.get(), extension(nullptr, nullptr, nid, value).release()) > 0);
  };
  push(NID_key_usage, "critical,digitalSignature,keyEncipherment");
  push(NID_ext_key_usage, "serverAuth,clientAuth,ipsecIKE");
  if (!subject.names.empty()) {
    ossl::must(sk_X509_EXTENSION_push(extensions.get(), alternative_names(subject.names).release()) > 0);
  }
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
