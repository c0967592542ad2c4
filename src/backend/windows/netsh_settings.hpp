// `netsh advfirewall set global`: which settings there are, and their values.
#pragma once
#include <string>

#include "backend/windows/netsh_rule.hpp"

namespace meshctl::windows {

/// False with `why` when there is no such setting or it has no such value. What its value alone does not show, as in a
/// rule (check_rule), goes to the sink.
bool check_setting(const GlobalSetting& setting, std::string& why, DiagSink& sink);

}  // namespace meshctl::windows
