#include <algorithm>

#include "backend/host/emit.hpp"
#include "backend/strongswan/charon_settings.hpp"
#include "backend/strongswan/credentials.hpp"
#include "backend/strongswan/layout.hpp"
#include "backend/strongswan/routes.hpp"
#include "backend/strongswan/strongswan.hpp"
#include "backend/strongswan/values.hpp"
#include "base/embedded.hpp"

namespace meshctl::strongswan {
namespace {

/// Bytes of one connection in each file, rounded up: output grows once instead of by doubling, and no half-written copy
/// of the secrets stays behind in freed memory.
constexpr std::size_t kConnectionBytes = 1500;
constexpr std::size_t kSecretBytes = 512;
constexpr std::size_t kPolicyBytes = 260;
constexpr std::size_t kStateBytes = 512;

std::string_view activation_text() {
  const auto* const end = embedded_activation + embedded_activation_count;
  const auto* const found = std::find_if(
      embedded_activation, end, [](const EmbeddedFile& file) { return file.name == "strongswan/activation.sh"; });
  return found == end ? std::string_view() : found->content;
}

struct Templates {
  Template connections;
  Template secrets;
  Template policies;
  Template states;
  Template routes;
  Template charon;
  host::Emitter host;
};

class StrongswanBackend final : public Backend {
 public:
  explicit StrongswanBackend(Templates templates) : templates_(std::move(templates)) {}

  [[nodiscard]] BackendKind kind() const override { return BackendKind::Strongswan; }
  /// All but what charon has one value of for all links, in strongswan.conf.
  [[nodiscard]] WishSet fulfils() const override {
    return ~wish_set({Wish::NattKeepalive, Wish::NonceSize, Wish::InitialContact});
  }
  void check(const Mesh& mesh, HostIndex host, DiagSink& sink) const override { check_host(mesh, host, sink); }
  void emit(const HostPlan& plan, const KeySource& keys, std::vector<Artefact>& artefacts) const override;
  [[nodiscard]] std::string_view activation() const override { return activation_text(); }

 private:
  [[nodiscard]] bool emit_kernel(const HostPlan& plan, const Layout& layout, const KeySource& keys,
                                 host::ArtefactList& files) const;
  [[nodiscard]] bool emit_charon(const HostPlan& plan, const Layout& layout, const KeySource& keys,
                                 host::ArtefactList& files) const;

  Templates templates_;
};

/// A file with room for `count` pieces of `bytes` each.
std::string& add_file(std::string_view path, unsigned mode, bool secret, std::size_t count, std::size_t bytes,
                      host::ArtefactList& files) {
  std::string& content = files.add(path, mode, secret);
  content.reserve((count + 1) * bytes);
  return content;
}

bool StrongswanBackend::emit_kernel(const HostPlan& plan, const Layout& layout, const KeySource& keys,
                                    host::ArtefactList& files) const {
  std::vector<XfrmPolicy> policies;
  policies.reserve(plan.flows.size() * 2 + 64);
  PolicyNotes notes;
  make_policies(plan, layout, policies, notes);
  PolicyValues policy_values(plan, policies, notes);
  bool good = templates_.policies.render(policy_values,
                                         add_file(kPoliciesPath, 0600, false, policies.size(), kPolicyBytes, files));
  if (const auto states = states_of(plan, layout); !states.empty()) {
    StateValues values(plan, states, keys);
    good =
        good && templates_.states.render(values, add_file(kStatesPath, 0600, true, states.size(), kStateBytes, files));
  }
  std::vector<std::string> routes;
  for (const Route& route : routes_of(plan)) routes.push_back(route_line(route));
  if (!routes.empty()) {
    LineValues values(plan.self(), routes);
    good = good && templates_.routes.render(values, add_file(kRoutesPath, 0644, false, routes.size(), 100, files));
  }
  return good;
}

bool StrongswanBackend::emit_charon(const HostPlan& plan, const Layout& layout, const KeySource& keys,
                                    host::ArtefactList& files) const {
  ConnectionValues values(plan, layout, keys);
  const std::size_t count = layout.connections.size();
  const std::size_t raw = plan.self().daemon.raw_swanctl.size();
  bool good = templates_.secrets.render(values, add_file(kSecretsPath, 0600, true, count, kSecretBytes, files)) &&
              templates_.connections.render(
                  values, add_file(kConnectionsPath, 0644, false, count, kConnectionBytes + raw, files));
  append_credentials(plan, keys, files);
  if (sets_charon(plan.self().daemon)) {
    good = render_charon(templates_.charon, plan, files.add(kCharonPath, 0644, false)) && good;
  }
  return good;
}

void StrongswanBackend::emit(const HostPlan& plan, const KeySource& keys, std::vector<Artefact>& artefacts) const {
  bool good = false;
  {
    host::ArtefactList files(artefacts);
    const Layout layout = layout_of(plan);
    good = emit_kernel(plan, layout, keys, files) && emit_charon(plan, layout, keys, files) &&
           templates_.host.all(plan, false, files);
  }
  // A value that its slot forbids is a fault of this program: no file is better than a wrong one.
  if (!good) artefacts.clear();
}

}  // namespace

Result<std::unique_ptr<Backend>> make_backend(const TemplateSet& templates, Sources& sources) {
  Diags faults;
  const auto compile = [&](std::string_view name, const Vocabulary& vocabulary) {
    const auto& entry = templates.at(name);
    auto made = Template::compile(entry.origin, entry.text, vocabulary, sources);
    if (made) return std::move(*made);
    faults.insert(faults.end(), made.error().begin(), made.error().end());
    return Template();
  };
  Templates compiled;
  compiled.connections = compile("strongswan/meshctl.conf", connection_vocabulary());
  compiled.secrets = compile("strongswan/meshctl-secrets.conf", connection_vocabulary());
  compiled.policies = compile("strongswan/policies.xfrm", policy_vocabulary());
  compiled.states = compile("strongswan/states.xfrm", line_vocabulary());
  compiled.routes = compile("strongswan/routes.list", line_vocabulary());
  compiled.charon = compile("strongswan/charon.conf", charon_vocabulary());
  DiagSink sink;
  compiled.host.compile({.templates = "strongswan", .folder = "/etc/meshctl", .name = "charon"}, templates, sources,
                        sink);
  for (Diag& fault : sink.take()) faults.push_back(std::move(fault));
  if (!faults.empty()) return tl::unexpected(std::move(faults));
  return std::make_unique<StrongswanBackend>(std::move(compiled));
}

}  // namespace meshctl::strongswan
