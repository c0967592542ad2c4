#include "backend/windows/netsh_settings.hpp"

#include <initializer_list>

#include "backend/windows/netsh_checks.hpp"

namespace meshctl::windows {
namespace {

bool must_be_one_of(const std::string& value, std::initializer_list<std::string_view> words, std::string& why) {
  for (const std::string_view word : words) {
    if (value == word) return true;
    (why += why.empty() ? "it is one of: " : ", ") += word;
  }
  return false;
}

bool idle_minutes(std::string_view value, std::string& why) {
  Ports minutes;
  if (parse_ports(value, minutes, why) && minutes.size() == 1 && minutes[0].low == minutes[0].high &&
      minutes[0].low >= 5 && minutes[0].low <= 60) {
    return true;
  }
  return why = "it is 5 to 60", false;
}

bool exemptions(std::string_view value, std::string& why) {
  if (value == "none") return true;
  for (;;) {
    const std::string_view item = value.substr(0, value.find(','));
    if (item != "neighbordiscovery" && item != "icmp" && item != "dhcp") {
      return why = "it is none, or a list of neighbordiscovery, icmp, dhcp without blanks", false;
    }
    if (item.size() == value.size()) return true;
    value.remove_prefix(item.size() + 1);
  }
}

}  // namespace

bool check_setting(const GlobalSetting& setting, std::string& why, DiagSink& sink) {
  const std::string& value = setting.value;
  if (value == "notconfigured") {
    sink.warning("W2037", setting.where, "notconfigured is for group policies only").with_hint("write a value");
    return true;
  }
  if (setting.name == "ipsec strongcrlcheck") return must_be_one_of(value, {"0", "1", "2"}, why);
  if (setting.name == "ipsec ipsecthroughnat") {
    return must_be_one_of(value, {"never", "serverbehindnat", "serverandclientbehindnat"}, why);
  }
  if (setting.name == "ipsec saidletimemin") return idle_minutes(value, why);
  if (setting.name == "ipsec defaultexemptions") return exemptions(value, why);
  if (setting.name == "ipsec authzcomputergrp" || setting.name == "ipsec authzusergrp") return true;
  if (setting.name == "mainmode mmforcedh") return must_be_one_of(value, {"yes", "no"}, why);
  RuleLine line;  // mmsecmethods and mmkeylifetime have the same values and rules as in a mainmode rule
  line.kind = RuleKind::MainMode;
  line.where = setting.where;
  if (setting.name == "mainmode mmsecmethods") {
    if (!parse_main(value, line.rule.main, why)) return false;
  } else if (setting.name == "mainmode mmkeylifetime") {
    if (!parse_main_lifetime(value, line.rule.main_lifetime, why)) return false;
  } else {
    return why = "there is no such setting", false;
  }
  check_rule(line, sink);
  return true;
}

}  // namespace meshctl::windows
