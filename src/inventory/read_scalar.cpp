#include <algorithm>
#include <charconv>

#include "inventory/read.hpp"

namespace meshctl::inventory {
namespace {

std::string bounds(unsigned least, unsigned most) {
  if (least == most) return std::to_string(least);
  return fmt::format("{} {} {}", least, most - least == 1 ? "or" : "to", most);
}

std::string did_you_mean(std::string_view nearest_word, std::string_view all, std::string_view of) {
  if (nearest_word.empty()) return fmt::format("{}: {}", of, all);
  return fmt::format("did you mean '{}'? {}: {}", nearest_word, of, all);
}

constexpr std::size_t kLongestShown = 40;
constexpr std::size_t kKeysShown = 12;  // beside a guess; without one all are listed

std::string shown(std::string_view text) {
  return std::string(text.substr(0, kLongestShown)) + (text.size() > kLongestShown ? "…" : "");
}

void wrong_type(const yaml::Node& node, std::string_view what, std::string_view expected, std::string_view hint,
                DiagSink& sink) {
  sink.error("E0202", node.where, fmt::format("{} must be {}, not {}", what, expected, yaml::describe(node)))
      .with_hint(std::string(hint));
}

/// Somebody put a secret into the file. The message must not show the line.
bool looks_secret(std::string_view key) {
  constexpr std::string_view kWords[] = {"psk",    "password", "passwd",      "passphrase",
                                         "secret", "token",    "private_key", "key"};
  return std::find(std::begin(kWords), std::end(kWords), key) != std::end(kWords);
}

}  // namespace

bool expect_map(const yaml::Node& node, std::string_view what, std::string_view form, DiagSink& sink) {
  if (node.is_map()) return true;
  wrong_type(node, what, "a map", fmt::format("write it as {}", form), sink);
  return false;
}

bool expect_list(const yaml::Node& node, std::string_view what, std::string_view form, DiagSink& sink) {
  if (node.is_sequence()) return true;
  wrong_type(node, what, "a list", fmt::format("write it as {}", form), sink);
  return false;
}

std::optional<std::string> read_string(const yaml::Node& node, std::string_view what, DiagSink& sink) {
  if (node.is_scalar() && yaml::core_type(node) == yaml::CoreType::String) return node.text;
  std::string hint = "write a single word";
  if (node.is_scalar()) hint = fmt::format("quote it: \"{}\"", shown(node.text));
  if (node.is_map()) hint = "write a single word, in quotes if it ends with ':' or holds ': '";
  wrong_type(node, what, "text", hint, sink);
  return std::nullopt;
}

std::optional<std::string> read_name(const yaml::Node& node, std::string_view what, bool all_allowed, DiagSink& sink) {
  auto text = read_string(node, what, sink);
  if (!text || (all_allowed && *text == "all")) return text;
  const auto why = why_bad_name(*text);
  if (!why) return text;
  sink.error("E0205", node.where, fmt::format("bad {}: {}", what, *why)).with_hint("use a name such as web-1");
  return std::nullopt;
}

std::optional<std::string> read_safe(const yaml::Node& node, std::string_view what,
                                     std::optional<std::string> (*why_bad)(std::string_view), std::string_view hint,
                                     DiagSink& sink) {
  auto text = read_string(node, what, sink);
  if (!text) return std::nullopt;
  const auto why = why_bad(*text);
  if (!why) return text;
  sink.error("E0211", node.where, fmt::format("bad {}: {}", what, *why)).with_hint(std::string(hint));
  return std::nullopt;
}

std::optional<bool> read_bool(const yaml::Node& node, std::string_view what, DiagSink& sink) {
  const auto value = yaml::to_bool(node);
  if (!value) wrong_type(node, what, "true or false", "write true or false without quotes", sink);
  return value;
}

std::optional<unsigned> read_number(const yaml::Node& node, std::string_view what, unsigned least, unsigned most,
                                    DiagSink& sink) {
  const auto value = yaml::to_unsigned(node);
  if (value && *value >= least && *value <= most) return static_cast<unsigned>(*value);
  const bool zeros = node.text.size() > 1 && node.text.starts_with('0');
  if (node.is_scalar() && node.plain && yaml::core_type(node) == yaml::CoreType::Integer) {
    sink.error("E0210", node.where, fmt::format("{} must be {}, not {}", what, bounds(least, most), shown(node.text)))
        .with_hint(zeros ? "write it without leading zeros: 010 is 8 to some readers and 10 to others"
                         : fmt::format("write a decimal number, {}", bounds(least, most)));
  } else {
    wrong_type(node, what, "a number", fmt::format("write a number, {}", bounds(least, most)), sink);
  }
  return std::nullopt;
}

std::optional<unsigned> read_duration(const yaml::Node& node, std::string_view what, unsigned least, unsigned most,
                                      DiagSink& sink) {
  std::optional<std::uint64_t> seconds = yaml::to_unsigned(node);
  if (!seconds && node.is_scalar() && node.text.size() >= 2 && node.text.size() <= 7) {
    const char unit = node.text.back();
    const unsigned factor = unit == 's' ? 1 : unit == 'm' ? 60 : unit == 'h' ? 3600 : 0;
    unsigned count = 0;
    const char* end = node.text.data() + node.text.size() - 1;
    const auto [stop, error] = std::from_chars(node.text.data(), end, count);
    if (factor != 0 && error == std::errc() && stop == end && (node.text.front() != '0' || node.text.size() == 2))
      seconds = std::uint64_t{count} * factor;
  }
  if (!seconds) {
    wrong_type(node, what, "a time", "write seconds, or a number with a unit: 3600, 3600s, 60m, 1h", sink);
    return std::nullopt;
  }
  if (*seconds >= least && *seconds <= most) return static_cast<unsigned>(*seconds);
  sink.error("E0210", node.where, fmt::format("{} must be {} seconds, not {}", what, bounds(least, most), *seconds))
      .with_hint("units are s, m and h: 3600s, 60m, 1h");
  return std::nullopt;
}

void unknown_key(const yaml::Node& key, std::string_view what, std::span<const std::string_view> known,
                 DiagSink& sink) {
  if (looks_secret(key.text)) {
    sink.error("E0218", Range{key.where.file, 0, 0, 0, 0},
               fmt::format("line {}: {} has no key '{}', and secrets do not stand in inventories", key.where.line, what,
                           key.text))
        .with_hint("take it out and change it; psk_file and key_file name files");
    return;
  }
  const std::string_view near = nearest(key.text, known);
  Diag& error = sink.error("E0201", key.where, fmt::format("{} has no key '{}'", what, shown(key.text)));
  if (!near.empty() && known.size() > kKeysShown) {
    error.with_hint(fmt::format("did you mean '{}'? docs/inventory.md has all its keys", near));
    return;
  }
  std::string all;
  for (auto word = known.begin(); word != known.end(); ++word) {
    if (std::find(known.begin(), word, *word) == word) all += fmt::format("{}{}", all.empty() ? "" : ", ", *word);
  }
  error.with_hint(did_you_mean(near, all, "its keys"));
}

bool misspelt(const yaml::Node& map, std::string_view key) {
  for (std::size_t i = 0; i < map.size(); ++i) {
    const std::string& written = map.key(i).text;
    if (written != key && !nearest(written, std::initializer_list<std::string_view>{key}).empty()) return true;
  }
  return false;
}

void bad_word(const yaml::Node& node, std::string_view what, std::string_view nearest_word, std::string_view allowed,
              DiagSink& sink) {
  sink.error("E0203", node.where, fmt::format("'{}' is no {}", shown(node.text), what))
      .with_hint(did_you_mean(nearest_word, allowed, "one of"));
}

}  // namespace meshctl::inventory
