// The longest common subsequence of lines between the common beginning and end of the two texts, in hunks.
// Configurations have some thousand lines and few changes: the table stays small. Where it would not, all between is
// replaced.
#include "plan/unified_diff.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <vector>

namespace meshctl {
namespace {

constexpr std::size_t kContext = 3;
constexpr std::size_t kMostCells = 4'000'000;

using Lines = std::vector<std::string_view>;

struct Line {
  char sign;  // ' ', '-' or '+'
  std::string_view text;
};

Lines lines_of(std::string_view text) {
  Lines out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

/// What is between, whole: all that goes before all that comes.
void replace_all(const Lines& before, const Lines& after, std::vector<Line>& out) {
  for (const std::string_view line : before) out.push_back({'-', line});
  for (const std::string_view line : after) out.push_back({'+', line});
}

void compare(const Lines& before, const Lines& after, std::vector<Line>& out) {
  const std::size_t width = after.size() + 1;
  if ((before.size() + 1) * width > kMostCells) return replace_all(before, after, out);
  // common[i][j]: lines that before from i on and after from j on have in common
  std::vector<std::uint32_t> common((before.size() + 1) * width, 0);
  for (std::size_t i = before.size(); i-- > 0;) {
    for (std::size_t j = after.size(); j-- > 0;) {
      common[i * width + j] = before[i] == after[j] ? common[(i + 1) * width + j + 1] + 1
                                                    : std::max(common[(i + 1) * width + j], common[i * width + j + 1]);
    }
  }
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < before.size() || j < after.size()) {
    if (i < before.size() && j < after.size() && before[i] == after[j]) {
      out.push_back({' ', before[i++]});
      ++j;
    } else if (j == after.size() || (i < before.size() && common[(i + 1) * width + j] >= common[i * width + j + 1])) {
      out.push_back({'-', before[i++]});
    } else {
      out.push_back({'+', after[j++]});
    }
  }
}

std::vector<Line> edit_script(std::string_view before, std::string_view after) {
  Lines old_lines = lines_of(before);
  Lines new_lines = lines_of(after);
  const auto [a, b] = std::mismatch(old_lines.begin(), old_lines.end(), new_lines.begin(), new_lines.end());
  std::vector<Line> out;
  for (auto line = old_lines.begin(); line != a; ++line) out.push_back({' ', *line});
  const auto room = std::min(old_lines.end() - a, new_lines.end() - b);
  const auto tail = std::mismatch(old_lines.rbegin(), old_lines.rbegin() + room, new_lines.rbegin()).first;
  const std::ptrdiff_t same = tail - old_lines.rbegin();
  compare(Lines(a, old_lines.end() - same), Lines(b, new_lines.end() - same), out);
  for (auto line = old_lines.end() - same; line != old_lines.end(); ++line) out.push_back({' ', *line});
  return out;
}

/// "12,3", "12": where a hunk lies in one of the texts. One without lines there is behind the line named.
std::string range(std::size_t first, std::size_t count) {
  return count == 1 ? fmt::format("{}", first + 1) : fmt::format("{},{}", count == 0 ? first : first + 1, count);
}

}  // namespace

std::string unified_diff(std::string_view before, std::string_view after) {
  const std::vector<Line> script = edit_script(before, after);
  std::string out;
  std::size_t old_line = 0;  // of script[at]
  std::size_t new_line = 0;
  const auto changed = [&](std::size_t at) { return script[at].sign != ' '; };
  std::size_t at = 0;
  while (at < script.size()) {
    std::size_t next = at;
    while (next < script.size() && !changed(next)) ++next;
    if (next == script.size()) break;
    const std::size_t begin = next - std::min(kContext, next - at);
    // A hunk goes on while the gap to the next change is all context.
    std::size_t last = next;
    for (std::size_t i = next; i < script.size() && i - last <= 2 * kContext + 1; ++i) {
      if (changed(i)) last = i;
    }
    const std::size_t end = std::min(last + 1 + kContext, script.size());
    old_line += begin - at;
    new_line += begin - at;
    std::size_t old_count = 0;
    std::size_t new_count = 0;
    for (std::size_t i = begin; i < end; ++i) {
      old_count += script[i].sign != '+' ? 1 : 0;
      new_count += script[i].sign != '-' ? 1 : 0;
    }
    fmt::format_to(std::back_inserter(out), "@@ -{} +{} @@\n", range(old_line, old_count), range(new_line, new_count));
    for (std::size_t i = begin; i < end; ++i)
      fmt::format_to(std::back_inserter(out), "{}{}\n", script[i].sign, script[i].text);
    old_line += old_count;
    new_line += new_count;
    at = end;
  }
  return out;
}

}  // namespace meshctl
