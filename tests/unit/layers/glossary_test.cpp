// docs/glossary.md settles the words. Its last table names those that are not written any more; this test looks for
// them in the documentation and in the messages of the sources.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path kProject = MESHCTL_SOURCE_DIR;

std::vector<std::string> lines_of(const fs::path& file) {
  std::ifstream in(file);
  std::vector<std::string> out;
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

/// The first column of the glossary's last table, whose words are separated by commas.
std::vector<std::string> words_not_written() {
  std::vector<std::string> out;
  bool in_table = false;
  for (const std::string& line : lines_of(kProject / "docs/glossary.md")) {
    if (line.starts_with("## ")) in_table = line == "## Words that we no longer write";
    if (!in_table || !line.starts_with("| ") || line.starts_with("| not |")) continue;
    const std::string column = line.substr(2, line.find(" |", 2) - 2);
    const std::regex comma(", *");
    std::copy(std::sregex_token_iterator(column.begin(), column.end(), comma, -1), {}, std::back_inserter(out));
  }
  return out;
}

/// One expression for all of them: whole words, capitals or not.
std::regex any_of(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : "|") + word;
  return std::regex("\\b(?:" + all + ")\\b", std::regex::icase | std::regex::optimize);
}

/// The text without what may stand in it although a word of the table is in it.
std::string without_allowed(const std::string& text) {
  static const std::regex allowed("there is no\\b|is no longer", std::regex::icase);
  return std::regex_replace(text, allowed, "");
}

void look_for_words(const std::string& text, const std::regex& words, const fs::path& file, std::size_t line) {
  const std::string rest = without_allowed(text);
  std::smatch found;
  if (!std::regex_search(rest, found, words)) return;
  FAIL_CHECK(fs::relative(file, kProject).string(), ":", line, ": '", found.str(), "' (docs/glossary.md): ", text);
}

/// What of a source line a user may see: string literals of more than one word; of a shell script only in what reports.
std::vector<std::string> messages_in(const std::string& line, bool shell) {
  static const std::regex literal(R"re("((?:[^"\\]|\\.)*)")re");
  static const std::regex reports(R"(\bdie [a-z]|\bhealth\b|\bprintf\b)");
  static const std::regex comment(R"(^\s*(?://|#))");
  std::vector<std::string> out;
  if (std::regex_search(line, comment) || (shell && !std::regex_search(line, reports))) return out;
  for (std::sregex_iterator at(line.begin(), line.end(), literal), end; at != end; ++at) {
    const std::string text = (*at)[1];
    if (text.find(' ') != std::string::npos) out.push_back(text);
  }
  return out;
}

}  // namespace

TEST_CASE("the documentation has no word that docs/glossary.md retired") {
  const std::vector<std::string> list = words_not_written();
  REQUIRE(list.size() > 10);  // else this test reads the wrong table
  const std::regex words = any_of(list);
  const std::regex code("`[^`]*`");
  std::vector<fs::path> pages{kProject / "README.md"};
  for (const auto& entry : fs::directory_iterator(kProject / "docs")) pages.push_back(entry.path());
  for (const fs::path& page : pages) {
    if (page.extension() != ".md" || page.filename() == "glossary.md") continue;
    bool in_block = false;
    std::size_t number = 0;
    for (const std::string& line : lines_of(page)) {
      ++number;
      if (line.starts_with("```")) in_block = !in_block;
      if (!in_block && !line.starts_with("    "))
        look_for_words(std::regex_replace(line, code, ""), words, page, number);
    }
  }
}

TEST_CASE("no message has a word that docs/glossary.md retired") {
  const std::regex words = any_of(words_not_written());
  std::size_t seen = 0;
  for (const auto& entry : fs::recursive_directory_iterator(kProject / "src")) {
    const std::string extension = entry.path().extension().string();
    const bool shell = extension == ".sh";
    if (!shell && extension != ".cpp" && extension != ".hpp") continue;
    std::size_t number = 0;
    for (const std::string& line : lines_of(entry.path())) {
      ++number;
      for (const std::string& text : messages_in(line, shell)) {
        ++seen;
        look_for_words(text, words, entry.path(), number);
      }
    }
  }
  CHECK(seen > 1000);  // else this test looks for the wrong thing
}
