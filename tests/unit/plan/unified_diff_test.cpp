#include "plan/unified_diff.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <charconv>
#include <string>
#include <vector>

using namespace meshctl;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = text.find('\n', at);
    out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out;
}

/// As patch(1): every line of context and every deletion must be there.
std::string patched(const std::string& before, const std::string& diff) {
  const std::vector<std::string> old_lines = lines_of(before);
  std::vector<std::string> out;
  std::size_t at = 0;
  for (const std::string& line : lines_of(diff)) {
    if (line[0] == '@') {
      std::size_t first = 0;
      const auto end = std::from_chars(line.data() + 4, line.data() + line.size(), first).ptr;
      const bool empty = line.substr(static_cast<std::size_t>(end - line.data()), 2) == ",0";
      const std::size_t start = empty ? first : first - 1;
      while (at < start) out.push_back(old_lines.at(at++));
    } else if (line[0] == '+') {
      out.push_back(line.substr(1));
    } else {
      if (old_lines.at(at) != line.substr(1)) return "does not apply";
      if (line[0] == ' ') out.push_back(line.substr(1));
      ++at;
    }
  }
  while (at < old_lines.size()) out.push_back(old_lines[at++]);
  return joined(out);
}

}  // namespace

TEST_CASE("unified diffs look as diff -u writes them") {
  CHECK(unified_diff("", "").empty());
  CHECK(unified_diff("a\nb\n", "a\nb\n").empty());
  CHECK(unified_diff("a\nb", "a\nb\n").empty());
  CHECK(unified_diff("", "a\nb\n") == "@@ -0,0 +1,2 @@\n+a\n+b\n");
  CHECK(unified_diff("a\n", "") == "@@ -1 +0,0 @@\n-a\n");
  CHECK(unified_diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nx\n6\n7\n8\n9\n") ==
        "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n");
  // Seven lines between two changes: two hunks. Six: one.
  CHECK(unified_diff("a\n1\n2\n3\n4\n5\n6\n7\nb\n", "1\n2\n3\n4\n5\n6\n7\n") ==
        "@@ -1,4 +1,3 @@\n-a\n 1\n 2\n 3\n@@ -6,4 +5,3 @@\n 5\n 6\n 7\n-b\n");
  CHECK(unified_diff("a\n1\n2\n3\n4\n5\n6\nb\n", "1\n2\n3\n4\n5\n6\n") ==
        "@@ -1,8 +1,6 @@\n-a\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n");
}

TEST_CASE("a diff leads from one text to the other") {
  CHECK(rc::check([] {
    const auto text = rc::gen::map(
        rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>("a", "b", "c", "", "d")),
        [](const std::vector<std::string>& lines) { return joined(lines); });
    const std::string before = *text;
    const std::string after = *text;
    const std::string diff = unified_diff(before, after);
    RC_ASSERT(patched(before, diff) == after);
    RC_ASSERT(diff.empty() == (before == after));
  }));
}

TEST_CASE("texts too large for the table are replaced where they differ") {
  std::string before = "same\n";
  std::string after = "same\n";
  for (int i = 0; i < 3000; ++i) {
    before += "old " + std::to_string(i) + "\n";
    after += "new " + std::to_string(i) + "\n";
  }
  const std::string diff = unified_diff(before, after);
  CHECK(patched(before, diff) == after);
  CHECK(diff.starts_with("@@ -1,3001 +1,3001 @@\n same\n-old 0\n"));
}
