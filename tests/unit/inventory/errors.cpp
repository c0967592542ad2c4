// Malformed inventories and the exact text that people get: tests/errors/NAME.yaml and NAME.err.
// MESHCTL_ACCEPT=1 rewrites the .err files and lets the test fail, so that it never passes unseen.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "inventory/load.hpp"

using namespace meshctl;
namespace fs = std::filesystem;

namespace {

const fs::path kFolder = fs::path(MESHCTL_SOURCE_DIR) / "tests/errors";

std::string slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// "# faults: N" as the first line: how many faults were planted. One without it.
std::size_t planted(const std::string& text) {
  constexpr std::string_view kMark = "# faults: ";
  std::size_t count = 1;
  if (text.starts_with(kMark)) std::from_chars(text.data() + kMark.size(), text.data() + text.size(), count);
  return count;
}

struct Outcome {
  std::string text;
  std::size_t errors = 0;
  bool all_helpful = true;  // a hint for each error
};

/// Paths in the texts are relative to the folder, on every machine.
Outcome load(const std::string& name) {
  Sources sources;
  DiagSink sink;
  const auto inventory = load_inventory(name, sources, sink);
  Outcome outcome;
  if (inventory) return outcome;
  for (const Diag& diag : inventory.error()) {
    outcome.text += render(diag, sources, false);
    if (diag.severity != Severity::Error) continue;
    ++outcome.errors;
    if (diag.hint.empty()) outcome.all_helpful = false;
  }
  CHECK(sink.all().empty());  // nothing is told twice
  return outcome;
}

std::vector<std::string> names() {
  std::vector<std::string> found;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".yaml") found.push_back(entry.path().stem().string());
  }
  std::sort(found.begin(), found.end());
  return found;
}

struct InFolder {
  fs::path before = fs::current_path();
  InFolder() { fs::current_path(kFolder); }
  ~InFolder() { fs::current_path(before); }
  InFolder(const InFolder&) = delete;
  InFolder& operator=(const InFolder&) = delete;
};

}  // namespace

TEST_CASE("each malformed inventory gets its error, word for word") {
  const bool accept = std::getenv("MESHCTL_ACCEPT") != nullptr;  // NOLINT(concurrency-mt-unsafe): one thread
  const InFolder here;
  const auto all = names();
  CHECK(all.size() >= 40);
  for (const std::string& name : all) {
    CAPTURE(name);
    const Outcome outcome = load(name + ".yaml");
    if (accept) std::ofstream(name + ".err", std::ios::binary) << outcome.text;
    CHECK(outcome.text == slurp(name + ".err"));
    CHECK(outcome.errors == planted(slurp(name + ".yaml")));
    CHECK(outcome.all_helpful);
  }
  if (accept) FAIL("golden files were rewritten: look at the difference, then run without MESHCTL_ACCEPT");
}

TEST_CASE("no golden file is left without its input") {
  const auto all = names();
  const std::set<std::string> inputs(all.begin(), all.end());
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".err") CHECK(inputs.contains(entry.path().stem().string()));
  }
}
