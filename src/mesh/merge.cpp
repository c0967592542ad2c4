#include <fmt/core.h>

#include <algorithm>
#include <tuple>

#include "mesh/flows.hpp"
#include "mesh/terms.hpp"

namespace meshctl {
namespace {

/// Later entries win in silence.
template <class T>
void override_with(Opt<T>& merged, const Opt<T>& next) {
  if (next) merged = next;
}

/// For what two entries must not disagree about: an override by accident would weaken or break the link.
template <class T>
void agree_on(Opt<T>& merged, const Opt<T>& next, std::string_view code, std::string_view what, DiagSink& sink) {
  if (merged && next && merged->value != next->value) {
    sink.error(code, next->where,
               fmt::format("{} '{}' here, but '{}' in another entry about the same pair of hosts", what,
                           text(next->value), text(merged->value)))
        .note(merged->where, "the other entry says so here")
        .with_hint("make both the same, or take the pair out of one entry with 'except'");
  }
  override_with(merged, next);
}

/// `to_is_b`: the entry's `to` side is the link's b.
Selector oriented(const SelectorSpec& spec, bool to_is_b) {
  Selector out;
  out.protocol = spec.protocol_number;
  out.icmp_type = spec.icmp_type;
  out.icmp_code = spec.icmp_code;
  (to_is_b ? out.b_port : out.a_port) = spec.port;
  (to_is_b ? out.a_port : out.b_port) = spec.from_port;
  (to_is_b ? out.b_net : out.a_net) = spec.to;
  (to_is_b ? out.a_net : out.b_net) = spec.from;
  return out;
}

void append_selectors(const std::vector<Marked<SelectorSpec>>& specs, std::uint32_t ports_of,
                      std::vector<Selector>& out) {
  for (const auto& spec : specs) {
    if ((ports_of & kPortsOfA) != 0) out.push_back(oriented(spec.value, false));
    if ((ports_of & kPortsOfB) != 0) out.push_back(oriented(spec.value, true));
  }
}

void sort_selectors(std::vector<Selector>& selectors) {
  if (selectors.empty()) selectors.push_back({});
  std::sort(selectors.begin(), selectors.end(), [](const Selector& x, const Selector& y) {
    const auto order = [](const Selector& s) { return -static_cast<int>(specificity(s)); };
    return std::tuple(order(x), x) < std::tuple(order(y), y);
  });
  selectors.erase(std::unique(selectors.begin(), selectors.end()), selectors.end());
}

}  // namespace

MergedOptions merge(std::span<const Claim> claims, const std::vector<LinkEntry>& entries, const LinkOptions& defaults,
                    DiagSink& sink) {
  MergedOptions merged;
  merged.defaults = &defaults;
  LinkOptions& out = merged.options;
  bool own_selectors = false;
  for (const Claim& claim : claims) {
    const LinkOptions& next = entries[claim.entry].options;
    agree_on(out.mode, next.mode, "E1031", "mode", sink);
    agree_on(out.auth, next.auth, "E1032", "auth", sink);
    override_with(out.suite, next.suite);
    override_with(out.level, next.level);
    override_with(out.ike_version, next.ike_version);
    override_with(out.ike_lifetime, next.ike_lifetime);
    override_with(out.child_lifetime, next.child_lifetime);
    override_with(out.dpd_delay, next.dpd_delay);
    override_with(out.psk_file, next.psk_file);
    append_selectors(next.select, claim.ports_of, merged.selectors);
    own_selectors = own_selectors || !next.select.empty();
    merged.where = entries[claim.entry].where;
  }
  if (!own_selectors) {
    for (const Claim& claim : claims) append_selectors(defaults.select, claim.ports_of, merged.selectors);
  }
  sort_selectors(merged.selectors);
  return merged;
}

}  // namespace meshctl
