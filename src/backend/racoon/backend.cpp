#include "backend/racoon/backend.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "backend/racoon/capabilities.hpp"
#include "backend/racoon/emit.hpp"
#include "base/embedded.hpp"

namespace meshctl::racoon {
namespace {

class RacoonBackend final : public Backend {
 public:
  explicit RacoonBackend(Emitter emitter) : emitter_(std::move(emitter)) {}

  [[nodiscard]] BackendKind kind() const override { return BackendKind::Racoon; }
  /// All of them: check() has an error of its own for the few that racoon cannot.
  [[nodiscard]] WishSet fulfils() const override { return ~WishSet(); }
  void check(const Mesh& mesh, HostIndex host, DiagSink& sink) const override { check_links(mesh, host, sink); }

  void emit(const HostPlan& plan, const KeySource& keys, std::vector<Artefact>& artefacts) const override {
    host::ArtefactList files(artefacts);
    const bool fine = emitter_.all(plan, keys, files);
    if (fine) return;
    // Every value was checked on its way here. Better no program than a file that says something else.
    std::fputs("meshctl: internal error: a value does not fit its place in a racoon template\n", stderr);
    std::abort();
  }

  [[nodiscard]] std::string_view activation() const override {
    const auto* end = embedded_activation + embedded_activation_count;
    const auto* found = std::find_if(embedded_activation, end,
                                     [](const EmbeddedFile& file) { return file.name == "racoon/activation.sh"; });
    return found == end ? std::string_view() : found->content;
  }

 private:
  Emitter emitter_;
};

}  // namespace

Result<std::unique_ptr<Backend>> make_backend(const TemplateSet& templates, Sources& sources) {
  auto emitter = Emitter::make(templates, sources);
  if (!emitter) return tl::unexpected(std::move(emitter.error()));
  return std::make_unique<RacoonBackend>(*std::move(emitter));
}

}  // namespace meshctl::racoon
