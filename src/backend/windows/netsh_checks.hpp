// The rules W01 to W22: what netsh or the firewall service refuses although each value is good on its own.
#pragma once
#include "backend/windows/netsh_rule.hpp"

namespace meshctl::windows {

/// All rules that concern one line (add, and set behind `new`).
void check_rule(const RuleLine& line, DiagSink& sink);
/// W01 between the lines of one script: two rules added with one name.
void check_names(const std::vector<RuleLine>& lines, DiagSink& sink);

/// "W07" -> what it says, for documentation and tests.
struct RuleName {
  std::string_view id;
  std::string_view summary;
};
std::span<const RuleName> rule_names();

}  // namespace meshctl::windows
