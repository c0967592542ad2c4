// Reads X.509 certificates and CRLs: what is in them, and their file forms. Times are seconds since 1970.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/diag.hpp"
#include "base/secret.hpp"
#include "keys/material.hpp"

namespace meshctl {

struct CertificateInfo {
  std::string subject;  // "O=office, CN=sfere": in the certificate's order
  std::string issuer;   // the same way
  std::string serial;   // lower-case hex digits
  std::int64_t not_before = 0;
  std::int64_t not_after = 0;
  std::vector<std::string> names;  // subject alternative names: "DNS:sfere", "IP:192.0.2.1", in the certificate's order
  std::string spki;                // DER
  std::string fingerprint;         // SHA-256 of the DER, 64 hex digits
  bool authority = false;          // basicConstraints CA:TRUE
  bool self_signed = false;
  bool weak_signature = false;  // over an SHA-1 or MD5 hash
};

struct CrlInfo {
  std::string issuer;
  std::int64_t this_update = 0;
  std::int64_t next_update = 0;  // 0: it does not say
  std::size_t revoked = 0;
};

// Of DER that the vault holds, or that the functions below let in.
CertificateInfo certificate_info(std::string_view der);
CrlInfo crl_info(std::string_view der);
std::string certificate_pem(std::string_view der);
std::string crl_pem(std::string_view der);
/// SHA-1 of the DER, 40 lower-case hex digits: what Windows' stores call a certificate.
std::string thumbprint(std::string_view certificate);
/// OpenSSL's X509_NAME_hash, 8 hex digits: of the subject, and of a CRL's issuer. Files in a certificate folder are
/// found as HASH.0 and HASH.r0.
std::string subject_hash(std::string_view certificate);
std::string issuer_hash(std::string_view crl);
/// The signature is right and the names fit; says nothing about time.
bool signed_by(std::string_view certificate, std::string_view authority);
bool crl_signed_by(std::string_view crl, std::string_view authority);
/// The certificate's number is on the list.
bool crl_revokes(std::string_view crl, std::string_view certificate);
/// A name that IKE daemons' configuration files can carry as text: printable ASCII without , = / + " # \ in values.
bool plain_subject(std::string_view certificate);

/// One or more certificates of a PEM text (other blocks are skipped), or a single one in DER. E3032: none, or a bad
/// one.
Result<std::vector<std::string>> read_certificates(std::string_view content, std::string_view name);
/// DER or PEM. E3032.
Result<std::string> read_crl(std::string_view content, std::string_view name);

/// Sorts what came with a host's certificate: the one for `spki` first, then its issuers up to, but without, a root.
/// E3033: none has that key. E3034: it is not valid at `now`, or leads to none of `trusted` (DER).
struct Installed {
  std::string certificate;
  std::vector<std::string> chain;
};
Result<Installed> arrange_chain(std::vector<std::string> certificates, std::string_view spki,
                                const std::vector<std::string>& trusted, std::int64_t now, std::string_view name);

/// "2026-11-21"
std::string date_text(std::int64_t when);

}  // namespace meshctl
