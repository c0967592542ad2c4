#include "keys/secret_json.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace meshctl {
namespace {

constexpr std::array<std::string_view, 4> kSecretKeys{"master", "private_key", "encryption_key", "authentication_key"};

/// Position behind the string's closing quote; `at` is behind the opening one.
std::size_t string_end(std::string_view json, std::size_t at) {
  while (at < json.size() && json[at] != '"') at += json[at] == '\\' ? 2 : 1;
  return std::min(at + 1, json.size());
}

bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

}  // namespace

const Secret* CutJson::secret(std::string_view value) const {
  if (!value.starts_with('#')) return nullptr;
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(value.data() + 1, value.data() + value.size(), index);
  if (error != std::errc{} || end != value.data() + value.size() || index >= secrets.size()) return nullptr;
  return &secrets[index];
}

CutJson cut_secrets(std::string_view json) {
  CutJson cut;
  std::size_t at = 0;
  while (at < json.size()) {
    if (json[at] != '"') {
      cut.text += json[at++];
      continue;
    }
    const std::size_t end = string_end(json, at + 1);
    cut.text.append(json, at, end - at);
    const std::string_view word = end - at < 2 ? std::string_view() : json.substr(at + 1, end - at - 2);
    at = end;
    if (std::find(kSecretKeys.begin(), kSecretKeys.end(), word) == kSecretKeys.end()) continue;
    // A secret's key only where a colon and a string follow; else it is a value or a host's name.
    std::size_t value = at;
    while (value < json.size() && blank(json[value])) ++value;
    if (value == json.size() || json[value] != ':') continue;
    ++value;
    while (value < json.size() && blank(json[value])) ++value;
    if (value == json.size() || json[value] != '"') continue;
    const std::size_t value_end = string_end(json, value + 1);
    cut.text.append(json, at, value - at);
    cut.text += "\"#" + std::to_string(cut.secrets.size()) + '"';
    cut.secrets.emplace_back(json.substr(value + 1, value_end - value - 2));
    at = value_end;
  }
  return cut;
}

}  // namespace meshctl
