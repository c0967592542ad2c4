// certutil.exe of the simulator, as far as the scripts use it. It looks whether the files are there and are of the kind
// that they should be, and notes in C:\simulator\certificates.txt what a store got; it does no cryptography.
//
//   [-f] [-p PASSWORDS] -addstore STORE FILE     -delstore STORE ID     -mergepfx IN OUT     -importpfx [STORE] FILE
//   [MODIFIERS]
#include <cstdio>
#include <set>
#include <sstream>

#include "common.hpp"

namespace {

using Words = std::vector<std::string>;

bool is_pem(const std::string& file, const std::string& what) {
  const std::string text = sim::read_file(file);
  return sim::starts_with(text, "-----BEGIN ") && text.find(what) != std::string::npos;
}

void note(const std::string& line) {
  std::set<std::string> all{line};
  std::istringstream lines(sim::read_file(sim::folder() / "certificates.txt"));
  for (std::string old; std::getline(lines, old);) all.insert(old);
  sim::replace_file(sim::folder() / "certificates.txt", sim::join({all.begin(), all.end()}, "\n") + "\n");
}

/// Enough to tell two contents apart.
std::string mark(const std::string& content) { return std::to_string(std::hash<std::string>{}(content)); }

bool add_store(const std::string& store, const std::string& file) {
  const std::string content = sim::read_file(file);
  const bool certificate = is_pem(file, "CERTIFICATE") || sim::starts_with(content, "\x30\x82");
  if (certificate) note(sim::lower(store) + " " + mark(content));
  return certificate;
}

/// The key is the file of the same name that ends in .key.
bool merge(const std::string& certificate, const std::string& out) {
  const std::string key = std::filesystem::path(certificate).replace_extension(".key").string();
  if (!is_pem(certificate, "CERTIFICATE") || !is_pem(key, "PRIVATE KEY")) return false;
  sim::replace_file(out, "simulated pfx\n" + sim::read_file(certificate) + sim::read_file(key));
  return true;
}

bool import(const Words& words) {
  const bool has_store = words.size() > 2 || (words.size() == 2 && sim::lower(words[0]) == "my");
  const std::string content = sim::read_file(words[has_store ? 1 : 0]);
  if (!sim::starts_with(content, "simulated pfx\n")) return false;
  note("my " + mark(content));
  return true;
}

bool run(Words words) {
  while (!words.empty() && (words[0] == "-f" || words[0] == "-p")) {
    words.erase(words.begin(), words.begin() + (words[0] == "-p" && words.size() > 1 ? 2 : 1));
  }
  if (words.empty()) return false;
  const std::string verb = sim::lower(words[0]);
  words.erase(words.begin());
  if (verb == "-addstore" && words.size() == 2) return add_store(words[0], words[1]);
  if (verb == "-mergepfx" && words.size() == 2) return merge(words[0], words[1]);
  if (verb == "-importpfx" && !words.empty()) return import(words);
  return false;
}

}  // namespace

int main() {
  const Words words = sim::arguments();
  sim::Call call("certutil", words);
  const bool done = !call.told_to_fail("") && run(words);
  std::puts(done ? "CertUtil: command completed successfully." : "CertUtil: The parameter is incorrect.");
  call.end(done ? 0 : 1);
}
