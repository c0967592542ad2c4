#include "backend/windows/powershell_cmdlets.hpp"

#include <algorithm>
#include <string>

#include "backend/windows/script.hpp"

namespace meshctl::windows {
namespace {

constexpr PsCmdlet kCmdlets[] = {
    {"new-netipsecmainmodecryptoproposal", "encryption hash keyexchange"},
    {"new-netipsecquickmodecryptoproposal", "encapsulation ahhash esphash encryption maxkilobytes maxminutes"},
    {"new-netipsecauthproposal",
     "machine user anonymous presharedkey cert kerberos ntlm authority authoritytype signing accountmapping "
     "excludecaname "
     "extendedkeyusage thumbprint followrenewal subjectname subjectnametype selectioncriteria validationcriteria "
     "health "
     "proxy"},
    {"new-netipsecmainmodecryptoset",
     "name displayname group description proposal maxminutes maxsessions forcediffiehellman default policystore "
     "gposession"},
    {"set-netipsecmainmodecryptoset",
     "name newdisplayname description proposal maxminutes maxsessions forcediffiehellman policystore gposession"},
    {"get-netipsecmainmodecryptoset", "name displayname group all policystore"},
    {"remove-netipsecmainmodecryptoset", "name displayname group all policystore"},
    {"new-netipsecquickmodecryptoset",
     "name displayname group description proposal perfectforwardsecrecygroup default policystore gposession"},
    {"set-netipsecquickmodecryptoset",
     "name newdisplayname description proposal perfectforwardsecrecygroup policystore"},
    {"get-netipsecquickmodecryptoset", "name displayname group all policystore"},
    {"remove-netipsecquickmodecryptoset", "name displayname group all policystore"},
    {"new-netipsecphase1authset", "name displayname group description proposal default policystore gposession"},
    {"set-netipsecphase1authset", "name newdisplayname description proposal policystore"},
    {"get-netipsecphase1authset", "name displayname group all policystore"},
    {"remove-netipsecphase1authset", "name displayname group all policystore"},
    {"new-netipsecmainmoderule",
     "name displayname group description enabled profile platform mainmodecryptoset phase1authset localaddress "
     "remoteaddress policystore gposession"},
    {"set-netipsecmainmoderule",
     "name newdisplayname description enabled profile platform mainmodecryptoset phase1authset localaddress "
     "remoteaddress "
     "policystore"},
    {"get-netipsecmainmoderule", "name displayname group all policystore"},
    {"remove-netipsecmainmoderule", "name displayname group all policystore"},
    {"new-netipsecrule",
     "ipsecrulename name id displayname group description enabled profile platform mode inboundsecurity "
     "outboundsecurity "
     "quickmodecryptoset phase1authset phase2authset keymodule allowsetkey allowwatchkey localaddress remoteaddress "
     "localtunnelendpoint remotetunnelendpoint remotetunnelhostname forwardpathlifetime encryptedtunnelbypass "
     "requireauthorization user machine protocol localport remoteport interfacealias interfacetype policystore "
     "gposession"},
    {"set-netipsecrule",
     "ipsecrulename name id newdisplayname description enabled profile platform mode inboundsecurity outboundsecurity "
     "quickmodecryptoset phase1authset phase2authset keymodule allowsetkey allowwatchkey localaddress remoteaddress "
     "localtunnelendpoint remotetunnelendpoint remotetunnelhostname forwardpathlifetime encryptedtunnelbypass "
     "requireauthorization user machine protocol localport remoteport interfacealias interfacetype policystore"},
    {"get-netipsecrule", "ipsecrulename name id displayname group all policystore"},
    {"remove-netipsecrule", "ipsecrulename name id displayname group all policystore"},
    {"set-netfirewallsetting",
     "exemptions allowipsecthroughnat certvalidationlevel maxsaidletimeseconds keyencoding enablepacketqueuing "
     "requirefullauthsupport policystore"},
    {"get-netfirewallsetting", "all policystore"},
    {"get-netipsecmainmodesa", ""},
    {"get-netipsecquickmodesa", ""},
    {"remove-netipsecmainmodesa", ""},
    {"remove-netipsecquickmodesa", ""},
    {"import-certificate", "filepath certstorelocation"},
    {"import-pfxcertificate", "filepath certstorelocation password exportable"},
    {"out-null", ""},
    {"out-string", ""},
    {"start-sleep", "seconds"},
    {"new-object", "typename"},
    {"where-object", ""},
    {"foreach-object", ""},
    {"write-output", ""},
    {"remove-item", "literalpath path force deletekey"},
    {"test-path", "literalpath path"},
    {"new-item", "path itemtype force"},
    {"get-content", "literalpath path encoding"},
    {"add-content", "literalpath path value encoding"},
    {"set-content", "literalpath path value encoding"},
    {"move-item", "literalpath path destination force"},
    {"set-strictmode", "version"},
};
// Every NetSecurity cmdlet above takes these as well.
constexpr std::string_view kCommon = "erroraction errorvariable verbose whatif confirm";

struct Values {
  std::string_view parameter;
  std::string_view values;
};
constexpr Values kValues[] = {
    {"encryption", "none des des3 aes128 aes192 aes256 aesgcm128 aesgcm192 aesgcm256"},
    {"hash", "none md5 sha1 sha256 sha384"},
    {"keyexchange", "none dh1 dh2 dh14 dh19 dh20 dh24 sameasmainmode"},
    {"perfectforwardsecrecygroup", "none dh1 dh2 dh14 dh19 dh20 dh24 sameasmainmode"},
    {"encapsulation", "none ah esp"},
    {"ahhash", "none md5 sha1 sha256 aesgmac128 aesgmac192 aesgmac256"},
    {"esphash", "none md5 sha1 sha256 aesgmac128 aesgmac192 aesgmac256"},
    {"mode", "none tunnel transport"},
    {"inboundsecurity", "none request require"},
    {"outboundsecurity", "none request require"},
    {"keymodule", "default ikev1 authip ikev2"},
    {"enabled", "true false"},
    {"profile", "any domain private public"},
    {"exemptions", "none neighbordiscovery icmp routerdiscovery dhcp"},
    {"allowipsecthroughnat", "none server both"},
    {"certvalidationlevel", "none attemptcrlcheck requirecrlcheck"},
    {"authoritytype", "root intermediate"},
    {"signing", "rsa ecdsa256 ecdsa384"},
};

/// A blank separated list has the word.
bool lists(std::string_view list, std::string_view word) {
  if (word.find(' ') != std::string_view::npos) return false;
  return (" " + std::string(list) + " ").find(" " + std::string(word) + " ") != std::string::npos;
}

}  // namespace

std::span<const PsCmdlet> cmdlets() { return kCmdlets; }

const PsCmdlet* find_cmdlet(std::string_view name) {
  const std::string wanted = lower(name);
  const auto* found = std::find_if(std::begin(kCmdlets), std::end(kCmdlets),
                                   [&](const PsCmdlet& cmdlet) { return cmdlet.name == wanted; });
  return found == std::end(kCmdlets) ? nullptr : found;
}

bool has_parameter(const PsCmdlet& cmdlet, std::string_view parameter) {
  const std::string wanted = lower(parameter);
  return lists(cmdlet.parameters, wanted) || lists(kCommon, wanted);
}

std::string_view values_of(std::string_view parameter) {
  const std::string wanted = lower(parameter);
  const auto* found =
      std::find_if(std::begin(kValues), std::end(kValues), [&](const Values& row) { return row.parameter == wanted; });
  return found == std::end(kValues) ? std::string_view() : found->values;
}

}  // namespace meshctl::windows
