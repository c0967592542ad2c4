// How keys are agreed and what headers are used, beside the algorithms themselves.
#include "mesh/lint_subject.hpp"

namespace meshctl {
namespace {

constexpr std::uint32_t kHour = 3600;

void lint_headers(const LintSubject& s) {
  if (s.terms.protect == Protect::Ah) {
    s.find(
        Weakness::AhOnly,
        "AH alone does not encrypt, and passes no NAT (RFC 8221, section 4: ESP with integrity does all that AH does)",
        "leave 'protect' out");
  }
  const EspProposal& esp = s.terms.proposals.esp;
  if (s.terms.protect == Protect::Esp && esp.hash == Hash::None && !is_aead(esp.cipher)) {
    s.find(Weakness::NoIntegrity,
           "ESP without authentication: packets can be changed on the way, and read that way (RFC 8221, section 4; "
           "Paterson and Yau, Eurocrypt 2006)",
           "append a hash to 'esp', for example sha512");
  }
}

void lint_ike(const LintSubject& s) {
  if (!s.terms.uses_ike()) return;
  if (s.terms.exchange_mode == ExchangeMode::Aggressive && s.terms.auth == Auth::Psk) {
    s.find(Weakness::AggressivePsk,
           "aggressive mode shows a hash of the pre-shared key to everyone who asks, to be guessed at leisure "
           "(CVE-2002-1623)",
           "use main mode, or certificates");
  }
  if (s.terms.ike_version == IkeVersion::V1) {
    s.find(Weakness::IkeV1, "IKEv1 is obsolete since 2005 (RFC 4306) and historic since 2023 (RFC 9395)",
           "IKEv2 needs 'backend: strongswan' at both ends");
  }
  if (s.terms.child_lifetime > 8 * kHour) {
    s.find(Weakness::LongChild8h, "SAs live longer than 8 hours (NIST SP 800-77r1), where BSI TR-02102-3 says 4",
           "shorten 'child_lifetime'");
  } else if (s.terms.child_lifetime > 4 * kHour) {
    s.find(Weakness::LongChild4h, "SAs live longer than 4 hours (BSI TR-02102-3)", "shorten 'child_lifetime'");
  }
}

}  // namespace

void lint_negotiation(const Mesh& mesh, DiagSink& sink) {
  for_each_terms(mesh, sink, [](const LintSubject& s) {
    lint_headers(s);
    lint_ike(s);
  });
}

}  // namespace meshctl
