// Names that are safe everywhere they go: file names, shell words, configuration files, terminals.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace meshctl {

/// Host and tag names: 1..63 of [A-Za-z0-9._-], starting with a letter or digit, no "..", not "all".
/// Returns the reason why not, or nullopt when the name is good.
std::optional<std::string> why_bad_name(std::string_view name);

/// DNS host name per RFC 1123 (labels of 1..63, 253 in all, letters, digits, hyphens; no trailing dot).
bool is_dns_name(std::string_view name);

/// The candidate nearest to `wrong` (Damerau-Levenshtein at most 1/3 of its length), or an empty view.
template <class Names>
std::string_view nearest(std::string_view wrong, const Names& candidates);

/// Edit distance with transpositions, bounded by `limit` (returns limit + 1 when it is larger).
unsigned edit_distance(std::string_view a, std::string_view b, unsigned limit);

template <class Names>
std::string_view nearest(std::string_view wrong, const Names& candidates) {
  const unsigned limit = wrong.size() < 3 ? 1 : static_cast<unsigned>(wrong.size() / 3);
  unsigned best = limit + 1;
  std::string_view found;
  for (const auto& candidate : candidates) {
    const unsigned distance = edit_distance(wrong, candidate, limit);
    if (distance < best) {
      best = distance;
      found = candidate;
    }
  }
  return found;
}

}  // namespace meshctl
