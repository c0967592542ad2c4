#include <algorithm>

#include "backend/strongswan/names.hpp"
#include "backend/strongswan/strongswan.hpp"
#include "backend/strongswan/values.hpp"
#include "base/embedded.hpp"

namespace meshctl::strongswan {
namespace {

/// Bytes of one connection in each file, rounded up: output grows once instead of by doubling, and no half-written copy
/// of the secrets stays behind in freed memory.
constexpr std::size_t kConnectionBytes = 1200;
constexpr std::size_t kSecretBytes = 512;
constexpr std::size_t kPolicyBytes = 260;

std::string_view activation_text() {
  const auto* const end = embedded_activation + embedded_activation_count;
  const auto* const found = std::find_if(
      embedded_activation, end, [](const EmbeddedFile& file) { return file.name == "strongswan/activation.sh"; });
  return found == end ? std::string_view() : found->content;
}

class StrongswanBackend final : public Backend {
 public:
  StrongswanBackend(Template connections, Template secrets, Template policies)
      : connections_(std::move(connections)), secrets_(std::move(secrets)), policies_(std::move(policies)) {}

  [[nodiscard]] BackendKind kind() const override { return BackendKind::Strongswan; }
  void check(const Mesh& mesh, HostIndex host, DiagSink& sink) const override { check_host(mesh, host, sink); }
  void emit(const HostPlan& plan, const KeySource& keys, std::vector<Artefact>& artefacts) const override;
  [[nodiscard]] std::string_view activation() const override { return activation_text(); }

 private:
  Template connections_;
  Template secrets_;
  Template policies_;
};

void StrongswanBackend::emit(const HostPlan& plan, const KeySource& keys, std::vector<Artefact>& artefacts) const {
  std::vector<std::uint32_t> reqids;
  assign_reqids(plan, reqids);
  std::vector<XfrmPolicy> policies;
  policies.reserve(reqids.size() * 2 + 64);
  make_policies(plan, reqids, policies);

  artefacts.clear();
  auto& policy_file = artefacts.emplace_back(std::string(kPoliciesPath), 0600, false);
  policy_file.content.reserve((policies.size() + 1) * kPolicyBytes);
  auto& secret_file = artefacts.emplace_back(std::string(kSecretsPath), 0600, true);
  secret_file.content.reserve((plan.pairs.size() + 1) * kSecretBytes);
  auto& connection_file = artefacts.emplace_back(std::string(kConnectionsPath), 0644, false);
  connection_file.content.reserve((plan.pairs.size() + 1) * kConnectionBytes);

  ConnectionValues values(plan, reqids, keys);
  PolicyValues policy_values(plan, policies);
  // A value that its slot forbids is a fault of this program: no file is better than a wrong one.
  const bool good = connections_.render(values, artefacts[2].content) &&
                    secrets_.render(values, artefacts[1].content) &&
                    policies_.render(policy_values, artefacts[0].content);
  if (!good) artefacts.clear();
}

}  // namespace

Result<std::unique_ptr<Backend>> make_backend(const TemplateSet& templates, Sources& sources) {
  Diags faults;
  const auto compile = [&](std::string_view name, const Vocabulary& vocabulary) {
    const auto& entry = templates.at(name);
    auto compiled = Template::compile(entry.origin, entry.text, vocabulary, sources);
    if (compiled) return std::move(*compiled);
    faults.insert(faults.end(), compiled.error().begin(), compiled.error().end());
    return Template();
  };
  Template connections = compile("strongswan/meshctl.conf", connection_vocabulary());
  Template secrets = compile("strongswan/meshctl-secrets.conf", connection_vocabulary());
  Template policies = compile("strongswan/policies.xfrm", policy_vocabulary());
  if (!faults.empty()) return tl::unexpected(std::move(faults));
  return std::make_unique<StrongswanBackend>(std::move(connections), std::move(secrets), std::move(policies));
}

}  // namespace meshctl::strongswan
