// What scalars mean: the YAML 1.2 core schema (https://yaml.org/spec/1.2.2/#103-core-schema), nothing of YAML 1.1.
#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "yaml/doc.hpp"

namespace meshctl::yaml {
namespace {

bool digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool only(std::string_view text, std::string_view allowed) {
  return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

bool any_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

std::string_view unsigned_part(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return text;
}

bool integer(std::string_view text) {
  if (text.starts_with("0o")) return only(text.substr(2), "01234567");
  if (text.starts_with("0x")) return only(text.substr(2), "0123456789abcdefABCDEF");
  return digits(unsigned_part(text));
}

/// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?  and .inf, .nan
bool floating(std::string_view text) {
  if (any_of(text, {".nan", ".NaN", ".NAN"})) return true;
  text = unsigned_part(text);
  if (any_of(text, {".inf", ".Inf", ".INF"})) return true;
  const std::size_t e = text.find_first_of("eE");
  if (e != std::string_view::npos) {
    if (!digits(unsigned_part(text.substr(e + 1)))) return false;
    text = text.substr(0, e);
  }
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) return digits(text);
  const std::string_view whole = text.substr(0, dot);
  const std::string_view fraction = text.substr(dot + 1);
  if (whole.empty()) return digits(fraction);
  return digits(whole) && (fraction.empty() || digits(fraction));
}

constexpr std::size_t kLongestShown = 40;

}  // namespace

CoreType core_type(const Node& node) {
  if (node.kind == Kind::Null) return CoreType::Null;
  if (!node.is_scalar() || !node.plain) return CoreType::String;
  if (any_of(node.text, {"true", "True", "TRUE", "false", "False", "FALSE"})) return CoreType::Bool;
  if (integer(node.text)) return CoreType::Integer;
  return floating(node.text) ? CoreType::Float : CoreType::String;
}

std::optional<bool> to_bool(const Node& node) {
  if (!node.is_scalar() || core_type(node) != CoreType::Bool) return std::nullopt;
  return node.text.starts_with('t') || node.text.starts_with('T');
}

std::optional<std::uint64_t> to_unsigned(const Node& node) {
  if (!node.is_scalar() || !node.plain || !digits(node.text)) return std::nullopt;
  if (node.text.size() > 1 && node.text.front() == '0') return std::nullopt;
  std::uint64_t value = 0;
  const char* end = node.text.data() + node.text.size();
  const auto [stop, error] = std::from_chars(node.text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

std::string describe(const Node& node) {
  if (node.is_map()) return "a map";
  if (node.is_sequence()) return "a list";
  if (node.kind == Kind::Null) return "nothing";
  std::string shown = node.text.size() <= kLongestShown ? node.text : node.text.substr(0, kLongestShown) + "…";
  switch (core_type(node)) {
    case CoreType::Bool: return shown;
    case CoreType::Integer:
    case CoreType::Float: return fmt::format("the number {}", shown);
    default: return fmt::format("'{}'", shown);
  }
}

}  // namespace meshctl::yaml
