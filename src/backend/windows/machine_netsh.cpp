// Lines of `netsh advfirewall` -> the rules and settings that they leave behind.
#include <fmt/core.h>

#include <algorithm>

#include "backend/windows/machine.hpp"
#include "backend/windows/script.hpp"

namespace meshctl::windows {
namespace {

using Move = void (*)(NetshRule& into, NetshRule& from);

template <auto Member>
void move_member(NetshRule& into, NetshRule& from) {
  into.*Member = std::move(from.*Member);
}

struct Part {
  Key key;
  Move move;
};

/// What each parameter of `set rule … new` replaces.
constexpr Part kParts[] = {{Key::Name, move_member<&NetshRule::name>},
                           {Key::Endpoint1, move_member<&NetshRule::endpoint1>},
                           {Key::Endpoint2, move_member<&NetshRule::endpoint2>},
                           {Key::Action, move_member<&NetshRule::action>},
                           {Key::Description, move_member<&NetshRule::description>},
                           {Key::Mode, move_member<&NetshRule::mode>},
                           {Key::Enable, move_member<&NetshRule::enabled>},
                           {Key::Profile, move_member<&NetshRule::profile>},
                           {Key::Type, move_member<&NetshRule::dynamic>},
                           {Key::LocalTunnelEndpoint, move_member<&NetshRule::local_tunnel>},
                           {Key::RemoteTunnelEndpoint, move_member<&NetshRule::remote_tunnel>},
                           {Key::Port1, move_member<&NetshRule::port1>},
                           {Key::Port2, move_member<&NetshRule::port2>},
                           {Key::Protocol, move_member<&NetshRule::protocol>},
                           {Key::InterfaceType, move_member<&NetshRule::interface_type>},
                           {Key::Auth1, move_member<&NetshRule::auth1>},
                           {Key::Auth1Psk, move_member<&NetshRule::psk>},
                           {Key::Auth1Ca, move_member<&NetshRule::ca>},
                           {Key::Auth1HealthCert, move_member<&NetshRule::health>},
                           {Key::Auth1Ecdsa256Ca, move_member<&NetshRule::ca_ecdsa256>},
                           {Key::Auth1Ecdsa384Ca, move_member<&NetshRule::ca_ecdsa384>},
                           {Key::Auth2, move_member<&NetshRule::auth2>},
                           {Key::Auth2Ca, move_member<&NetshRule::auth2_ca>},
                           {Key::QmPfs, move_member<&NetshRule::pfs>},
                           {Key::QmSecMethods, move_member<&NetshRule::quick>},
                           {Key::MmSecMethods, move_member<&NetshRule::main>},
                           {Key::MmKeyLifetime, move_member<&NetshRule::main_lifetime>},
                           {Key::MmForcedDh, move_member<&NetshRule::main_forced_dh>},
                           {Key::ExemptProtected, move_member<&NetshRule::exempt_protected>},
                           {Key::ApplyAuthz, move_member<&NetshRule::apply_authz>}};

MachineRule made_of(RuleLine line) {
  MachineRule out;
  out.where = line.where;
  out.proposals = line.place(line.kind == RuleKind::Consec ? Key::QmSecMethods : Key::MmSecMethods);
  out.key = line.place(Key::Auth1Psk);
  out.rule = std::move(line.rule);
  return out;
}

Exemptions exemptions_of(const GlobalSetting& setting) {
  const std::string list = "," + setting.value + ",";
  const auto has = [&](const char* word) { return list.find(fmt::format(",{},", word)) != std::string::npos; };
  return {has("neighbordiscovery"), has("icmp"), has("dhcp"), setting.where};
}

}  // namespace

void MachineReader::add(NetshFile file) {
  for (RuleLine& line : file.rules) this->line(std::move(line));
  for (const GlobalSetting& setting : file.settings) this->setting(setting);
  for (const OtherCommand& other : file.others) {
    out_.left_out.push_back({other.where, fmt::format("'{}' is not part of the rules", other.text)});
  }
}

void MachineReader::line(RuleLine line) {
  switch (line.verb) {
    case RuleVerb::Add: {
      const RuleKind kind = line.kind;
      names_of(kind).emplace(lower(line.rule.name), rules_of(kind).size());
      rules_of(kind).push_back(made_of(std::move(line)));
      return;
    }
    case RuleVerb::Set: return change(std::move(line));
    case RuleVerb::Delete: return erase(line.kind, line.selector_name);
    case RuleVerb::Show: return;
  }
}

void MachineReader::change(RuleLine line) {
  if (MachineRule* rule = find(line.kind, line.selector_name); rule != nullptr) {
    for (const Part& part : kParts) {
      if (line.has(part.key)) part.move(rule->rule, line.rule);
    }
    const Key proposals = line.kind == RuleKind::Consec ? Key::QmSecMethods : Key::MmSecMethods;
    if (line.has(proposals)) rule->proposals = line.place(proposals);
    if (line.has(Key::Auth1Psk)) rule->key = line.place(Key::Auth1Psk);
    if (line.has(Key::Name)) index(line.kind);
    return;
  }
  Change early;
  early.name = line.selector_name;
  early.kind = line.kind;
  early.whole = line.has(Key::Endpoint1) && line.has(Key::Endpoint2) && (line.has(Key::Action) || line.has(Key::Auth1));
  if (line.rule.name.empty()) line.rule.name = early.name;
  early.wanted = made_of(std::move(line));
  early_.push_back(std::move(early));
}

void MachineReader::index(RuleKind kind) {
  Names& names = names_of(kind);
  names.clear();
  for (std::size_t i = 0; i < rules_of(kind).size(); ++i) names.emplace(lower(rules_of(kind)[i].rule.name), i);
}

MachineRule* MachineReader::find(RuleKind kind, const std::string& name) {
  const auto found = names_of(kind).find(lower(name));
  return found == names_of(kind).end() ? nullptr : &rules_of(kind)[found->second];
}

void MachineReader::erase(RuleKind kind, const std::string& name) {
  const std::string folded = lower(name);
  if (name.empty()) return;  // a variable: what an earlier run of the script left behind
  if (folded != "all" && find(kind, name) == nullptr) return;
  std::erase_if(rules_of(kind),
                [&](const MachineRule& rule) { return folded == "all" || lower(rule.rule.name) == folded; });
  index(kind);
}

void MachineReader::setting(const GlobalSetting& setting) {
  std::string why;
  if (setting.name == "mainmode mmsecmethods") {
    out_.main.clear();
    if (setting.value != "default") parse_main(setting.value, out_.main, why);
    out_.main_at = setting.where;
  } else if (setting.name == "mainmode mmkeylifetime") {
    parse_main_lifetime(setting.value, out_.main_lifetime, why);
  } else if (setting.name == "ipsec defaultexemptions") {
    out_.exemptions = exemptions_of(setting);
  } else if (setting.name == "ipsec ipsecthroughnat") {
    out_.through_nat = setting.value != "never";
  } else if (setting.name == "ipsec strongcrlcheck" && setting.value != "2") {
    // Set where a revocation list is brought, and put back: nothing that an inventory says.
  } else {
    out_.left_out.push_back({setting.where, fmt::format("the setting '{}'", setting.name)});
  }
}

void MachineReader::settle(Change& change) {
  const MachineRule* found = find(change.kind, change.name);
  if (found == nullptr) {
    out_.left_out.push_back(
        {change.wanted.where, fmt::format("this changes the rule '{}', which no line here makes", change.name)});
  } else if (change.whole && !(found->rule == change.wanted.rule)) {
    out_.disagreements.push_back({found->rule.name, change.wanted.where, found->where});
  }
}

Machine MachineReader::take() {
  for (Change& change : early_) {
    if (!change.name.empty()) settle(change);
  }
  for (const RuleKind kind : {RuleKind::Consec, RuleKind::MainMode}) {
    std::erase_if(rules_of(kind), [&](const MachineRule& rule) {
      if (rule.rule.enabled) return false;
      out_.left_out.push_back({rule.where, fmt::format("the rule '{}' is not enabled", rule.rule.name)});
      return true;
    });
  }
  return std::move(out_);
}

}  // namespace meshctl::windows
