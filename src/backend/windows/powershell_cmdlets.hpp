// Documented cmdlets and parameters that scripts of rules use (Microsoft's NetSecurity and PKI reference).
#pragma once
#include <optional>
#include <span>
#include <string_view>

namespace meshctl::windows {

struct PsCmdlet {
  std::string_view name;
  std::string_view parameters;  // blank separated
};
/// Cases do not matter. nullptr: not documented, or not for such scripts.
const PsCmdlet* find_cmdlet(std::string_view name);
bool has_parameter(const PsCmdlet& cmdlet, std::string_view parameter);
std::span<const PsCmdlet> cmdlets();

/// Values of a parameter as a blank separated list, where it is a closed one; empty: anything.
std::string_view values_of(std::string_view parameter);

}  // namespace meshctl::windows
