// Commands of `netsh ipsec static` -> rules in netsh advfirewall's words: each rule of the assigned policy with each
// filter of its list.
//
// What a script deletes is what an earlier run left behind, or the policy that it replaces: it is made anew, or never
// asked for. meshctl's own script has its policy twice, and assigns one and then the other.
#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "backend/windows/machine.hpp"
#include "base/text.hpp"

namespace meshctl::windows {
namespace {

std::string value(const StaticCommand& command, const char* key) {
  const auto found = command.values.find(key);
  return found == command.values.end() ? std::string() : found->second;
}

std::uint32_t static_number(std::string_view text) {
  std::uint32_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

template <class F>
void for_each_word(std::string_view text, F item) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) item(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

Encryption encryption_word(std::string_view word) {
  return word == "3des" ? Encryption::TripleDes : word == "des" ? Encryption::Des : Encryption::None;
}
Integrity integrity_of(std::string_view word) {
  return word == "sha1" ? Integrity::Sha1 : word == "md5" ? Integrity::Md5 : Integrity::None;
}

/// "3des-sha1-3"; the number is Windows' own: 3 is group 14.
MainProposal static_main_proposal(std::string_view text) {
  const std::size_t first = text.find('-'), last = text.rfind('-');
  const char group = text.back();
  return {group == '1'   ? KeyExchange::Dh1
          : group == '2' ? KeyExchange::Dh2
                         : KeyExchange::Dh14,
          encryption_word(text.substr(0, first)), integrity_of(text.substr(first + 1, last - first - 1))};
}

/// "esp[3des,sha1]:100000k/3600s", "ah[sha1]+esp[3des,none]"
QuickProposal static_quick_proposal(std::string_view text) {
  QuickProposal out;
  const auto inside = [&](std::string_view mark) {
    const std::size_t at = text.find(mark);
    return at == std::string_view::npos ? std::string_view()
                                        : text.substr(at + mark.size(), text.find(']', at) - at - mark.size());
  };
  const std::string_view esp = inside("esp["), ah = inside("ah[");
  if (!esp.empty()) {
    const std::size_t comma = esp.find(',');
    out.esp = {integrity_of(esp.substr(comma + 1)), encryption_word(esp.substr(0, comma))};
  }
  if (!ah.empty()) out.ah = integrity_of(ah);
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return out;
  const std::string_view life = text.substr(colon + 1);
  const std::size_t slash = life.find('/');
  for (const std::string_view part :
       {life.substr(0, slash), slash == std::string_view::npos ? std::string_view() : life.substr(slash + 1)}) {
    if (part.ends_with('k')) out.kilobytes = static_number(part);
    if (part.ends_with('s')) out.minutes = (static_number(part) + 59) / 60;
  }
  return out;
}

/// "meshctl-m-a" and "meshctl-m-b"
bool twins(std::string_view one, std::string_view other) {
  const auto side = [](std::string_view name) { return name.ends_with("-a") || name.ends_with("-b"); };
  return one != other && one.size() == other.size() && side(one) && side(other) &&
         one.substr(0, one.size() - 1) == other.substr(0, other.size() - 1);
}

class Policies {
 public:
  Policies(const std::vector<StaticFile>& files, Machine& out) : files_(files), out_(out) {}

  void run() {
    for (const StaticFile& file : files_) {
      for (const StaticCommand& command : file.commands) define(command);
    }
    if (assigned_.empty()) {
      for (const auto& [name, policy] : policies_)
        out_.left_out.push_back({policy->where, fmt::format("the policy '{}', which is not assigned", name)});
      return;
    }
    machine(*policies_[assigned_]);
    std::vector<MachineRule> replaced;
    for (const StaticCommand* rule : rules_) {
      const std::string policy = lower(value(*rule, "policy"));
      if (policy == assigned_) add(*rule, out_.rules);
      if (policy == before_) add(*rule, replaced);
    }
    compare(replaced);
  }

 private:
  void define(const StaticCommand& command) {
    const std::string name = lower(value(command, "name"));
    if (command.verb == "add policy") policies_[name] = &command;
    if (command.verb == "add filterlist") filters_[name].clear();
    if (command.verb == "add filter") filters_[lower(value(command, "filterlist"))].push_back(&command);
    if (command.verb == "add filteraction") actions_[name] = &command;
    if (command.verb == "add rule") rules_.push_back(&command);
    if (command.verb == "set rule" || command.verb == "set filteraction" || command.verb == "set store")
      remark(command, fmt::format("'{}'", command.verb));
    const bool policy = command.verb == "add policy" || command.verb == "set policy";
    if (policy && value(command, "assign") == "yes" && policies_.contains(name) && name != assigned_) {
      before_ = assigned_;
      assigned_ = name;
    }
  }

  void remark(const StaticCommand& command, std::string text) {
    out_.left_out.push_back({command.where, std::move(text)});
  }

  void machine(const StaticCommand& policy) {
    for_each_word(value(policy, "mmsecmethods"),
                  [&](std::string_view one) { out_.main.push_back(static_main_proposal(one)); });
    out_.main_at = policy.where;
    if (const std::string minutes = value(policy, "mmlifetime"); !minutes.empty())
      out_.main_lifetime.minutes = static_number(minutes);
    if (value(policy, "mmpfs") == "yes" || static_number(value(policy, "qmpermm")) != 0)
      remark(policy, "a new main mode for each quick mode");
    if (value(policy, "activatedefaultrule") == "yes") remark(policy, "the default response rule");
  }

  /// Whether a host makes the one or the other of them depends on what it has.
  void compare(const std::vector<MachineRule>& replaced) {
    if (!twins(before_, assigned_)) return;
    for (std::size_t i = 0; i < std::min(replaced.size(), out_.rules.size()); ++i) {
      const NetshRule &one = replaced[i].rule, &two = out_.rules[i].rule;
      const auto parts = [](const NetshRule& rule) {
        return std::tie(rule.endpoint1, rule.endpoint2, rule.action, rule.port1, rule.port2, rule.protocol, rule.auth1,
                        rule.psk, rule.ca, rule.pfs, rule.quick);
      };
      if (parts(one) == parts(two)) continue;
      out_.disagreements.push_back({two.name, replaced[i].where, out_.rules[i].where});
    }
    if (replaced.size() != out_.rules.size())
      out_.disagreements.push_back({assigned_, policies_[before_]->where, policies_[assigned_]->where});
  }

  void add(const StaticCommand& rule, std::vector<MachineRule>& into) {
    const auto action = actions_.find(lower(value(rule, "filteraction")));
    const auto filters = filters_.find(lower(value(rule, "filterlist")));
    if (action == actions_.end() || filters == filters_.end()) {
      remark(rule, fmt::format("the rule '{}', whose filter list or action is not here", value(rule, "name")));
      return;
    }
    for (const StaticCommand* filter : filters->second) {
      MachineRule made;
      made.where = made.key = rule.where;
      made.proposals = action->second->where;
      made.rule.name = value(rule, "name");
      made.rule.enabled = value(rule, "activate") != "no";
      if (!value(rule, "tunnel").empty()) made.rule.mode = RuleMode::Tunnel;
      authentication(rule, made.rule);
      if (protection(*action->second, made.rule) && traffic(*filter, made.rule)) into.push_back(std::move(made));
    }
  }

  static void authentication(const StaticCommand& rule, NetshRule& out) {
    if (value(rule, "kerberos") == "yes") out.auth1.push_back(AuthMethod::ComputerKerb);
    if (!rule.psk.empty()) {
      out.auth1.push_back(AuthMethod::ComputerPsk);
      out.psk = rule.psk.clone();
    }
    if (const std::string ca = value(rule, "rootca"); !ca.empty()) {
      out.auth1.push_back(AuthMethod::ComputerCert);
      out.ca.push_back({ca, {}, {}, false});
    }
  }

  bool protection(const StaticCommand& action, NetshRule& out) {
    const std::string kind = value(action, "action");
    if (kind == "block") {
      remark(action, fmt::format("the filter action '{}', which blocks", value(action, "name")));
      return false;
    }
    if (kind == "permit") {
      out.action = Action::NoAuthentication;
      out.auth1.clear();
      return true;
    }
    const bool soft = value(action, "soft") == "yes", inpass = value(action, "inpass") == "yes";
    out.action = soft && inpass ? Action::RequestInRequestOut
                 : soft         ? Action::RequireInRequestOut
                                : Action::RequireInRequireOut;
    if (inpass && !soft) remark(action, "inpass=yes without soft=yes");
    if (value(action, "qmpfs") == "yes") out.pfs = Pfs::MainMode;
    for_each_word(value(action, "qmsecmethods"),
                  [&](std::string_view one) { out.quick.push_back(static_quick_proposal(one)); });
    return true;
  }

  bool traffic(const StaticCommand& filter, NetshRule& out) {
    if (value(filter, "mirrored") == "no") {
      remark(filter, "a filter for one direction (mirrored=no)");
      return false;
    }
    const bool from_me = value(filter, "dstaddr") != "me";
    const auto end = [&](const char* address, const char* mask, Endpoint& into) {
      std::string why, text = value(filter, address);
      if (text == "me" || text == "any") return true;
      if (const std::string length = value(filter, mask); !length.empty()) text += "/" + length;
      if (parse_endpoint(text, into, why)) return true;
      into.push_back({text, {}, {}});  // a name or a word
      return true;
    };
    end("srcaddr", "srcmask", from_me ? out.endpoint1 : out.endpoint2);
    end("dstaddr", "dstmask", from_me ? out.endpoint2 : out.endpoint1);
    const auto port = [&](const char* key, Ports& into) {
      if (const auto found = static_cast<std::uint16_t>(static_number(value(filter, key))); found != 0)
        into = {{found, found}};
    };
    port("srcport", from_me ? out.port1 : out.port2);
    port("dstport", from_me ? out.port2 : out.port1);
    const std::string protocol = value(filter, "protocol");
    std::string why;
    if (protocol == "icmp" || protocol == "raw") {
      out.protocol = protocol == "icmp" ? 1 : 255;
    } else if (!protocol.empty() && protocol != "0") {
      parse_protocol(protocol, out.protocol, why);
    }
    return true;
  }

  const std::vector<StaticFile>& files_;
  Machine& out_;
  std::map<std::string, const StaticCommand*> policies_, actions_;  // names in lower case
  std::map<std::string, std::vector<const StaticCommand*>> filters_;
  std::vector<const StaticCommand*> rules_;
  std::string assigned_;
  std::string before_;  // assigned until then
};

}  // namespace

void MachineReader::add(const std::vector<StaticFile>& files) { Policies(files, out_).run(); }

}  // namespace meshctl::windows
