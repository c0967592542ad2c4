#include <fmt/core.h>

#include <algorithm>
#include <tuple>

#include "mesh/flows.hpp"
#include "mesh/rare_options.hpp"
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
Selector oriented(const SelectorSpec& spec, FlowAction usual, bool to_is_b) {
  Selector out;
  out.protocol = spec.protocol_number;
  out.icmp_type = spec.icmp_type;
  out.icmp_code = spec.icmp_code;
  out.action = spec.action.value_or(usual);
  (to_is_b ? out.b_port : out.a_port) = spec.port;
  (to_is_b ? out.a_port : out.b_port) = spec.from_port;
  (to_is_b ? out.b_net : out.a_net) = spec.to;
  (to_is_b ? out.a_net : out.b_net) = spec.from;
  return out;
}

bool same_traffic(Selector x, const Selector& y) {
  x.action = y.action;
  return x == y;
}

/// What happens to the same traffic is said by the later entry.
void append(const Selector& selector, std::vector<Selector>& out) {
  const auto twin = std::find_if(out.begin(), out.end(), [&](const Selector& s) { return same_traffic(s, selector); });
  if (twin == out.end()) {
    out.push_back(selector);
  } else {
    twin->action = selector.action;
  }
}

void append_selectors(const std::vector<Marked<SelectorSpec>>& specs, FlowAction usual, std::uint32_t ports_of,
                      std::vector<Selector>& out) {
  for (const auto& spec : specs) {
    if ((ports_of & kPortsOfA) != 0) append(oriented(spec.value, usual, false), out);
    if ((ports_of & kPortsOfB) != 0) append(oriented(spec.value, usual, true), out);
  }
}

/// What is let pass or dropped is an exception: it never narrows what is protected.
void merge_selectors(std::span<const Claim> claims, const std::vector<LinkEntry>& entries, const LinkOptions& defaults,
                     std::vector<Selector>& out) {
  bool whole = false;  // an entry says what happens to all traffic
  for (const Claim& claim : claims) {
    const LinkOptions& next = entries[claim.entry].options;
    const FlowAction usual = next.rare->action ? next.rare->action->value : FlowAction::Protect;
    append_selectors(next.select, usual, claim.ports_of, out);
    if (!next.select.empty() || usual == FlowAction::Protect) continue;
    Selector all;
    all.action = usual;
    append(all, out);
    whole = true;
  }
  const auto protects = [&out] {
    return std::any_of(out.begin(), out.end(), [](const Selector& s) { return s.action == FlowAction::Protect; });
  };
  if (protects() || whole) return;
  for (const Claim& claim : claims) append_selectors(defaults.select, FlowAction::Protect, claim.ports_of, out);
  if (!protects()) append(Selector{}, out);
}

/// Options of one end: `from` and `to` become the link's a and b.
class Sides {
 public:
  Sides(MergedOptions& merged, DiagSink& sink) : merged_(merged), sink_(sink) {}

  void add(const RareOptions& rare, std::uint32_t ports_of, bool must_fit) {
    const bool ambiguous = ports_of == (kPortsOfA | kPortsOfB);
    if (ambiguous) {
      if (must_fit && (rare.initiator || rare.identity_from || rare.identity_to)) complain(rare);
      return;
    }
    const bool to_is_b = ports_of == kPortsOfB;
    if (rare.initiator) {
      const bool to_starts = rare.initiator->value == Side::To;
      merged_.a_initiates = Marked<bool>{to_starts != to_is_b, rare.initiator->where};
    }
    override_with(to_is_b ? merged_.a_identity : merged_.b_identity, rare.identity_from);
    override_with(to_is_b ? merged_.b_identity : merged_.a_identity, rare.identity_to);
  }

 private:
  void complain(const RareOptions& rare) {
    const Range where = rare.initiator       ? rare.initiator->where
                        : rare.identity_from ? rare.identity_from->where
                                             : rare.identity_to->where;
    sink_.error("E1064", where, "this entry has no 'from' and 'to', or names a pair both ways round")
        .with_hint("write it in an entry {between: [a, b]} or {from: x, to: y} of its own");
  }

  MergedOptions& merged_;
  DiagSink& sink_;
};

void override_rare(RareOptions& merged, const RareOptions& next) {
  for_each_shared_option([&](auto member) { override_with(merged.*member, next.*member); });
  for (const auto& [section, text] : next.raw) merged.raw[section] = text;
}

void sort_selectors(std::vector<Selector>& selectors) {
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
  Sides sides(merged, sink);
  override_rare(merged.rare, *defaults.rare);
  sides.add(*defaults.rare, claims.back().ports_of, false);
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
    if (!next.rare.empty()) {
      override_rare(merged.rare, *next.rare);
      sides.add(*next.rare, claim.ports_of, true);
    }
    merged.where = entries[claim.entry].where;
  }
  merge_selectors(claims, entries, defaults, merged.selectors);
  sort_selectors(merged.selectors);
  return merged;
}

}  // namespace meshctl
