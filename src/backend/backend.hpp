// What every back end offers: capabilities, emit, activation. One folder each; backend/registry.cpp is the only list.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "backend/key_source.hpp"
#include "base/diag.hpp"
#include "bundle/bundle.hpp"
#include "mesh/hostplan.hpp"
#include "mesh/wishes.hpp"
#include "tmpl/template.hpp"

namespace meshctl {

class Backend {
 public:
  virtual ~Backend() = default;
  [[nodiscard]] virtual BackendKind kind() const = 0;
  /// The wishes beyond the plain road that this back end fulfils; links with others are refused before check().
  [[nodiscard]] virtual WishSet fulfils() const { return {}; }
  /// One error (E2xxx) at link.where or host.where for each wish that this back end cannot express on `host`'s side;
  /// each names the link, the reason and what would work.
  virtual void check(const Mesh& mesh, HostIndex host, DiagSink& sink) const = 0;
  /// HostPlan -> files, appended to `artefacts` (cleared first; their buffers are reused). Thread safe.
  virtual void emit(const HostPlan& plan, const KeySource& keys, std::vector<Artefact>& artefacts) const = 0;
  /// POSIX sh functions that run on the host; the contract is docs/transaction.md, "Back end functions".
  [[nodiscard]] virtual std::string_view activation() const = 0;
};

/// Templates by name ("racoon/racoon.conf"): the embedded set, or files below `--templates DIR` that override them.
/// Compiling them here means a wrong template is an error with file:line:col at start-up, not at apply.
Result<std::vector<std::unique_ptr<Backend>>> make_backends(const TemplateSet& templates, Sources& sources);

}  // namespace meshctl
