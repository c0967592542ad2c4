// Diagnostic codes are an interface: people search for them, pipelines branch on them. So docs/diagnostics.md lists all
// of them and no others, and a code has one meaning.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

const fs::path kRoot = MESHCTL_SOURCE_DIR;

struct Line {
  std::string place;  // file:line
  std::string folder;
  std::string code;     // the line without its comment
  std::string comment;  // the rest
};

std::vector<Line> source_lines() {
  std::vector<Line> out;
  for (const auto& entry : fs::recursive_directory_iterator(kRoot / "src")) {
    const std::string extension = entry.path().extension().string();
    if (extension != ".cpp" && extension != ".hpp") continue;
    const fs::path name = fs::relative(entry.path(), kRoot);
    std::ifstream in(entry.path());
    int number = 0;
    for (std::string line; std::getline(in, line);) {
      const std::size_t cut = std::min(line.find("//"), line.size());
      out.push_back({name.string() + ":" + std::to_string(++number), name.parent_path().string(), line.substr(0, cut),
                     line.substr(cut)});
    }
  }
  return out;
}

/// Four digits in a row: std::regex is slow, and most lines have no code at all.
bool may_have_code(const std::string& text) {
  int digits = 0;
  for (const char c : text) {
    digits = c >= '0' && c <= '9' ? digits + 1 : 0;
    if (digits == 4) return true;
  }
  return false;
}

Names matches(const std::string& text, const std::regex& pattern) {
  Names out;
  if (!may_have_code(text)) return out;
  for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at) out.insert((*at)[1]);
  return out;
}

const std::regex kLiteral(R"re("([EWN][0-9]{4})")re");
const std::regex kMention(R"(\b([EWN][0-9]{4})\b)");

/// Codes that stand in string literals, with the folders where. A comparison with a code gives nobody that code.
std::map<std::string, Names> codes_in_sources() {
  const std::regex comparison("code\\s*==");
  std::map<std::string, Names> out;
  for (const Line& line : source_lines()) {
    if (!may_have_code(line.code) || std::regex_search(line.code, comparison)) continue;
    for (const std::string& code : matches(line.code, kLiteral)) out[code].insert(line.folder);
  }
  return out;
}

/// Rows of the tables: `| E0101 | what it says | what to do |`, with how often each code has one.
std::map<std::string, int> codes_in_docs() {
  const std::regex row(R"(^\| ([EWN][0-9]{4}) \| [^|]*[^| ][^|]* \| [^|]*[^| ][^|]* \|$)");
  std::map<std::string, int> out;
  std::ifstream in(kRoot / "docs/diagnostics.md");
  std::smatch match;
  for (std::string line; std::getline(in, line);) {
    if (std::regex_match(line, match, row)) out[match[1]]++;
  }
  return out;
}

}  // namespace

TEST_CASE("docs/diagnostics.md has one row for each code, and no others") {
  const auto used = codes_in_sources();
  const auto listed = codes_in_docs();
  REQUIRE(used.size() > 100);  // else this test looks for the wrong thing
  for (const auto& [code, folders] : used) {
    INFO(code << " of " << *folders.begin() << " is not in docs/diagnostics.md");
    CHECK(listed.contains(code));
  }
  for (const auto& [code, times] : listed) {
    INFO(code << " is in docs/diagnostics.md, but nothing says it");
    CHECK(used.contains(code));
    CHECK_MESSAGE(times == 1, code, " has more than one row");
  }
}

TEST_CASE("comments and other pages name only codes that there are") {
  const auto listed = codes_in_docs();
  for (const Line& line : source_lines()) {
    for (const std::string& code : matches(line.comment, kMention))
      CHECK_MESSAGE(listed.contains(code), line.place, " ", code);
  }
  for (const auto& entry : fs::directory_iterator(kRoot / "docs")) {
    if (entry.path().extension() != ".md") continue;
    std::ifstream in(entry.path());
    for (std::string line; std::getline(in, line);) {
      for (const std::string& code : matches(line, kMention)) {
        CHECK_MESSAGE(listed.contains(code), entry.path().filename().string(), " ", code);
      }
    }
  }
}

// The usual way to two meanings is that two people take the same free number.
TEST_CASE("two modules do not share a code, unless they mean the same") {
  const std::map<std::string, Names> shared = {
      {"E0102", {"src/yaml", "src/inventory"}},  // too large
      {"E3009", {"src/keys", "src/cli"}},        // nothing to open the vault with
      {"E4007", {"src/io", "src/apply"}},        // cannot write
      {"E5005", {"src/ssh", "src/apply"}},       // the connection was lost
      {"E5009", {"src/ssh", "src/cli"}},         // interrupted
      {"E5011", {"src/ssh", "src/apply"}},       // the answer is too large
      {"E9001", {"src/inventory", "src/cli"}},   // a fault of meshctl
  };
  for (const auto& [code, folders] : codes_in_sources()) {
    if (folders.size() == 1) continue;
    const auto known = shared.find(code);
    INFO(code << " stands in " << folders.size() << " modules, " << *folders.begin() << " among them");
    CHECK((known != shared.end() && folders == known->second));
  }
}

TEST_CASE("a code's letter is its severity") {
  const std::vector<std::pair<std::regex, char>> calls = {
      {std::regex(R"re((?:\berror|\brefuse|\bfault|\bfail(?:_errno)?)\("([EWN])[0-9]{4}")re"), 'E'},
      {std::regex(R"re(\bwarn(?:ing)?\("([EWN])[0-9]{4}")re"), 'W'},
      {std::regex(R"re((?:\binfo\(|Severity::Note, )"([EWN])[0-9]{4}")re"), 'N'}};
  for (const Line& line : source_lines()) {
    for (const auto& [call, letter] : calls) {
      for (const std::string& found : matches(line.code, call))
        CHECK_MESSAGE(found == std::string(1, letter), line.place);
    }
  }
}
