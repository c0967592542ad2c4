// HostRules -> apply.ps1, undo.ps1 and one file for each pre-shared key, for the NetSecurity module.
#pragma once
#include <string>
#include <vector>

#include "backend/backend.hpp"
#include "tmpl/template.hpp"

namespace meshctl::windows {

class PowershellEmitter {
 public:
  static Result<PowershellEmitter> make(const TemplateSet& templates, Sources& sources);
  /// Appends the files. False when a value held a byte that its slot forbids: a bug of ours.
  [[nodiscard]] bool emit(const HostPlan& plan, const KeySource& keys, std::vector<Artefact>& out) const;

 private:
  Template apply_;
  Template undo_;
};

}  // namespace meshctl::windows
