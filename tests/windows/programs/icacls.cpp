// icacls.exe of the simulator: NAME [/inheritance:r|d|e] [/grant[:r] SID:(PERMISSIONS)…] [/T] [/C] [/Q]. It checks that
// the file is there and how SIDs and permissions are written, and notes them in C:\simulator\acls.txt; nothing here
// enforces them.
#include <cstdio>
#include <map>
#include <regex>
#include <sstream>

#include "common.hpp"

namespace {

/// Translated names of accounts work on some machines only, so they are refused: `*S-1-5-32-544` or `SYSTEM`.
bool is_grant(const std::string& word) {
  static const std::regex form("(\\*S-1-[0-9]+(-[0-9]+)+|SYSTEM):(\\((OI|CI|IO|NP|I)\\))*(F|M|RX|R|W|D|\\([A-Z,]+\\))",
                               std::regex::icase);
  return std::regex_match(word, form);
}

bool check(const std::vector<std::string>& words) {
  bool grants = false;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string word = sim::lower(words[i]);
    if (word == "/grant" || word == "/grant:r") {
      grants = true;
    } else if (word[0] == '/') {
      grants = false;
      if (word != "/inheritance:r" && word != "/inheritance:d" && word != "/inheritance:e" && word != "/t" &&
          word != "/c" && word != "/q") {
        return false;
      }
    } else if (!grants || !is_grant(words[i])) {
      return false;
    }
  }
  return words.size() > 1;
}

void note(const std::string& path, const std::vector<std::string>& words) {
  std::map<std::string, std::string> all;
  std::istringstream lines(sim::read_file(sim::folder() / "acls.txt"));
  for (std::string line; std::getline(lines, line);) all[line.substr(0, line.find('\t'))] = line;
  all[sim::lower(path)] = sim::lower(path) + "\t" + sim::join({words.begin() + 1, words.end()}, " ");
  std::string text;
  for (const auto& [name, line] : all) text += line + "\n";
  sim::replace_file(sim::folder() / "acls.txt", text);
}

}  // namespace

int main() {
  const auto words = sim::arguments();
  sim::Call call("icacls", words);
  if (words.empty() || !check(words) || call.told_to_fail("")) {
    std::puts("Invalid parameter");
    call.end(87);
  }
  std::string path = words[0];
  while (path.size() > 3 && path.back() == '\\') path.pop_back();
  if (!std::filesystem::exists(path)) {
    std::printf("%s: The system cannot find the file specified.\n", path.c_str());
    call.end(2);
  }
  note(path, words);
  std::printf("processed file: %s\nSuccessfully processed 1 files; Failed processing 0 files\n", path.c_str());
  call.end(0);
}
