// HostRules -> apply.cmd and undo.cmd with `netsh ipsec static`, and one file for each rule, since rules carry keys.
#pragma once
#include <vector>

#include "backend/backend.hpp"
#include "tmpl/template.hpp"

namespace meshctl::windows {

class StaticEmitter {
 public:
  static Result<StaticEmitter> make(const TemplateSet& templates, Sources& sources);
  /// Appends the files. False when a value held a byte that its slot forbids: a bug of ours.
  [[nodiscard]] bool emit(const HostPlan& plan, const KeySource& keys, std::vector<Artefact>& out) const;

 private:
  Template apply_;
  Template undo_;
  Template drop_;          // what both end with
  Template need_service_;  // what apply ends with, and undo
  Template restore_service_;
  Template rule_;
};

}  // namespace meshctl::windows
