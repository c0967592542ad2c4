// A PowerShell script of NetSecurity cmdlets, checked: cmdlets, parameters, values, and what does not go together.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/diag.hpp"
#include "base/secret.hpp"

namespace meshctl::windows {

/// One proposal of a set: what New-NetIPsec…Proposal makes. Keys are in lower case; the pre-shared key is not among
/// them.
struct PsProposal {
  std::string noun;  // "netipsecauthproposal"
  std::map<std::string, std::string> values;
  std::shared_ptr<const Secret> psk;  // that stands in the script
  std::string psk_file;               // as the script names it: "$PSScriptRoot\keys\b.psk"
  Range where;
};

/// One object that the script makes: the noun and its parameters, keys in lower case. Lists stand as "A,B".
struct PsObject {
  std::string noun;  // "netipsecrule"
  std::map<std::string, std::string> values;
  std::vector<PsProposal> proposals;  // of sets
  Range where;
};

/// A cmdlet that changes or removes what a script made before.
struct PsChange {
  std::string cmdlet;
  Range where;
};

struct PowershellFile {
  std::vector<PsObject> objects;
  std::vector<PsChange> changes;
};

/// E2030, E2050 to E2057, W2052. Made objects are those of New-…, of Set-NetFirewallSetting, and of Write-Object, the
/// helper in meshctl's scripts.
PowershellFile parse_powershell(FileId file, std::string_view text, DiagSink& sink);

}  // namespace meshctl::windows
