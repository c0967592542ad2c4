#include "backend/windows/backend.hpp"

#include <cstdio>
#include <cstdlib>

#include "backend/windows/capabilities.hpp"
#include "backend/windows/netsh_emit.hpp"
#include "backend/windows/powershell_emit.hpp"
#include "backend/windows/static_emit.hpp"

namespace meshctl::windows {
namespace {

class WindowsBackend final : public Backend {
 public:
  WindowsBackend(NetshEmitter netsh, PowershellEmitter powershell, StaticEmitter old)
      : netsh_(std::move(netsh)), powershell_(std::move(powershell)), static_(std::move(old)) {}

  [[nodiscard]] BackendKind kind() const override { return BackendKind::Windows; }
  /// Of identities, exceptions and headers only some: check() looks at each. Subnets mean nothing in transport mode.
  /// The second row is never fulfilled: check() refuses it and says what to write instead.
  [[nodiscard]] WishSet fulfils() const override {
    return wish_set({Wish::UniqueLevel, Wish::Ah, Wish::EspAh, Wish::Exceptions, Wish::NatTraversal, Wish::ChildBytes,
                     Wish::Identity, Wish::Subnets,  //
                     Wish::Ipcomp, Wish::IcmpType, Wish::Nets, Wish::ExchangeMode, Wish::Dynamic});
  }
  void check(const Mesh& mesh, HostIndex host, DiagSink& sink) const override { check_host(mesh, host, sink); }

  void emit(const HostPlan& plan, const KeySource& keys, std::vector<Artefact>& artefacts) const override {
    artefacts.clear();
    if (write(plan, keys, artefacts)) return;
    // Every value was checked on its way here. Better no program than a file that says something else.
    std::fputs("meshctl: internal error: a value does not fit its place in a template for Windows\n", stderr);
    std::abort();
  }

  /// There is no POSIX sh on Windows: the scripts that are emitted bring what they need.
  [[nodiscard]] std::string_view activation() const override { return {}; }

 private:
  [[nodiscard]] bool write(const HostPlan& plan, const KeySource& keys, std::vector<Artefact>& artefacts) const {
    switch (plan.self().windows_form) {
      case WindowsForm::Powershell: return powershell_.emit(plan, keys, artefacts);
      case WindowsForm::IpsecStatic: return static_.emit(plan, keys, artefacts);
      case WindowsForm::Netsh: break;
    }
    return netsh_.emit(plan, keys, artefacts);
  }

  NetshEmitter netsh_;
  PowershellEmitter powershell_;
  StaticEmitter static_;
};

}  // namespace

Result<std::unique_ptr<Backend>> make_backend(const TemplateSet& templates, Sources& sources) {
  auto netsh = NetshEmitter::make(templates, sources);
  if (!netsh) return tl::unexpected(std::move(netsh.error()));
  auto powershell = PowershellEmitter::make(templates, sources);
  if (!powershell) return tl::unexpected(std::move(powershell.error()));
  auto old = StaticEmitter::make(templates, sources);
  if (!old) return tl::unexpected(std::move(old.error()));
  return std::make_unique<WindowsBackend>(*std::move(netsh), *std::move(powershell), *std::move(old));
}

}  // namespace meshctl::windows
