// The parameters of `consec` and `mainmode` rules: which command takes them, and what their values mean.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "backend/windows/netsh_rule.hpp"

namespace meshctl::windows {

/// What add takes, and set behind `new`.
const std::vector<Key>& body_keys(RuleKind kind);
/// What may select existing rules, in delete, show and in set before `new`.
const std::vector<Key>& selector_keys(RuleKind kind, RuleVerb verb);

/// Values that keep their case; all others are lower-cased before they are read.
bool free_text(Key key);
/// Puts the value into the rule, or says why it is none.
bool set_value(Key key, std::string_view value, NetshRule& rule, std::string& why);

}  // namespace meshctl::windows
