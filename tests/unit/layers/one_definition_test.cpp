// Two types with one qualified name in two files break the one definition rule: the linker keeps one's inline functions
// for both without a word, and the program dies elsewhere. Names in an unnamed namespace are a file's own.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Definitions = std::map<std::string, std::set<std::string>>;  // qualified type -> files that define it

/// Relies on the format that .clang-format gives: what stands in a namespace is not indented.
void add_definitions(std::istream& in, const std::string& file, Definitions& out) {
  static const std::regex open(R"(^namespace ?([A-Za-z_:]*) ?\{)");
  static const std::regex close(R"(^\}  // namespace)");
  static const std::regex type(R"(^(?:struct|union|class|enum|enum class) (\w+)(?: final)?(?: :.*)? \{)");
  std::vector<std::string> spaces;
  std::smatch match;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == ' ' || line[0] == '/' || line[0] == '#') continue;  // std::regex is slow
    if (std::regex_search(line, match, open)) {
      spaces.push_back(match[1].str().empty() ? file : match[1].str());
    } else if (std::regex_search(line, close)) {
      if (!spaces.empty()) spaces.pop_back();
    } else if (std::regex_search(line, match, type)) {
      std::string name;
      for (const std::string& space : spaces) name += space + "::";
      out[name + match[1].str()].insert(file);
    }
  }
}

Definitions definitions_in(const fs::path& folder) {
  Definitions out;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string extension = entry.path().extension().string();
    if (extension != ".cpp" && extension != ".hpp") continue;
    std::ifstream in(entry.path());
    add_definitions(in, entry.path().string(), out);
  }
  return out;
}

}  // namespace

TEST_CASE("no two files define a type of the same name") {
  const Definitions all = definitions_in(fs::path(MESHCTL_SOURCE_DIR) / "src");
  CHECK(all.size() > 100);
  for (const auto& [name, files] : all) {
    std::string places;
    for (const std::string& file : files) places += " " + file;
    CHECK_MESSAGE(files.size() == 1, name << " in" << places);
  }
}

TEST_CASE("types are told apart by namespace, and by file where it is unnamed") {
  Definitions found;
  const auto add = [&](const char* file, const char* text) {
    std::istringstream in(text);
    add_definitions(in, file, found);
  };
  add("a",
      "namespace m {\nclass Run final : public X {\n};\nnamespace {\nstruct Own {\n};\n}  // namespace\n}  // "
      "namespace m\n");
  add("b",
      "namespace m {\nenum class Run : int {\n};\nnamespace {\nstruct Own {\n};\n}  // namespace\n}  // namespace m\n");
  add("c", "namespace m::n {\nstruct Run {\n};\n}  // namespace m::n\nstruct Run;\n");
  CHECK(found.at("m::Run").size() == 2);
  CHECK(found.at("m::n::Run").size() == 1);
  CHECK(found.at("m::a::Own").size() == 1);
  CHECK(found.at("m::b::Own").size() == 1);
}
