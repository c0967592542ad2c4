// Wishes about a link that contradict each other.
#include <fmt/core.h>

#include "mesh/terms.hpp"

namespace meshctl {
namespace {

class TermsCheck {
 public:
  TermsCheck(const MergedOptions& merged, const std::string& ends, DiagSink& sink)
      : merged_(merged), ends_(ends), sink_(sink) {}

  template <class T>
  void fault(std::string_view code, const Opt<T>& wish, std::string_view what, std::string_view hint) {
    Diag& diag = sink_.error(code, wish ? wish->where : merged_.where, fmt::format("link of {}: {}", ends_, what));
    if (wish && !(wish->where == merged_.where)) diag.note(merged_.where, "the link is here");
    diag.with_hint(std::string(hint));
  }

 private:
  const MergedOptions& merged_;
  const std::string& ends_;
  DiagSink& sink_;
};

}  // namespace

void check_terms(const Terms& terms, const MergedOptions& merged, const std::string& ends, DiagSink& sink) {
  TermsCheck check(merged, ends, sink);
  const RareOptions& rare = merged.rare;
  const bool v2 = terms.ike_version == IkeVersion::V2;
  if (terms.uses_ike() && v2 && terms.exchange_mode != ExchangeMode::Main) {
    check.fault("E1060", rare.exchange_mode,
                fmt::format("exchange mode '{}' is of IKEv1, and this link uses IKEv2", text(terms.exchange_mode)),
                "leave 'exchange_mode' out, or set 'ike: 1'");
  }
  if (terms.auth == Auth::Manual && is_aead(terms.proposals.esp.cipher)) {
    check.fault(
        "E1062", merged.options.suite ? merged.options.suite : merged.defaults->suite,
        "manual keys with a counter mode would repeat its counters after a reboot, which gives the traffic away",
        "use AES-CBC with a hash: {ike: aes256-sha512-modp3072, esp: aes256-sha512}");
  }
  if (terms.uses_ike() && terms.protect == Protect::EspAh && v2) {
    check.fault("E1063", rare.protect, "ESP and AH together are negotiated with IKEv1 only",
                "ESP with integrity is enough: leave 'protect' out; or set 'ike: 1'");
  }
  const bool ah = terms.protect != Protect::Esp;
  if (ah && terms.nat_traversal != NatTraversal::Off) {
    check.fault("E1066", rare.protect, "AH protects the addresses, so it cannot pass a NAT, nor UDP encapsulation",
                "use 'protect: esp', or 'nat_traversal: off' where no NAT is on the way");
  }
  if (terms.auth == Auth::Manual && terms.nat_traversal == NatTraversal::Force) {
    check.fault("E1066", rare.nat_traversal, "manual keys have no daemon that keeps a NAT's memory fresh",
                "use IKE: 'auth: psk', 'rsa' or 'x509'");
  }
}

}  // namespace meshctl
