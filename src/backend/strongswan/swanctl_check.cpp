#include "backend/strongswan/swanctl_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "backend/strongswan/swanctl_keys.hpp"
#include "backend/strongswan/traffic_selectors.hpp"
#include "net/name.hpp"

namespace meshctl::strongswan {
namespace {

bool listed(std::string_view word, std::string_view words) {
  for (std::size_t at = 0; at <= words.size();) {
    const auto end = std::min(words.find(' ', at), words.size());
    if (words.substr(at, end - at) == word) return true;
    at = end + 1;
  }
  return false;
}

class Checker {
 public:
  Checker(bool quiet, DiagSink& sink) : quiet_(quiet), sink_(sink) {}
  void section(const ConfSection& section, const SectionRules& rules, bool top);

 private:
  void setting(const ConfSetting& setting, const SectionRules& rules);
  void duplicates(const ConfSection& section, bool top);
  void value(const ConfSetting& setting, const KeyRule& rule);
  [[nodiscard]] std::string quote(std::string_view name) const {
    return quiet_ ? std::string("the name here") : fmt::format("'{}'", name);
  }

  bool quiet_;
  DiagSink& sink_;
};

// strongSwan merges sections of one name and lets the last of two equal keys win. Two `connections` blocks in a file
// are an honest way to write; the same connection or key twice is a mistake that shows only as odd behaviour.
void Checker::duplicates(const ConfSection& section, bool top) {
  std::map<std::string_view, Range> seen;
  for (const auto& setting : section.settings) {
    const auto [first, fresh] = seen.emplace(setting.name, setting.name_at);
    if (fresh) continue;
    sink_.error("E2310", setting.name_at, fmt::format("{} is set twice, and only the last counts", quote(setting.name)))
        .note(first->second, "first set here")
        .with_hint("remove one of them");
  }
  seen.clear();
  for (const auto& child : section.sections) {
    const auto [first, fresh] = seen.emplace(child.name, child.name_at);
    if (fresh) continue;
    if (top) {
      sink_.info("N2311", child.name_at, fmt::format("section {} is given again; both are merged", quote(child.name)));
    } else {
      sink_.error("E2311", child.name_at, fmt::format("section {} is given twice; both are merged", quote(child.name)))
          .note(first->second, "first here")
          .with_hint("rename or remove one of them");
    }
  }
}

void Checker::value(const ConfSetting& setting, const KeyRule& rule) {
  std::string wanted;
  switch (rule.kind) {
    case ValueKind::Text: return;
    case ValueKind::Bool:
      if (parse_bool(setting.value)) return;
      wanted = "yes or no";
      break;
    case ValueKind::Number:
      if (parse_number(setting.value)) return;
      wanted = "a number";
      break;
    case ValueKind::Time:
      if (parse_time(setting.value)) return;
      wanted = "a number with s, m, h or d, such as 4h";
      break;
    case ValueKind::Choice:
      if (listed(setting.value, rule.choices)) return;
      wanted = fmt::format("one of: {}", rule.choices);
      break;
    case ValueKind::Selectors: {
      const SelectorNames names = selector_names(setting.value);
      if (names == SelectorNames::LookedUp) {
        sink_
            .warning("W2316", setting.value_at,
                     "a name is looked up in the host's /etc/protocols or /etc/services: without an entry strongSwan "
                     "discards the whole connection")
            .with_hint("write numbers: [6/22] for [tcp/ssh]");
      }
      if (names != SelectorNames::Unknown) return;
      wanted = "[PROTOCOL/PORT] as numbers, or by names that /etc/protocols and /etc/services have";
      break;
    }
  }
  sink_
      .error("E2313", setting.value_at,
             fmt::format("invalid value for {}; strongSwan discards the whole connection", quote(setting.name)))
      .with_hint("give " + wanted);
}

void Checker::setting(const ConfSetting& setting, const SectionRules& rules) {
  if (const KeyRule* rule = find_key(rules, setting.name)) {
    value(setting, *rule);
    return;
  }
  auto& diag =
      sink_.warning("W2312", setting.name_at, fmt::format("{} means nothing in {}", quote(setting.name), rules.name));
  if (find_section(rules, setting.name) != nullptr && !rules.sections.front().name.empty()) {
    diag.with_hint("it is a section: write braces instead of '='");
    return;
  }
  std::vector<std::string_view> names;
  for (const auto& key : rules.keys) names.push_back(key.name);
  const auto near = nearest(setting.name, names);
  if (!near.empty() && !quiet_) diag.with_hint(fmt::format("did you mean '{}'?", near));
}

void Checker::section(const ConfSection& section, const SectionRules& rules, bool top) {
  duplicates(section, top);
  for (const auto& item : section.settings) setting(item, rules);
  for (const auto& child : section.sections) {
    if (const SectionRules* inner = find_section(rules, child.name)) {
      this->section(child, *inner, false);
      continue;
    }
    auto& diag = sink_.warning("W2314", child.name_at,
                               fmt::format("section {} means nothing in {}", quote(child.name), rules.name));
    std::vector<std::string_view> names;
    for (const auto& known : rules.sections) names.push_back(known.name);
    const auto near = nearest(child.name, names);
    if (!near.empty() && !quiet_) diag.with_hint(fmt::format("did you mean '{}'?", near));
  }
  for (const auto& include : section.includes) {
    sink_.info("N2315", include.where, "includes other files, which are not read here");
  }
}

}  // namespace

std::optional<std::uint32_t> parse_number(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<std::uint32_t> parse_time(std::string_view text) {
  std::uint64_t unit = 1;
  if (!text.empty()) {
    switch (text.back()) {
      case 's': unit = 1; break;
      case 'm': unit = 60; break;
      case 'h': unit = 3600; break;
      case 'd': unit = 86400; break;
      default: unit = 0; break;
    }
    if (unit != 0) {
      text.remove_suffix(1);
    } else {
      unit = 1;
    }
  }
  const auto number = parse_number(text);
  if (!number || *number * unit > UINT32_MAX) return std::nullopt;
  return static_cast<std::uint32_t>(*number * unit);
}

std::optional<bool> parse_bool(std::string_view text) {
  if (listed(text, "yes true enabled 1")) return true;
  if (listed(text, "no false disabled 0")) return false;
  return std::nullopt;
}

void check_swanctl(const ConfSection& root, bool quiet, DiagSink& sink) {
  Checker(quiet, sink).section(root, swanctl_rules(), true);
}

}  // namespace meshctl::strongswan
