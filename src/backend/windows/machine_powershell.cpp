// Objects of NetSecurity cmdlets -> rules in netsh's words: each rule with the sets that it names.
#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "backend/windows/machine.hpp"
#include "backend/windows/powershell_words.hpp"
#include "base/text.hpp"

namespace meshctl::windows {
namespace {

std::string get(const std::map<std::string, std::string>& values, const char* key) {
  const auto found = values.find(key);
  return found == values.end() ? std::string() : lower(found->second);
}

std::optional<std::uint32_t> number_in(const std::string& text) {
  std::uint32_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return !text.empty() && error == std::errc() && *end == '\0' ? std::optional(out) : std::nullopt;
}

std::optional<Action> action_of(const std::string& in, const std::string& out) {
  if (in == "none" && out == "none") return Action::NoAuthentication;
  if (in == "request" && out == "request") return Action::RequestInRequestOut;
  if (in == "require" && out == "request") return Action::RequireInRequestOut;
  if (in == "require" && out == "require") return Action::RequireInRequireOut;
  if (in == "require" && out == "none") return Action::RequireInClearOut;
  return std::nullopt;
}

KeyModule module_of(const std::string& word) {
  if (word.empty() || word == "default") return KeyModule::Unsaid;
  return word == "ikev1" ? KeyModule::IkeV1 : word == "ikev2" ? KeyModule::IkeV2 : KeyModule::Other;
}

QuickProposal powershell_quick_proposal(const PsProposal& proposal) {
  QuickProposal out = quick_from_powershell([&](const char* key) { return get(proposal.values, key); });
  out.minutes = number_in(get(proposal.values, "maxminutes"));
  out.kilobytes = number_in(get(proposal.values, "maxkilobytes"));
  return out;
}

std::optional<MainProposal> powershell_main_proposal(const PsProposal& proposal) {
  const auto exchange = from_powershell(key_exchange_words(), get(proposal.values, "keyexchange"));
  const auto encryption = from_powershell(main_encryption_words(), get(proposal.values, "encryption"));
  const auto integrity = from_powershell(main_integrity_words(), get(proposal.values, "hash"));
  if (!exchange || !encryption || !integrity) return std::nullopt;
  return MainProposal{*exchange, *encryption, *integrity};
}

class Objects {
 public:
  Objects(const PowershellFile& file, const PskReader& psks, Machine& out) : file_(file), psks_(psks), out_(out) {
    for (const PsObject& object : file.objects) {
      by_name_.emplace(std::pair(object.noun, get(object.values, "name")), &object);
    }
  }

  void run() {
    for (const PsObject& object : file_.objects) {
      if (object.noun == "netipsecrule") rule(object);
      if (object.noun == "netipsecmainmoderule") main_rule(object);
      if (object.noun == "netfirewallsetting") settings(object);
    }
    for (const PsChange& change : file_.changes) {
      out_.left_out.push_back(
          {change.where, fmt::format("'{}' changes what this script does not show", change.cmdlet)});
    }
  }

 private:
  [[nodiscard]] const PsObject* set_of(const PsObject& rule, const char* key, const char* noun) const {
    const auto found = by_name_.find({noun, get(rule.values, key)});
    return found == by_name_.end() ? nullptr : found->second;
  }

  /// What rules of both kinds have. False: a value is not known, and it was told.
  bool ends(const PsObject& object, MachineRule& out) {
    out.sided = true;
    out.where = out.proposals = out.key = object.where;
    if (const auto name = object.values.find("name"); name != object.values.end()) out.rule.name = name->second;
    const std::string enabled = get(object.values, "enabled"), profile = get(object.values, "profile");
    out.rule.enabled = enabled != "false";
    if (!profile.empty()) out.rule.profile = profile;
    return endpoint(object, "localaddress", out.rule.endpoint1) &&
           endpoint(object, "remoteaddress", out.rule.endpoint2) && authentication(object, out);
  }

  bool unknown(const PsObject& object, std::string_view key) {
    const auto name = object.values.find("name");
    out_.left_out.push_back({object.where, fmt::format("the rule '{}', of which -{} is not known here",
                                                       name == object.values.end() ? "" : name->second, key)});
    return false;
  }

  bool endpoint(const PsObject& object, const char* key, Endpoint& out) {
    std::string why;
    const std::string text = get(object.values, key);
    return text.empty() || parse_endpoint(text, out, why) || unknown(object, key);
  }

  bool authentication(const PsObject& object, MachineRule& out) {
    const PsObject* set = set_of(object, "phase1authset", "netipsecphase1authset");
    if (set == nullptr) return get(object.values, "phase1authset").empty() || unknown(object, "phase1authset");
    for (const PsProposal& one : set->proposals) method(one, out);
    return !set->proposals.empty() || unknown(object, "phase1authset");
  }

  void method(const PsProposal& one, MachineRule& out) {
    AuthMethod found = AuthMethod::Anonymous;
    if (one.values.contains("kerberos")) found = AuthMethod::ComputerKerb;
    if (one.values.contains("ntlm")) found = AuthMethod::ComputerNtlm;
    if (one.psk != nullptr || !one.psk_file.empty()) {
      found = AuthMethod::ComputerPsk;
      out.rule.psk = one.psk != nullptr ? one.psk->clone() : psks_(one.psk_file, out.key);
      if (one.psk != nullptr) out.key = one.where;
    }
    if (one.values.contains("cert")) {
      const std::string signing = get(one.values, "signing");
      found = signing == "ecdsa256"   ? AuthMethod::ComputerCertEcdsa256
              : signing == "ecdsa384" ? AuthMethod::ComputerCertEcdsa384
                                      : AuthMethod::ComputerCert;
      if (const auto name = one.values.find("authority"); name != one.values.end())
        out.rule.ca.push_back({name->second, {}, {}, get(one.values, "authoritytype") == "intermediate"});
    }
    // Several CAs of one method are several proposals.
    if (std::find(out.rule.auth1.begin(), out.rule.auth1.end(), found) == out.rule.auth1.end())
      out.rule.auth1.push_back(found);
  }

  void rule(const PsObject& object) {
    MachineRule out;
    if (!ends(object, out) || !traffic(object, out.rule)) return;
    out.module = module_of(get(object.values, "keymodule"));
    if (const auto text = object.values.find("description"); text != object.values.end())
      out.rule.description = text->second;
    const std::string mode = get(object.values, "mode");
    out.rule.mode = mode == "tunnel" ? RuleMode::Tunnel : RuleMode::Transport;
    const auto action = action_of(get(object.values, "inboundsecurity"), get(object.values, "outboundsecurity"));
    if (!action) {
      unknown(object, "InboundSecurity");
      return;
    }
    out.rule.action = *action;
    if (const PsObject* set = set_of(object, "quickmodecryptoset", "netipsecquickmodecryptoset")) {
      out.proposals = set->where;
      for (const PsProposal& one : set->proposals) out.rule.quick.push_back(powershell_quick_proposal(one));
      out.rule.pfs = from_powershell(pfs_words(), get(set->values, "perfectforwardsecrecygroup")).value_or(Pfs::None);
    }
    out_.rules.push_back(std::move(out));
  }

  bool traffic(const PsObject& object, NetshRule& out) {
    std::string why;
    const std::string protocol = get(object.values, "protocol");
    if (!protocol.empty() && !parse_protocol(protocol, out.protocol, why)) return unknown(object, "Protocol");
    for (const auto& [key, ports] : {std::pair("localport", &out.port1), {"remoteport", &out.port2}}) {
      const std::string text = get(object.values, key);
      if (!text.empty() && !parse_ports(text, *ports, why)) return unknown(object, key);
    }
    return true;
  }

  void main_rule(const PsObject& object) {
    MachineRule out;
    if (!ends(object, out)) return;
    if (const PsObject* set = set_of(object, "mainmodecryptoset", "netipsecmainmodecryptoset")) {
      out.proposals = set->where;
      out.rule.main_lifetime.minutes = number_in(get(set->values, "maxminutes"));
      for (const PsProposal& one : set->proposals) {
        if (const auto found = powershell_main_proposal(one)) out.rule.main.push_back(*found);
      }
    }
    out_.main_rules.push_back(std::move(out));
  }

  void settings(const PsObject& object) {
    for (const auto& [key, value] : object.values) {
      const std::string list = "," + lower(value) + ",";
      const auto has = [&](const char* word) { return list.find(fmt::format(",{},", word)) != std::string::npos; };
      if (key == "exemptions") {
        out_.exemptions = Exemptions{has("neighbordiscovery"), has("icmp"), has("dhcp"), object.where};
      } else if (key == "allowipsecthroughnat") {
        out_.through_nat = !has("none");
      } else if (key == "certvalidationlevel" && lower(value) != "requirecrlcheck") {
        // Set where a revocation list is brought, and put back: nothing that an inventory says.
      } else if (key != "name") {
        out_.left_out.push_back({object.where, fmt::format("the setting '{}'", key)});
      }
    }
  }

  const PowershellFile& file_;
  const PskReader& psks_;
  Machine& out_;
  std::map<std::pair<std::string, std::string>, const PsObject*> by_name_;
};

}  // namespace

void MachineReader::add(const PowershellFile& file, const PskReader& psks) { Objects(file, psks, out_).run(); }

}  // namespace meshctl::windows
