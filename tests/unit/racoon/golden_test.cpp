// Emitted files against tests/golden/racoon/HOST/. MESHCTL_ACCEPT=1 rewrites them, and fails all the same.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "backend/check.hpp"
#include "backend/racoon/backend.hpp"
#include "unit/racoon/sample.hpp"

namespace meshctl {
namespace fs = std::filesystem;
namespace {

std::string slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// As below /etc/racoon; what is elsewhere by its whole path.
fs::path golden_path(const Host& host, std::string_view live) {
  constexpr std::string_view folder = "/etc/racoon/";
  live.remove_prefix(live.starts_with(folder) ? folder.size() : 1);
  return fs::path(MESHCTL_SOURCE_DIR) / "tests/golden/racoon" / host.name / fs::path(live);
}

/// The tests' keys may be short, and one of their links is a weak one. That names are compared by their beginning is
/// racoon's nature.
bool meant(std::string_view code) { return code == "W2607" || code == "W2508" || code == "N2507" || code == "N2601"; }

void check_golden(const Mesh& mesh) {
  Sources sources;
  const auto backend = racoon::make_backend(TemplateSet::embedded(), sources);
  REQUIRE(backend);
  const racoon_test::FakePsks psks;
  HostPlan plan;
  std::vector<Artefact> artefacts;
  const bool accept = std::getenv("MESHCTL_ACCEPT") != nullptr;
  for (HostIndex host = 0; host < mesh.hosts.size(); ++host) {
    project(mesh, host, plan);
    (*backend)->emit(plan, psks, artefacts);
    for (const Artefact& artefact : artefacts) {
      const fs::path golden = golden_path(mesh.hosts[host], artefact.path);
      CAPTURE(golden.string());
      if (accept) {
        fs::create_directories(golden.parent_path());
        std::ofstream(golden, std::ios::binary) << artefact.content;
      }
      CHECK_MESSAGE(slurp(golden) == artefact.content, "run with MESHCTL_ACCEPT=1 and read the difference");
      const auto format = guess_format(artefact.path, artefact.content);
      if (!format) continue;
      for (const Diag& diag : check_file(artefact.path, artefact.content, *format, sources)) {
        if (meant(diag.code)) continue;
        CHECK_MESSAGE(false, render(diag, sources, false));
      }
    }
  }
  CHECK_MESSAGE(!accept, "golden files were rewritten: read the difference, then run without MESHCTL_ACCEPT");
}

}  // namespace

TEST_CASE("emitted files are the golden ones, and our own parsers find nothing to say") {
  check_golden(racoon_test::sample());
}

TEST_CASE("golden: sites, a road warrior, keys by hand and what stands around them") {
  check_golden(racoon_test::sites());
}

TEST_CASE("golden: racoon-tool.conf beside the files that it repeats") { check_golden(racoon_test::with_tool()); }

TEST_CASE("a second host reuses the buffers and leaves nothing of the first") {
  Sources sources;
  const auto backend = racoon::make_backend(TemplateSet::embedded(), sources);
  REQUIRE(backend);
  const Mesh mesh = racoon_test::sample();
  const racoon_test::FakePsks psks;
  HostPlan plan;
  std::vector<Artefact> reused;
  for (const HostIndex host : {0u, 2u, 1u, 2u}) {
    std::vector<Artefact> fresh;
    project(mesh, host, plan);
    (*backend)->emit(plan, psks, reused);
    (*backend)->emit(plan, psks, fresh);
    REQUIRE(reused.size() == fresh.size());
    for (std::size_t i = 0; i < fresh.size(); ++i) CHECK(reused[i].content == fresh[i].content);
    CHECK(fresh[0].mode == 0600);
    CHECK(fresh[0].secret);
  }
}

}  // namespace meshctl
