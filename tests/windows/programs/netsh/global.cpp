// set global: one parameter a command, without "=".
#include <functional>
#include <map>

#include "../common.hpp"
#include "commands.hpp"
#include "refusal.hpp"
#include "values.hpp"

namespace sim {
namespace {

void check_idle_time(const std::string& value) {
  const bool digits = !value.empty() && value.size() < 3 && value.find_first_not_of("0123456789") == std::string::npos;
  if (!digits || std::stoi(value) < 5 || std::stoi(value) > 60) refuse("'" + value + "' is not in 5 to 60");
}

void check_exemptions(const std::string& value) {
  if (value != "none") check_word_list(value, {"neighbordiscovery", "icmp", "dhcp"});
}

void check_group(const std::string& value) {
  if (value != "none" && value.find("o:") != 0 && value.find("d:") != 0) refuse("'" + value + "' is no SDDL string");
}

using Check = std::function<void(const std::string&)>;

}  // namespace

void set_global(Policy& policy, const Words& words) {
  static const std::map<std::string, Check> known = {
      {"ipsec strongcrlcheck",
       [](const std::string& value) {
         check_word(value, {"0", "1", "2"});
       }},
      {"ipsec saidletimemin", check_idle_time},
      {"ipsec defaultexemptions", check_exemptions},
      {"ipsec ipsecthroughnat",
       [](const std::string& value) {
         check_word(value, {"never", "serverbehindnat", "serverandclientbehindnat"});
       }},
      {"ipsec authzcomputergrp", check_group},
      {"ipsec authzusergrp", check_group},
      {"mainmode mmkeylifetime", check_lifetime},
      {"mainmode mmsecmethods", check_main},
      {"mainmode mmforcedh", [](const std::string& value) {
         check_word(value, {"yes", "no"});
       }}};
  if (words.size() != 3) not_found("set global " + join(words, " "));
  const std::string name = lower(words[0]) + " " + lower(words[1]);
  const std::string value = lower(words[2]);
  const auto found = known.find(name);
  if (found == known.end()) not_found("set global " + name);
  if (value == "notconfigured") refuse("notconfigured is for group policies");
  found->second(value);
  policy.set_global(name, value);
}

}  // namespace sim
