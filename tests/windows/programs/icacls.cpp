// icacls.exe of the simulator: NAME [/inheritance:r|d|e] [/grant[:r] SID:(PERMISSIONS)…] [/setowner SID] [/T] [/C]
// [/Q]. It checks that the file is there and how SIDs and permissions are written, and notes them in
// C:\simulator\acls.txt; nothing here enforces them.
#include <cstdio>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "common.hpp"

namespace {

/// Translated names of accounts work on some machines only, so they are refused: `*S-1-5-32-544` or `SYSTEM`.
bool is_grant(const std::string& word) {
  static const std::regex form("(\\*S-1-[0-9]+(-[0-9]+)+|SYSTEM):(\\((OI|CI|IO|NP|I)\\))*(F|M|RX|R|W|D|\\([A-Z,]+\\))",
                               std::regex::icase);
  return std::regex_match(word, form);
}

bool is_account(const std::string& word) { return is_grant(word + ":F"); }

/// `/setowner SID` stands alone; the others go together.
bool check(const std::vector<std::string>& words) {
  static const std::set<std::string> plain = {"/inheritance:r", "/inheritance:d", "/inheritance:e", "/t", "/c", "/q"};
  if (words.size() == 3 && sim::lower(words[1]) == "/setowner") return is_account(words[2]);
  bool grants = false;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string word = sim::lower(words[i]);
    if (plain.count(word)) {
      grants = false;
    } else if (word == "/grant" || word == "/grant:r") {
      grants = true;
    } else if (!grants || !is_grant(words[i])) {
      return false;
    }
  }
  return words.size() > 1;
}

/// What is told again takes the place of what was told before.
void note(const std::string& path, const std::vector<std::string>& words) {
  std::map<std::string, std::string> all;
  std::istringstream lines(sim::read_file(sim::folder() / "acls.txt"));
  const auto key = [](const std::string& line) { return line.substr(0, line.find(' ')); };
  for (std::string line; std::getline(lines, line);) all[key(line)] = line;
  const std::string line = sim::lower(path) + "\t" + sim::join({words.begin() + 1, words.end()}, " ");
  all[key(line)] = line;
  std::string text;
  for (const auto& [name, line] : all) text += line + "\n";
  sim::replace_file(sim::folder() / "acls.txt", text);
}

}  // namespace

int wmain(int count, wchar_t** argv) {
  const auto words = sim::arguments(count, argv);
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
