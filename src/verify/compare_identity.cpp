#include <fmt/core.h>

#include <algorithm>

#include "verify/compare.hpp"

namespace meshctl::verify {
namespace {

enum class Match : std::uint8_t { No, Prefix, Yes };

/// "CN=*" takes any value, as racoon and strongSwan both have it.
bool dn_matches(std::string_view sent, std::string_view accepted) {
  for (;;) {
    const std::size_t a = sent.find(", "), b = accepted.find(", ");
    const std::string_view part = sent.substr(0, a), wanted = accepted.substr(0, b);
    const std::size_t type = wanted.find('=');
    const bool any = type != std::string_view::npos && wanted.substr(type) == "=*" &&
                     part.substr(0, type + 1) == wanted.substr(0, type + 1);
    if (!any && part != wanted) return false;
    if ((a == std::string_view::npos) != (b == std::string_view::npos)) return false;
    if (a == std::string_view::npos) return true;
    sent.remove_prefix(a + 2);
    accepted.remove_prefix(b + 2);
  }
}

Match match(const Id& sent, const Id& accepted, bool prefix) {
  if (accepted.kind == IdKind::Any) return Match::Yes;
  if (sent.kind != accepted.kind) return Match::No;
  if (sent.kind == IdKind::Dn) return dn_matches(sent.value, accepted.value) ? Match::Yes : Match::No;
  // What is "mine" to the one who says it is the "peer's" to the one who hears it.
  if (sent.mine != accepted.peers || sent.peers != accepted.mine) return Match::No;
  if (sent.value == accepted.value) return Match::Yes;
  const bool text = sent.kind != IdKind::Address;
  return text && prefix && sent.value.starts_with(accepted.value) ? Match::Prefix : Match::No;
}

std::string words(const Id& id, std::string_view mine, std::string_view peers) {
  if (id.kind == IdKind::Any) return "anyone";
  if (id.mine) return fmt::format("its address");
  if (id.peers) return fmt::format("the address of {}", mine == kHere ? peers : mine);
  return fmt::format("{} '{}'", text(id.kind), id.value);
}

bool psk_only(const Phase1& phase1) {
  return std::all_of(phase1.offers.begin(), phase1.offers.end(),
                     [](const IkeOffer& offer) { return offer.auth == Auth::Psk; });
}

}  // namespace

bool says(const Id& sent, const Id& wanted) { return match(sent, wanted, false) == Match::Yes; }

Findings compare_identity(const Identity& sent, const Identity& accepted, const Phase1& here) {
  Findings out;
  if (sent.ids.empty()) return out;
  const Id& id = sent.ids.front();
  const bool main = !here.v2 && !here.modes.empty() && here.modes.front() == Mode::Main;
  if (main && accepted.prefix && id.kind != IdKind::Address && psk_only(here)) {
    out.push_back({Severity::Error, "E7114",
                   fmt::format("{} calls itself {}, but racoon takes only addresses in main mode with a pre-shared key",
                               kHere, words(id, kHere, kThere)),
                   ike(), ike(), fmt::format("{} refuses it here", kThere), "set `my_identifier address`"});
    return out;
  }
  Match best = accepted.ids.empty() ? Match::Yes : Match::No;
  for (const Id& wanted : accepted.ids) best = std::max(best, match(id, wanted, accepted.prefix));
  if (best == Match::Yes) return out;
  const std::string expected = accepted.ids.empty() ? "anyone" : words(accepted.ids.front(), kThere, kHere);
  if (best == Match::Prefix) {
    out.push_back(
        {Severity::Warning, "W7112",
         fmt::format("{} calls itself {}, {} expects {}: racoon compares only as many characters as it expects", kHere,
                     words(id, kHere, kThere), kThere, expected),
         ike(), ike(), "the shorter name", "write the same name at both ends"});
  } else if (!accepted.checked) {
    out.push_back({Severity::Warning, "W7111",
                   fmt::format("{} calls itself {}, {} expects {} but lets it in, since verify_identifier is off",
                               kHere, words(id, kHere, kThere), kThere, expected),
                   ike(), ike(), "the identity that is expected",
                   "write the same identity at both ends, and verify it"});
  } else {
    out.push_back({Severity::Error, "E7110",
                   fmt::format("{} calls itself {}, {} expects {}", kHere, words(id, kHere, kThere), kThere, expected),
                   ike(), ike(), "the identity that is expected", "write the same identity at both ends"});
  }
  return out;
}

}  // namespace meshctl::verify
