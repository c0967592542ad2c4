// What cmdlets of NetSecurity refuse, or the firewall service later, although the script reads well.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "backend/windows/powershell_cmdlets.hpp"
#include "backend/windows/powershell_file.hpp"

namespace meshctl::windows {

/// The value of one parameter: what is known of it, and where it stands.
struct PsValue {
  std::string text;
  bool known = true;  // false: a variable or an expression
  Range where;
  std::vector<PsProposal> proposals;  // made in its place, or held by its variable
  std::string file;                   // whose text the variable holds
};
using PsValues = std::map<std::string, PsValue>;  // keys in lower case

/// E2052, E2054.
void check_parameters(const PsCmdlet& cmdlet, const PsValues& values, DiagSink& sink);
/// E2055 for a connection security rule: the W rules of docs/windows.md that concern it.
void check_rule(const PsValues& values, Range where, DiagSink& sink);
/// E2055, W2052. The answer stands for the proposal where a set lists it: "psk", "cert", "quick", "main:dh14" or
/// "other".
std::string check_proposal(const std::string& noun, const PsValues& values, Range where, DiagSink& sink);
/// E2055, E2056: sets that rules name must be made in the script; IKEv2 and a pre-shared key exclude each other.
void check_references(const std::vector<PsObject>& objects, DiagSink& sink);

}  // namespace meshctl::windows
