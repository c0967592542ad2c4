// A PowerShell script of NetSecurity cmdlets, checked: cmdlets, parameters, values, and what does not go together.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/diag.hpp"

namespace meshctl::windows {

/// One object that the script makes: the noun and its parameters, keys in lower case. Lists stand as "A,B".
struct PsObject {
  std::string noun;  // "netipsecrule"
  std::map<std::string, std::string> values;
  Range where;
};

struct PowershellFile {
  std::vector<PsObject> objects;
};

/// E2030, E2050 to E2057, W2052. Made objects are those of New-… and of Write-Object, the helper in meshctl's scripts.
PowershellFile parse_powershell(FileId file, std::string_view text, DiagSink& sink);

}  // namespace meshctl::windows
