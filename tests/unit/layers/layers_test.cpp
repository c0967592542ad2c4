// Dependencies point one way: each module may include only those below it, and a library's headers only in one module.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

// Direct and indirect: what a module's files may include.
const std::map<std::string, Names> kMayUse = {
    {"base", {}},
    {"net", {"base"}},
    {"io", {"base"}},
    {"crypto", {"base"}},
    {"yaml", {"base"}},
    {"inventory", {"base", "net", "io", "yaml"}},
    {"mesh", {"base", "net", "io", "crypto", "inventory"}},
    {"keys", {"base", "io"}},
    {"tmpl", {"base", "io", "net"}},
    {"bundle", {"base", "io", "keys"}},
    {"backend", {"base", "net", "crypto", "inventory", "mesh", "tmpl", "bundle", "io"}},
    {"compile", {"base", "net", "io", "inventory", "mesh", "keys", "tmpl", "bundle", "backend"}},
    {"verify", {"base", "net", "io", "crypto", "keys", "bundle", "backend"}},
    {"import", {"base", "net", "io", "crypto", "inventory", "mesh", "keys", "bundle", "backend"}},
    {"plan", {"base", "io", "keys", "mesh", "inventory", "bundle"}},
    {"ssh", {"base", "net", "mesh", "inventory", "io"}},
    {"apply", {"base", "net", "io", "inventory", "mesh", "keys", "bundle", "backend", "plan", "ssh"}},
    {"cli",
     {"base", "net", "io", "inventory", "mesh", "keys", "tmpl", "bundle", "backend", "compile", "verify", "import",
      "plan", "ssh", "apply", "crypto", "yaml"}},
};

// A library's headers, and the one module that may see them.
const std::map<std::string, std::string> kOnlyIn = {
    {"yaml-cpp/", "yaml"}, {"openssl/", "keys"}, {"libssh/", "ssh"}, {"CLI/", "cli"}};

// Headers that cost the compiler seconds: what a file sees of the library is in a small header of ours.
const std::map<std::string, Names> kHeavy = {
    {"CLI/", {"src/cli/args.cpp"}},
    {"nlohmann/", {"src/io/json.cpp", "src/inventory/schema.cpp"}},
    {"valijson/", {"src/inventory/schema.cpp"}},
    {"yaml-cpp/", {"src/yaml/doc.cpp"}},
};

struct Include {
  std::string file;
  std::string target;
};

std::vector<Include> includes_of(const std::string& module) {
  std::vector<Include> out;
  const std::regex pattern(R"(^\s*#include\s+[<"]([^>"]+)[>"])");
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(MESHCTL_SOURCE_DIR) / "src" / module)) {
    const std::string extension = entry.path().extension().string();
    if (extension != ".cpp" && extension != ".hpp") continue;
    std::ifstream in(entry.path());
    std::smatch match;
    for (std::string line; std::getline(in, line);) {
      if (std::regex_search(line, match, pattern)) out.push_back({entry.path().string(), match[1]});
    }
  }
  return out;
}

}  // namespace

TEST_CASE("modules include only what lies below them") {
  for (const auto& [module, allowed] : kMayUse) {
    for (const Include& include : includes_of(module)) {
      const std::string target = include.target.substr(0, include.target.find('/'));
      if (!kMayUse.contains(target) || target == module) continue;
      INFO(include.file << " includes " << include.target);
      CHECK(allowed.contains(target));
    }
  }
}

TEST_CASE("each library is known to one module") {
  for (const auto& [module, allowed] : kMayUse) {
    for (const Include& include : includes_of(module)) {
      for (const auto& [prefix, owner] : kOnlyIn) {
        if (!include.target.starts_with(prefix)) continue;
        INFO(include.file << " includes " << include.target);
        CHECK(module == owner);
      }
    }
  }
}

TEST_CASE("heavy headers are included by the files that the table names, and by no others") {
  Names found;
  for (const auto& [module, allowed] : kMayUse) {
    for (const Include& include : includes_of(module)) {
      for (const auto& [prefix, files] : kHeavy) {
        if (!include.target.starts_with(prefix)) continue;
        const std::string file = fs::relative(include.file, MESHCTL_SOURCE_DIR).string();
        INFO(file << " includes " << include.target);
        CHECK(files.contains(file));
        found.insert(prefix + ' ' + file);
      }
    }
  }
  for (const auto& [prefix, files] : kHeavy) {
    for (const std::string& file : files)
      CHECK_MESSAGE(found.contains(prefix + ' ' + file), file, " no longer includes ", prefix);
  }
}

TEST_CASE("every module is in the table") {
  for (const auto& entry : fs::directory_iterator(fs::path(MESHCTL_SOURCE_DIR) / "src")) {
    if (entry.is_directory()) CHECK_MESSAGE(kMayUse.contains(entry.path().filename().string()), entry.path().string());
  }
}
