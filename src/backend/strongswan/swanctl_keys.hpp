// Which keys and sections strongSwan's swanctl knows where, and what their values look like.
// Source: swanctl.conf(5) of 5.9.8; keys that later releases added are known as well, marked so.
#pragma once
#include <span>
#include <string_view>

namespace meshctl::strongswan {

enum class ValueKind : unsigned char {
  Text,       // not checked
  Bool,       // yes no true false enabled disabled 1 0
  Number,     // decimal
  Time,       // decimal with s, m, h or d
  Choice,     // one of `choices`
  Selectors,  // traffic selectors: their protocols and ports are checked
};

struct KeyRule {
  std::string_view name;  // a trailing '*' stands for any suffix
  ValueKind kind = ValueKind::Text;
  std::string_view choices = {};  // blank separated
};

struct SectionRules {
  std::string_view name;  // in words, for diagnostics
  std::span<const KeyRule> keys;
  /// Sections that may stand inside; the value "" takes any name.
  struct Child {
    std::string_view name;  // a trailing '*' stands for any suffix
    const SectionRules* rules;
  };
  std::span<const Child> sections;
};

const SectionRules& swanctl_rules();

bool rule_matches(std::string_view rule, std::string_view name);
const KeyRule* find_key(const SectionRules& rules, std::string_view name);
const SectionRules* find_section(const SectionRules& rules, std::string_view name);

}  // namespace meshctl::strongswan
