#include "backend/racoon/backend.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "backend/racoon/capabilities.hpp"
#include "backend/racoon/emit.hpp"
#include "base/embedded.hpp"
#include "base/secret.hpp"

namespace meshctl::racoon {
namespace {

struct File {
  const char* path;
  unsigned mode;
  bool secret;
};
// Sorted by path. racoon refuses a psk.txt that others may read; setkey.conf is a script to be run by hand as well.
constexpr File kFiles[] = {{"/etc/racoon/psk.txt", 0600, true},
                           {"/etc/racoon/racoon.conf", 0644, false},
                           {"/etc/racoon/setkey.conf", 0755, false}};

class RacoonBackend final : public Backend {
 public:
  explicit RacoonBackend(Emitter emitter) : emitter_(std::move(emitter)) {}

  [[nodiscard]] BackendKind kind() const override { return BackendKind::Racoon; }
  void check(const Mesh& mesh, HostIndex host, DiagSink& sink) const override { check_links(mesh, host, sink); }

  void emit(const HostPlan& plan, const KeySource& keys, std::vector<Artefact>& artefacts) const override {
    prepare(artefacts);
    const bool fine = emitter_.psk(plan, keys, artefacts[0].content) && emitter_.conf(plan, artefacts[1].content) &&
                      emitter_.setkey(plan, artefacts[2].content);
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
  /// Three empty artefacts. Those of the last host keep their buffers, keys in them are wiped.
  static void prepare(std::vector<Artefact>& artefacts) {
    const bool same = std::equal(artefacts.begin(), artefacts.end(), std::begin(kFiles), std::end(kFiles),
                                 [](const Artefact& have, const File& want) { return have.path == want.path; });
    if (!same) {
      artefacts.clear();
      for (const File& file : kFiles) artefacts.emplace_back(file.path, file.mode, file.secret);
    }
    for (Artefact& artefact : artefacts) {
      if (artefact.secret) wipe(artefact.content.data(), artefact.content.size());
      artefact.content.clear();
    }
  }

  Emitter emitter_;
};

}  // namespace

Result<std::unique_ptr<Backend>> make_backend(const TemplateSet& templates, Sources& sources) {
  auto emitter = Emitter::make(templates, sources);
  if (!emitter) return tl::unexpected(std::move(emitter.error()));
  return std::make_unique<RacoonBackend>(*std::move(emitter));
}

}  // namespace meshctl::racoon
