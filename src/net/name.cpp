#include "net/name.hpp"

#include <algorithm>
#include <vector>

#include "base/text.hpp"

namespace meshctl {
namespace {

constexpr std::size_t kMaxLabel = 63;
constexpr std::size_t kMaxDnsName = 253;

// Not <cctype>: names must not depend on the locale.
bool is_alnum(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

bool is_label(std::string_view label) {
  if (label.empty() || label.size() > kMaxLabel || label.front() == '-' || label.back() == '-') return false;
  return std::all_of(label.begin(), label.end(), [](char c) { return is_alnum(c) || c == '-'; });
}

}  // namespace

std::optional<std::string> why_bad_name(std::string_view name) {
  if (name.empty()) return "a name must not be empty";
  if (name.size() > kMaxLabel) return "a name has at most 63 characters, this one has " + std::to_string(name.size());
  for (std::size_t at = 0; at < name.size(); ++at) {
    const char c = name[at];
    if (is_alnum(c) || c == '.' || c == '_' || c == '-') continue;
    return "a name has only letters, digits, '.', '_' and '-', not " + describe_character(name, at);
  }
  if (!is_alnum(name.front())) return "a name starts with a letter or a digit, not " + describe_character(name, 0);
  if (name.find("..") != std::string_view::npos) return "a name must not contain '..'";
  if (name == "all") return "'all' is the word for every host";
  return std::nullopt;
}

bool is_dns_name(std::string_view name) {
  if (name.empty() || name.size() > kMaxDnsName) return false;
  std::string_view last;
  while (true) {
    const auto dot = name.find('.');
    last = name.substr(0, dot);
    if (!is_label(last)) return false;
    if (dot == std::string_view::npos) break;
    name.remove_prefix(dot + 1);
  }
  // A last label of digits only is a mistyped address ("10.0.0.256"), never a name (RFC 1123 2.1).
  return !std::all_of(last.begin(), last.end(), [](char c) { return c >= '0' && c <= '9'; });
}

unsigned edit_distance(std::string_view a, std::string_view b, unsigned limit) {
  const std::size_t gap = a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
  if (gap > limit) return limit + 1;
  // Rows of the classic table; a transposition looks back two rows.
  std::vector<unsigned> before(b.size() + 1);
  std::vector<unsigned> last(b.size() + 1);
  std::vector<unsigned> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = static_cast<unsigned>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(before, last);
    std::swap(last, row);
    row[0] = static_cast<unsigned>(i);
    unsigned least = row[0];
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const unsigned change = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
      least = std::min(least, row[j]);
    }
    // A later row can undercut this one only by a transposition that skips it, so both must be above the limit.
    if (least > limit && *std::min_element(last.begin(), last.end()) > limit) return limit + 1;
  }
  return std::min(row[b.size()], limit + 1);
}

}  // namespace meshctl
