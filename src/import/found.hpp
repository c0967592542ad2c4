// What is known of a link so far, with the places where it was found.
#pragma once
#include <optional>
#include <string>

#include "base/diag.hpp"
#include "crypto/suite.hpp"
#include "inventory/inventory.hpp"

namespace meshctl::importer {

/// Values that stand in the old files, or that the old daemon has where they are silent. `suite` in `options` stays
/// empty until both ends are known: the proposals are it.
struct Found {
  LinkOptions options;
  std::optional<Marked<IkeProposal>> ike;
  std::optional<Marked<EspProposal>> esp;
};

/// Puts `more` into `into`. Where the two differ: W8010 with both places, and the stricter value. `who` names the two:
/// "link alpha - beta".
void agree(Found& into, const Found& more, const std::string& who, DiagSink& sink);

/// Calls f(key, access) for each option that is one value. access(options) is its Opt<T>, of const options too.
template <class F>
void for_each_option(F&& f);

// ---------------------------------------------------------------------------------------------------------------------

namespace detail {
inline RareOptions& rare(LinkOptions& o) { return o.rare.edit(); }
inline const RareOptions& rare(const LinkOptions& o) { return *o.rare; }
}  // namespace detail

template <class F>
void for_each_option(F&& f) {
  const auto common = [&](std::string_view key, auto member) {
    f(
        key, [member](auto& o) -> auto& { return o.*member; });
  };
  const auto rare = [&](std::string_view key, auto member) {
    f(
        key, [member](auto& o) -> auto& { return detail::rare(o).*member; });
  };
  using L = LinkOptions;
  using R = RareOptions;
  common("auth", &L::auth);
  common("suite", &L::suite);
  common("mode", &L::mode);
  common("level", &L::level);
  common("ike", &L::ike_version);
  common("ike_lifetime", &L::ike_lifetime);
  common("child_lifetime", &L::child_lifetime);
  common("dpd", &L::dpd_delay);
  common("psk_file", &L::psk_file);
  rare("protect", &R::protect);
  rare("ipcomp", &R::ipcomp);
  rare("action", &R::action);
  rare("priority", &R::priority);
  rare("outer", &R::outer);
  rare("initiator", &R::initiator);
  rare("passive", &R::passive);
  rare("verify_identifier", &R::verify_identifier);
  rare("nat_traversal", &R::nat_traversal);
  rare("natt_keepalive", &R::natt_keepalive);
  rare("fragmentation", &R::fragmentation);
  rare("dpd_retry", &R::dpd_retry);
  rare("dpd_maxfail", &R::dpd_maxfail);
  rare("exchange_mode", &R::exchange_mode);
  rare("nonce_size", &R::nonce_size);
  rare("proposal_check", &R::proposal_check);
  rare("initial_contact", &R::initial_contact);
  rare("rekey", &R::rekey);
  rare("send_cert", &R::send_cert);
  rare("send_cr", &R::send_cr);
  rare("generate_policy", &R::generate_policy);
  rare("profile", &R::profile);
  rare("child_bytes", &R::child_bytes);
}

}  // namespace meshctl::importer
