// Values of the inventory as YAML text, the way people would write them.
#pragma once
#include <string>
#include <string_view>

#include "inventory/inventory.hpp"

namespace meshctl::importer {

/// Plain where that means the same text to every reader, else in double quotes.
std::string yaml_text(std::string_view text);
inline std::string yaml_text(const std::string& text) { return yaml_text(std::string_view(text)); }
inline std::string yaml_text(bool value) { return value ? "true" : "false"; }
std::string yaml_text(unsigned value);
std::string yaml_text(std::uint64_t value);
std::string yaml_text(int value);
std::string yaml_text(Family family);
std::string yaml_text(const SuiteSpec& suite);
std::string yaml_text(const IdentitySpec& identity);
std::string yaml_text(const SelectorSpec& selector);
/// One of the vocabularies: its word.
template <class T>
requires std::is_enum_v<T> std::string yaml_text(T value) { return yaml_text(text(value)); }
/// "8h", "90m" or a number of seconds.
std::string yaml_duration(unsigned seconds);

}  // namespace meshctl::importer
