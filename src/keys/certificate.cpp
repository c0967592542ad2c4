#include "keys/certificate.hpp"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "keys/hex.hpp"
#include "keys/keys.hpp"
#include "keys/pkey.hpp"

namespace meshctl {
namespace {

using Names = ossl::Handle<GENERAL_NAMES, GENERAL_NAMES_free>;

std::string take_text(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

template <class Print>
std::string printed(Print print) {
  const ossl::Bio bio(BIO_new(BIO_s_mem()));
  ossl::must(bio != nullptr);
  print(bio.get());
  return take_text(bio.get());
}

std::string name_text(const X509_NAME* name) {
  // "O=office, CN=sfere": short names in the certificate's order, other bytes than ASCII as \XX.
  constexpr unsigned long form = XN_FLAG_SEP_CPLUS_SPC | XN_FLAG_FN_SN | ASN1_STRFLGS_ESC_CTRL | ASN1_STRFLGS_ESC_MSB;
  return printed([&](BIO* bio) { X509_NAME_print_ex(bio, name, 0, form); });
}

std::int64_t seconds(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return 0;
  return ::timegm(&parts);
}

std::string serial_text(const ASN1_INTEGER* serial) {
  const ossl::Number number(ASN1_INTEGER_to_BN(serial, nullptr));
  std::string hex;
  append_hex(ossl::bytes_of(number.get()), hex);
  return hex;
}

std::string_view view(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

/// "IP:192.0.2.1" in the canonical form, or an empty text for bytes that are no address.
std::string address_text(const ASN1_OCTET_STRING* address) {
  const std::string_view bytes = view(address);
  const int family = bytes.size() == 4 ? AF_INET : bytes.size() == 16 ? AF_INET6 : AF_UNSPEC;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (family == AF_UNSPEC || ::inet_ntop(family, bytes.data(), text.data(), text.size()) == nullptr) return {};
  return std::string("IP:") + text.data();
}

std::vector<std::string> alternative_names(const X509* certificate) {
  std::vector<std::string> out;
  const Names names(static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DNS) out.push_back("DNS:" + std::string(view(name->d.dNSName)));
    if (name->type == GEN_EMAIL) out.push_back("email:" + std::string(view(name->d.rfc822Name)));
    if (name->type == GEN_IPADD) out.push_back(address_text(name->d.iPAddress));
  }
  return out;
}

ossl::Certificate must_read(std::string_view der) {
  ossl::Certificate certificate = ossl::certificate(der);
  ossl::must(certificate != nullptr);
  return certificate;
}

ossl::Crl must_read_crl(std::string_view der) {
  ossl::Crl crl = ossl::crl(der);
  ossl::must(crl != nullptr);
  return crl;
}

}  // namespace

CertificateInfo certificate_info(std::string_view der) {
  const ossl::ErrorQueue queue;
  const ossl::Certificate certificate = must_read(der);
  CertificateInfo info;
  info.subject = name_text(X509_get_subject_name(certificate.get()));
  info.issuer = name_text(X509_get_issuer_name(certificate.get()));
  info.serial = serial_text(X509_get0_serialNumber(certificate.get()));
  info.not_before = seconds(X509_get0_notBefore(certificate.get()));
  info.not_after = seconds(X509_get0_notAfter(certificate.get()));
  info.names = alternative_names(certificate.get());
  info.spki = ossl::der_of(X509_get_X509_PUBKEY(certificate.get()), i2d_X509_PUBKEY);
  info.fingerprint = sha256_hex(der);
  info.authority = X509_check_ca(certificate.get()) == 1;
  info.self_signed = X509_self_signed(certificate.get(), 1) == 1;
  int hash = NID_undef;
  X509_get_signature_info(certificate.get(), &hash, nullptr, nullptr, nullptr);
  info.weak_signature = hash == NID_sha1 || hash == NID_md5;
  return info;
}

CrlInfo crl_info(std::string_view der) {
  const ossl::Crl crl = must_read_crl(der);
  CrlInfo info;
  info.issuer = name_text(X509_CRL_get_issuer(crl.get()));
  info.this_update = seconds(X509_CRL_get0_lastUpdate(crl.get()));
  info.next_update = seconds(X509_CRL_get0_nextUpdate(crl.get()));
  info.revoked = static_cast<std::size_t>(std::max(0, sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl.get()))));
  return info;
}

bool crl_revokes(std::string_view crl, std::string_view certificate) {
  const ossl::Crl list = must_read_crl(crl);
  const auto read = must_read(certificate);
  X509_REVOKED* entry = nullptr;  // stays the list's
  return X509_CRL_get0_by_cert(list.get(), &entry, read.get()) == 1;
}

std::string certificate_pem(std::string_view der) {
  const auto certificate = must_read(der);
  return printed([&](BIO* bio) { ossl::must(PEM_write_bio_X509(bio, certificate.get()) == 1); });
}

std::string crl_pem(std::string_view der) {
  const auto crl = must_read_crl(der);
  return printed([&](BIO* bio) { ossl::must(PEM_write_bio_X509_CRL(bio, crl.get()) == 1); });
}

std::string thumbprint(std::string_view certificate) {
  std::string digest(SHA_DIGEST_LENGTH, '\0');
  ossl::must(EVP_Digest(certificate.data(), certificate.size(), ossl::bytes(digest.data()), nullptr, EVP_sha1(),
                        nullptr) == 1);
  std::string hex;
  append_hex(digest, hex);
  return hex;
}

std::string subject_hash(std::string_view certificate) {
  return fmt::format("{:08x}", X509_subject_name_hash(must_read(certificate).get()));
}

std::string issuer_hash(std::string_view crl) {
  const auto read = must_read_crl(crl);
  int good = 0;
  const unsigned long hash = X509_NAME_hash_ex(X509_CRL_get_issuer(read.get()), nullptr, nullptr, &good);
  ossl::must(good == 1);
  return fmt::format("{:08x}", hash);
}

bool signed_by(std::string_view certificate, std::string_view authority) {
  const ossl::ErrorQueue queue;
  const auto subject = must_read(certificate);
  const auto issuer = must_read(authority);
  return X509_check_issued(issuer.get(), subject.get()) == X509_V_OK &&
         X509_verify(subject.get(), X509_get0_pubkey(issuer.get())) == 1;
}

bool crl_signed_by(std::string_view crl, std::string_view authority) {
  const ossl::ErrorQueue queue;
  const auto list = must_read_crl(crl);
  const auto issuer = must_read(authority);
  return X509_NAME_cmp(X509_CRL_get_issuer(list.get()), X509_get_subject_name(issuer.get())) == 0 &&
         X509_CRL_verify(list.get(), X509_get0_pubkey(issuer.get())) == 1;
}

bool plain_subject(std::string_view certificate) {
  const auto read = must_read(certificate);
  const X509_NAME* name = X509_get_subject_name(read.get());
  int last_set = -1;
  for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    const bool plain = std::ranges::all_of(view(X509_NAME_ENTRY_get_data(entry)), [](char c) {
      return c >= ' ' && c <= '~' && std::string_view(",=/+\"#\\").find(c) == std::string_view::npos;
    });
    // Values that share a set print with " + " between them, which no daemon reads back.
    if (!plain || X509_NAME_ENTRY_set(entry) == last_set) return false;
    last_set = X509_NAME_ENTRY_set(entry);
  }
  return last_set >= 0;
}

std::string date_text(std::int64_t when) {
  const std::time_t time = static_cast<std::time_t>(when);
  std::tm parts{};
  if (::gmtime_r(&time, &parts) == nullptr) return "?";
  return fmt::format("{:04}-{:02}-{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
}

}  // namespace meshctl
