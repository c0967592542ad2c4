#include "backend/windows/backend.hpp"

#include <cstdio>
#include <cstdlib>

#include "backend/windows/capabilities.hpp"
#include "backend/windows/netsh_emit.hpp"

namespace meshctl::windows {
namespace {

class WindowsBackend final : public Backend {
 public:
  explicit WindowsBackend(NetshEmitter netsh) : netsh_(std::move(netsh)) {}

  [[nodiscard]] BackendKind kind() const override { return BackendKind::Windows; }
  void check(const Mesh& mesh, HostIndex host, DiagSink& sink) const override { check_host(mesh, host, sink); }

  void emit(const HostPlan& plan, const KeySource& keys, std::vector<Artefact>& artefacts) const override {
    artefacts.clear();
    if (netsh_.emit(plan, keys, artefacts)) return;
    // Every value was checked on its way here. Better no program than a file that says something else.
    std::fputs("meshctl: internal error: a value does not fit its place in a template for Windows\n", stderr);
    std::abort();
  }

  /// There is no POSIX sh on Windows: the scripts that are emitted bring what they need.
  [[nodiscard]] std::string_view activation() const override { return {}; }

 private:
  NetshEmitter netsh_;
};

}  // namespace

Result<std::unique_ptr<Backend>> make_backend(const TemplateSet& templates, Sources& sources) {
  auto netsh = NetshEmitter::make(templates, sources);
  if (!netsh) return tl::unexpected(std::move(netsh.error()));
  return std::make_unique<WindowsBackend>(*std::move(netsh));
}

}  // namespace meshctl::windows
