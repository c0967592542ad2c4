#include "import/yaml_text.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "inventory/words.hpp"

namespace meshctl::importer {
namespace {

/// Words that some reader takes for something else than text.
constexpr std::string_view kOther[] = {"true", "false", "null", "yes", "no", "on", "off", "y", "n", "~"};
/// Of these, ours are read as words by meshctl, which asks for text there.
constexpr std::string_view kOurs[] = {"on", "off"};

bool plain(std::string_view text) {
  if (text.empty()) return false;
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.' || c == '/' || c == '+';
  };
  if (!std::all_of(text.begin(), text.end(), good)) return false;
  if (std::find(std::begin(kOurs), std::end(kOurs), text) != std::end(kOurs)) return true;
  if (std::find(std::begin(kOther), std::end(kOther), text) != std::end(kOther)) return false;
  if (text.front() == '-' || text.front() == '.' || text.front() == '+') return false;
  // What begins with a digit must not be a number: addresses and prefixes have two dots or a slash.
  const bool digit = text.front() >= '0' && text.front() <= '9';
  const auto dots = std::count(text.begin(), text.end(), '.');
  return !digit || dots > 1 || text.find('/') != std::string_view::npos;
}

}  // namespace

std::string yaml_text(std::string_view text) {
  if (plain(text)) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string yaml_text(unsigned value) { return std::to_string(value); }
std::string yaml_text(std::uint64_t value) { return std::to_string(value); }
std::string yaml_text(int value) { return std::to_string(value); }

std::string yaml_text(Family family) {
  for (const auto& word : inventory::family_words()) {
    if (word.value == family) return std::string(word.text);
  }
  return {};
}

std::string yaml_text(const SuiteSpec& suite) {
  if (!suite.name.empty()) return yaml_text(suite.name);
  return fmt::format("{{ike: {}, esp: {}}}", yaml_text(suite.ike), yaml_text(suite.esp));
}

std::string yaml_text(const IdentitySpec& identity) {
  if (identity.value.empty()) return std::string(text(identity.kind));
  return fmt::format("{{{}: {}}}", text(identity.kind), yaml_text(identity.value));
}

std::string yaml_text(const SelectorSpec& selector) {
  std::string out = "{protocol: " + selector.protocol;
  const auto add = [&](std::string_view key, const std::string& value) { out += fmt::format(", {}: {}", key, value); };
  const auto net = [](const NetSpec& spec) { return spec.host ? std::string("host") : yaml_text(spec.prefix.text()); };
  if (selector.from_port != 0) add("from_port", std::to_string(selector.from_port));
  if (selector.port != 0) add("port", std::to_string(selector.port));
  if (selector.icmp_type >= 0) add("type", std::to_string(selector.icmp_type));
  if (selector.icmp_code >= 0) add("code", std::to_string(selector.icmp_code));
  if (selector.from) add("from", net(*selector.from));
  if (selector.to) add("to", net(*selector.to));
  if (selector.action) add("action", std::string(text(*selector.action)));
  return out + "}";
}

std::string yaml_duration(unsigned seconds) {
  if (seconds != 0 && seconds % 3600 == 0) return std::to_string(seconds / 3600) + "h";
  if (seconds != 0 && seconds % 60 == 0) return std::to_string(seconds / 60) + "m";
  return std::to_string(seconds);
}

}  // namespace meshctl::importer
