// The mesh's own CA: making it, issuing to hosts, revoking; and requests to somebody else's CA. The only code with
// clocks and serial numbers, so callers give the time; nothing of it runs in compile.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "keys/material.hpp"

namespace meshctl {

inline constexpr std::int64_t kDay = 86400;  // seconds

/// racoon takes CAs of both kinds of RSA; EcP384 is for meshes without it.
enum class CaKind : std::uint8_t { Rsa3072, Rsa4096, EcP384 };
std::string_view text(CaKind kind);  // "rsa3072"
std::optional<CaKind> parse_ca_kind(std::string_view word);

struct Validity {
  std::int64_t now = 0;  // seconds since 1970; certificates begin an hour before, since hosts' clocks differ
  unsigned days = 0;
};

/// "O=MESH, CN=MESH CA 1", self-signed; `number` tells the CAs of one mesh apart.
Authority make_authority(std::string_view mesh, unsigned number, CaKind kind, const Validity& validity);

/// What a host's certificate says.
struct HostSubject {
  std::string subject;             // "C=DE, O=Example, CN=gw": see why_bad_subject()
  std::vector<std::string> names;  // subject alternative names: "DNS:sfere", "IP:192.0.2.1", "email:a@b.example"
};

/// The reason why such a text cannot be a subject, or nullopt: fields that OpenSSL knows by these names, no ',', '=',
/// '+', quote, '#' or '/' in a value, lengths as RFC 5280 allows.
std::optional<std::string> why_bad_subject(std::string_view subject);

/// DER. `subject` must be a good one. Ends with the CA at the latest. Counts `authority.issued` up.
std::string issue_certificate(Authority& authority, const HostSubject& subject, std::string_view spki,
                              const Validity& validity);

/// PKCS#10, PEM.
std::string certificate_request(const KeyPair& key, const HostSubject& subject);

/// Makes the CRL anew from `revoked`; `validity.days` until its next update. Counts `crl_number` up.
void renew_crl(Authority& authority, const Validity& validity);

}  // namespace meshctl
