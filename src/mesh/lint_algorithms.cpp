// Weak algorithms. Terms are shared by many links, so each set is looked at once, at the first link that uses it.
#include <fmt/core.h>

#include <string>

#include "mesh/lint.hpp"

namespace meshctl {
namespace {

struct Subject {
  const Terms& terms;
  const Host& a;
  const Host& b;
  Range where;
  DiagSink& sink;

  void warn(std::string_view code, const std::string& text, std::string_view hint) const {
    sink.warning(code, where, text).with_hint(std::string(hint));
  }
  void info(std::string_view code, const std::string& text, std::string_view hint) const {
    sink.info(code, where, text).with_hint(std::string(hint));
  }
};

constexpr std::string_view kUseModern = "use 'suite: modern', if both ends can do it";

void lint_cipher(const Subject& s, Cipher cipher, std::string_view phase) {
  switch (cipher) {
    case Cipher::Des:
      return s.warn("W1101",
                    fmt::format("{} uses DES, whose 56-bit keys can be searched in a day (RFC 8221, RFC 8247: "
                                "must not)",
                                phase),
                    kUseModern);
    case Cipher::TripleDes:
    case Cipher::Blowfish:
    case Cipher::Cast128:
      return s.warn("W1102",
                    fmt::format("{} uses a cipher with 64-bit blocks, which leaks after some tens of gigabytes "
                                "under one key (Sweet32, CVE-2016-2183; RFC 8221: should not)",
                                phase),
                    kUseModern);
    case Cipher::None:
      return s.warn("W1103", fmt::format("{} does not encrypt: everyone on the way can read the traffic", phase),
                    "use a cipher, unless integrity alone is what is wanted");
    case Cipher::Aes:
    case Cipher::AesGcm16:
    case Cipher::Camellia: return;
  }
}

void lint_hashes(const Subject& s) {
  const Proposals& p = s.terms.proposals;
  for (const auto& [hash, phase] : {std::pair(p.ike.hash, "phase 1"), std::pair(p.esp.hash, "ESP")}) {
    if (hash == Hash::Md5) {
      s.warn("W1104", fmt::format("{} uses MD5, which is broken (RFC 8221, RFC 8247: must not)", phase), kUseModern);
    }
  }
  if (p.ike.hash == Hash::Sha1) {
    s.warn("W1105", "phase 1 uses SHA-1, which is being retired everywhere (RFC 8247; NIST: not after 2030)",
           kUseModern);
  }
  if (p.esp.hash == Hash::Sha1) {
    s.info("N1106",
           "ESP uses HMAC-SHA-1: no attack on this use is known (RFC 6194, section 3.3), but it is being retired",
           kUseModern);
  }
  const bool racoon = s.a.backend == BackendKind::Racoon || s.b.backend == BackendKind::Racoon;
  if (p.esp.hash == Hash::Sha256 && racoon) {
    s.info("N1107",
           "ESP with HMAC-SHA-256 has a 96-bit check value here, as PF_KEY cuts it, where RFC 4868 says 128; a "
           "strongSwan end is told so with sha256_96",
           "sha512 is the same everywhere");
  }
}

void lint_groups(const Subject& s) {
  constexpr unsigned enough = 112;  // modp2048
  const Proposals& p = s.terms.proposals;
  for (const auto& [group, phase] : {std::pair(p.ike.group, "phase 1"), std::pair(p.esp.pfs, "PFS")}) {
    if (group == DhGroup::None || strength_bits(group) >= enough) continue;
    s.warn("W1108",
           fmt::format("{} uses {}, about {} bits of strength: within reach of rich attackers (RFC 8247; Logjam, "
                       "weakdh.org)",
                       phase, text(group), strength_bits(group)),
           "use modp2048 at least; 'suite: modern' has more");
  }
  if (p.esp.pfs == DhGroup::None) {
    s.warn("W1109", "ESP has no perfect forward secrecy: who learns the phase 1 keys can read all traffic under them",
           fmt::format("append the group of phase 1 to 'esp': {}-{}", text(p.esp), text(p.ike.group)));
  } else if (strength_bits(p.esp.pfs) < strength_bits(p.ike.group)) {
    s.warn("W1110", fmt::format("the PFS group {} is weaker than {} of phase 1", text(p.esp.pfs), text(p.ike.group)),
           "use the same group in both");
  }
}

}  // namespace

void lint_algorithms(const Mesh& mesh, DiagSink& sink) {
  std::uint32_t next = 0;  // terms are numbered by first use
  for (const Link& link : mesh.links) {
    if (link.terms != next) continue;
    const Subject subject{mesh.terms[next++], mesh.hosts[link.a], mesh.hosts[link.b], link.where, sink};
    lint_cipher(subject, subject.terms.proposals.ike.cipher, "phase 1");
    lint_cipher(subject, subject.terms.proposals.esp.cipher, "ESP");
    lint_hashes(subject);
    lint_groups(subject);
  }
}

}  // namespace meshctl
