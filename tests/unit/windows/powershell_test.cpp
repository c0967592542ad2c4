// PowerShell scripts: what is documented passes, what is invented does not.
#include <doctest/doctest.h>

#include "backend/windows/powershell_cmdlets.hpp"
#include "backend/windows/powershell_file.hpp"
#include "base/sources.hpp"

using namespace meshctl;
using namespace meshctl::windows;

namespace {

std::string faults(const std::string& text) {
  DiagSink sink;
  parse_powershell(FileId::None, text, sink);
  std::string out;
  for (const Diag& diag : sink.take()) {
    out += std::string(diag.code) + " " + std::to_string(diag.where.line) + ":" + std::to_string(diag.where.col) + " " +
           diag.text + "\n";
  }
  return out;
}

/// A whole script in the documented style, with splatted rules.
const std::string kScript = R"($ErrorActionPreference = 'Stop'; Set-StrictMode -Version 2
$g = 'meshctl'
Get-NetIPsecRule -PolicyStore PersistentStore -ErrorAction SilentlyContinue | Where-Object { $_.Group -eq $g -or $_.Name -like 'meshctl-*' } | Remove-NetIPsecRule
New-NetIPsecMainModeCryptoSet -Name 'mm' -DisplayName 'mm' -Group $g -MaxMinutes 480 -ForceDiffieHellman $true -Proposal (New-NetIPsecMainModeCryptoProposal -Encryption AES256 -Hash SHA256 -KeyExchange DH14) | Out-Null
New-NetIPsecQuickModeCryptoSet -Name 'qm' -PerfectForwardSecrecyGroup DH14 -Proposal (New-NetIPsecQuickModeCryptoProposal -Encapsulation ESP -ESPHash SHA256 -Encryption AES256 -MaxMinutes 60 -MaxKiloBytes 100000) | Out-Null
New-NetIPsecPhase1AuthSet -Name 'au' -Proposal (New-NetIPsecAuthProposal -Machine -PreSharedKey $key) | Out-Null
$m = @{ Name = 'mm-1'; LocalAddress = '192.0.2.10'; RemoteAddress = '192.0.2.20'; MainModeCryptoSet = 'mm'; Phase1AuthSet = 'au' }
New-NetIPsecMainModeRule @m | Out-Null
$r = @{ IPsecRuleName = 'r-1'; Mode = 'Transport'; InboundSecurity = 'Require'; OutboundSecurity = 'Require'; KeyModule = 'IKEv1'; QuickModeCryptoSet = 'qm'; Phase1AuthSet = 'au' }
New-NetIPsecRule @r | Out-Null
)";

/// kScript with one text replaced; the text must be there.
std::string with(const std::string& what, const std::string& by) {
  std::string text = kScript;
  const std::size_t at = text.find(what);
  REQUIRE(at != std::string::npos);
  return faults(text.replace(at, what.size(), by));
}

}  // namespace

TEST_CASE("a documented script passes, and its objects are read") {
  CHECK(faults(kScript) == "");
  DiagSink sink;
  const PowershellFile file = parse_powershell(FileId::None, kScript, sink);
  REQUIRE(file.objects.size() == 5);
  CHECK(file.objects[4].noun == "netipsecrule");
  CHECK(file.objects[4].values.at("keymodule") == "IKEv1");
}

TEST_CASE("wrong scripts are refused where the fault is") {
  CHECK(with("New-NetIPsecRule @r", "New-NetIPsecRules @r").find("E2051 10:1 ") == 0);
  CHECK(with("KeyModule = 'IKEv1'", "KeyModule = 'IKEv1'; MainModeCryptoSet = 'mm'").find("E2052 9:") == 0);
  CHECK(with("KeyModule = 'IKEv1'", "KeyModule = 'IKE'").find("E2054 9:") == 0);
  CHECK(with("KeyModule = 'IKEv1'", "KeyModule = 'IKEv2'").find("E2055 10:") == 0);
  CHECK(with("KeyModule = 'IKEv1'", "Mode = 'None'").find("E2053 9:") == 0);
  CHECK(with("OutboundSecurity = 'Require'", "OutboundSecurity = 'None'").find("[W03]") != std::string::npos);
  CHECK(with("InboundSecurity = 'Require'", "InboundSecurity = 'None'").find("[W04]") != std::string::npos);
  CHECK(with("Mode = 'Transport'", "Mode = 'Transport'; Protocol = 'ICMPv4'; LocalPort = '80'").find("[W06]") !=
        std::string::npos);
  CHECK(with("Mode = 'Transport'", "Protocol = 'TCP'; LocalPort = '80-90'").find("[W07]") != std::string::npos);
  CHECK(with("Mode = 'Transport'", "Mode = 'Tunnel'; LocalPort = '80'").find("[W05]") != std::string::npos);
  CHECK(with("QuickModeCryptoSet = 'qm'", "QuickModeCryptoSet = 'qn'").find("E2056") == 0);
  CHECK(with("-MaxMinutes 60", "-MaxMinutes 4").find("E2054 5:") == 0);
  CHECK(with("-MaxKiloBytes 100000", "-MaxKiloBytes 1").find("E2054 5:") == 0);
  CHECK(with("-ESPHash SHA256", "-ESPHash SHA384").find("E2054 5:") != std::string::npos);
  CHECK(with("-Encryption AES256 -MaxM", "-Encryption AESGCM256 -MaxM").find("E2055 5:") == 0);
  CHECK(with("-KeyExchange DH14", "-KeyExchange DH5").find("E2054 4:") == 0);
  CHECK(with("-Encryption AES256 -Hash", "-Encryption AESGCM256 -Hash").find("E2055 4:") == 0);
  CHECK(with("-PreSharedKey $key", "-Cert").find("[W14]") != std::string::npos);
  CHECK(with("-PreSharedKey $key", "-PreSharedKey 'EXAMPLE-ONLY'").find("W2052 6:") == 0);
  CHECK(with("Name = 'mm-1'", "Name = 'mm-1").find("E2050 7:") == 0);
  CHECK(with("| Out-Null\n$m", "| Out-Null)\n$m").find("E2050 6:") == 0);
  CHECK(with("@{ Name = 'mm-1'", "@{ Name 'mm-1'").find("E2050 7:") == 0);
  CHECK(with("'meshctl'", "'m\xc3\xa9shctl'").find("E2030 2:") == 0);
  CHECK(faults(kScript + "$r = @{ Name = 'R-1' }\nNew-NetIPsecRule @r\n").find("E2057 12:1 ") == 0);
}

TEST_CASE("a quote is doubled inside of single quotes") {
  DiagSink sink;
  const auto file = parse_powershell(FileId::None, "New-NetIPsecRule -Name 'it''s' -Mode Transport", sink);
  CHECK(sink.ok());
  REQUIRE(file.objects.size() == 1);
  CHECK(file.objects[0].values.at("name") == "it's");
}

TEST_CASE("cmdlets are found whatever their case, and only those that are documented") {
  CHECK(find_cmdlet("NEW-netipsecrule") != nullptr);
  CHECK(find_cmdlet("New-NetIPsecTunnel") == nullptr);
  CHECK(has_parameter(*find_cmdlet("New-NetIPsecRule"), "KeyModule"));
  CHECK_FALSE(has_parameter(*find_cmdlet("New-NetIPsecRule"), "MainModeCryptoSet"));
  CHECK_FALSE(has_parameter(*find_cmdlet("New-NetIPsecRule"), "mode inboundsecurity"));
}
