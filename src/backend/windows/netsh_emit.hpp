// HostRules -> apply.cmd, undo.cmd and one file for `netsh -f` for each line that carries a key.
#pragma once
#include <string>
#include <vector>

#include "backend/backend.hpp"
#include "backend/windows/host_rules.hpp"
#include "tmpl/template.hpp"

namespace meshctl::windows {

/// Live paths: Windows' own, with slashes and without the drive.
inline constexpr std::string_view kFolder = "/ProgramData/meshctl/";

class NetshEmitter {
 public:
  static Result<NetshEmitter> make(const TemplateSet& templates, Sources& sources);
  /// Appends the files. False when a value held a byte that its slot forbids: a bug of ours.
  [[nodiscard]] bool emit(const HostPlan& plan, const KeySource& keys, std::vector<Artefact>& out) const;

 private:
  Template apply_;
  Template undo_;
  Template drop_;          // what both end with
  Template need_service_;  // what apply ends with, and undo
  Template restore_service_;
  Template rule_;
  Template main_rule_;
};

/// LF -> CR LF in place. Secret texts must have the room reserved.
void to_crlf(std::string& text);

}  // namespace meshctl::windows
