// inventories/windows/: each resolves, Windows can do what it asks for, and all emitted files pass our own parsers.
#include <doctest/doctest.h>

#include <filesystem>

#include "backend/backend.hpp"
#include "backend/check.hpp"
#include "inventory/load.hpp"
#include "unit/windows/sample.hpp"

using namespace meshctl;
namespace fs = std::filesystem;

namespace {

const Backend& backend_of(const std::vector<std::unique_ptr<Backend>>& all, BackendKind kind) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& backend) { return backend->kind() == kind; });
  REQUIRE(found != all.end());
  return **found;
}

std::string all_of(const Diags& diags, const Sources& sources) {
  std::string out;
  for (const Diag& diag : diags) out += render(diag, sources, false) + "\n";
  return out;
}

}  // namespace

TEST_CASE("the examples compile, and every file is accepted") {
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(MESHCTL_SOURCE_DIR) / "inventories/windows")) {
    CAPTURE(entry.path().string());
    Sources sources;
    DiagSink sink;
    const auto inventory = load_inventory(entry.path(), sources, sink);
    REQUIRE(inventory);
    const auto mesh = resolve(*inventory, {}, entry.path().parent_path(), sink);
    REQUIRE_MESSAGE(mesh, all_of(mesh.error(), sources));
    const auto backends = make_backends(TemplateSet::embedded(), sources);
    REQUIRE(backends);
    const windows_test::Keys keys;
    HostPlan plan;
    for (HostIndex host = 0; host < mesh->hosts.size(); ++host) {
      const Backend& backend = backend_of(*backends, mesh->hosts[host].backend);
      DiagSink faults;
      backend.check(*mesh, host, faults);
      CHECK_MESSAGE(faults.ok(), all_of(faults.take(), sources));
      if (backend.kind() != BackendKind::Windows) continue;
      std::vector<Artefact> artefacts;
      project(*mesh, host, plan);
      backend.emit(plan, keys, artefacts);
      CHECK(artefacts.size() >= 2);
      for (const Artefact& artefact : artefacts) {
        const std::string end = fs::path(artefact.path).extension().string();
        if (end == ".cer" || end == ".crl" || end == ".pfx" || end == ".psk") continue;
        ++files;
        const auto format = guess_format(artefact.path, artefact.content);
        REQUIRE(format);
        const Diags found = check_file(artefact.path, artefact.content, *format, sources);
        CHECK_MESSAGE(found.empty(), all_of(found, sources));
      }
    }
  }
  CHECK(files > 20);
}
