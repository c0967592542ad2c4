// Weak algorithms.
#include <fmt/core.h>

#include <string>

#include "mesh/lint_subject.hpp"

namespace meshctl {
namespace {

constexpr std::string_view kUseModern = "use 'suite: modern', if both ends can do it";

void lint_cipher(const LintSubject& s, Cipher cipher, std::string_view phase) {
  switch (cipher) {
    case Cipher::Des:
      return s.find(Weakness::Des,
                    fmt::format("{} uses DES, whose 56-bit keys can be searched in a day (RFC 8221, RFC 8247: "
                                "must not)",
                                phase),
                    kUseModern);
    case Cipher::TripleDes:
    case Cipher::Blowfish:
    case Cipher::Cast128:
      return s.find(Weakness::SmallBlocks,
                    fmt::format("{} uses a cipher with 64-bit blocks, which leaks after some tens of gigabytes "
                                "under one key (Sweet32, CVE-2016-2183; RFC 8221: should not)",
                                phase),
                    kUseModern);
    case Cipher::None:
      return s.find(Weakness::NoEncryption,
                    fmt::format("{} does not encrypt: everyone on the way can read the traffic", phase),
                    "use a cipher, unless integrity alone is what is wanted");
    case Cipher::Camellia:
      return s.find(Weakness::Camellia,
                    fmt::format("{} uses Camellia: no attack is known, but it is on no list of this profile", phase),
                    kUseModern);
    case Cipher::Aes:
    case Cipher::AesGcm16: return;
  }
}

void lint_hashes(const LintSubject& s) {
  const Proposals& p = s.terms.proposals;
  for (const auto& [hash, phase] : {std::pair(p.ike.hash, "phase 1"), std::pair(p.esp.hash, "ESP")}) {
    if (hash == Hash::Md5 && (s.terms.uses_ike() || hash == p.esp.hash)) {
      s.find(Weakness::Md5, fmt::format("{} uses MD5, which is broken (RFC 8221, RFC 8247: must not)", phase),
             kUseModern);
    }
  }
  if (p.ike.hash == Hash::Sha1 && s.terms.uses_ike()) {
    s.find(Weakness::Sha1Phase1,
           "phase 1 uses SHA-1, which is being retired everywhere (RFC 8247; NIST: not after 2030)", kUseModern);
  }
  if (p.esp.hash == Hash::Sha1) {
    const auto has = [&](BackendKind kind) { return s.a.backend == kind || s.b.backend == kind; };
    // What these two have in common is SHA-1, in every suite: PF_KEY cuts SHA-256 to 96 bits.
    const bool nothing_else = has(BackendKind::Racoon) && has(BackendKind::Windows);
    s.find(Weakness::Sha1Esp,
           "ESP uses HMAC-SHA-1: no attack on this use is known (RFC 6194, section 3.3), but it is being retired",
           nothing_else ? "racoon and Windows have nothing better in common; strongSwan has with Windows" : kUseModern);
  }
  const bool racoon = s.a.backend == BackendKind::Racoon || s.b.backend == BackendKind::Racoon;
  if (p.esp.hash == Hash::Sha256 && racoon) {
    s.sink
        .info("N1107", s.where,
              "ESP with HMAC-SHA-256 has a 96-bit check value here, as PF_KEY cuts it, where RFC 4868 says 128; a "
              "strongSwan end is told so with sha256_96")
        .with_hint("sha512 is the same everywhere");
  }
}

void lint_group(const LintSubject& s, DhGroup group, std::string_view phase) {
  constexpr unsigned modp1536 = 96;
  constexpr unsigned modp2048 = 112;
  if (group == DhGroup::X25519) {
    s.find(Weakness::Curve25519,
           fmt::format("{} uses x25519, which NIST SP 800-77r1 expects, but does not recommend", phase),
           "use ecp384 where NIST is asked");
  }
  if (group == DhGroup::None || strength_bits(group) > modp2048) return;
  if (strength_bits(group) == modp2048) {
    return s.find(
        Weakness::Group112,
        fmt::format("{} uses {}, 112 bits of strength: BSI TR-02102-3 asks for 120 since 2023, NIST allows it "
                    "until the end of 2030 (SP 800-57 part 1)",
                    phase, text(group)),
        "use modp3072 or larger");
  }
  s.find(strength_bits(group) < modp1536 ? Weakness::BrokenGroup : Weakness::SmallGroup,
         fmt::format("{} uses {}, about {} bits of strength: within reach of rich attackers (RFC 8247; Logjam, "
                     "weakdh.org)",
                     phase, text(group), strength_bits(group)),
         "use modp2048 at least; 'suite: modern' has more");
}

void lint_groups(const LintSubject& s) {
  const Proposals& p = s.terms.proposals;
  lint_group(s, p.ike.group, "phase 1");
  lint_group(s, p.esp.pfs, "PFS");
  if (p.esp.pfs == DhGroup::None) {
    s.find(Weakness::NoPfs,
           "ESP has no perfect forward secrecy: who learns the phase 1 keys can read all traffic under them",
           fmt::format("append the group of phase 1 to 'esp': {}-{}", text(p.esp), text(p.ike.group)));
  } else if (strength_bits(p.esp.pfs) < strength_bits(p.ike.group)) {
    s.find(Weakness::WeakPfs,
           fmt::format("the PFS group {} is weaker than {} of phase 1", text(p.esp.pfs), text(p.ike.group)),
           "use the same group in both");
  }
}

}  // namespace

void lint_algorithms(const Mesh& mesh, DiagSink& sink) {
  for_each_terms(mesh, sink, [](const LintSubject& s) {
    const bool ike = s.terms.uses_ike();
    if (ike) lint_cipher(s, s.terms.proposals.ike.cipher, "phase 1");
    if (s.terms.protect != Protect::Ah) lint_cipher(s, s.terms.proposals.esp.cipher, "ESP");
    lint_hashes(s);
    if (ike) lint_groups(s);
  });
}

}  // namespace meshctl
