#include "rules.hpp"

#include <functional>
#include <set>

#include "../common.hpp"
#include "address.hpp"
#include "refusal.hpp"
#include "values.hpp"

namespace sim {
namespace {

const std::set<std::string> yes_no = {"yes", "no"};
const std::set<std::string> first_methods = {
    "computerkerb", "computercert", "computercertecdsap256", "computercertecdsap384", "computerpsk",
    "computerntlm", "anonymous"};
const std::set<std::string> second_methods = {
    "computercert", "computercertecdsap256", "computercertecdsap384", "userkerb",
    "usercert",     "usercertecdsap256",     "usercertecdsap384",     "userntlm",
    "anonymous"};

using Check = std::function<void(const std::string&)>;
Check words(std::set<std::string> allowed) {
  return [allowed](const std::string& value) { check_word(value, allowed); };
}
Check lists(std::set<std::string> allowed) {
  return [allowed](const std::string& value) { check_word_list(value, allowed); };
}

void check_text(const std::string& value) {
  if (value.size() > 9999) refuse("W02: longer than 9999 characters");
  for (const char c : value) {
    if (c == '|') refuse("W02: a vertical bar");
    if (static_cast<unsigned char>(c) < ' ' || c == '"') refuse("a control character or a quote");
  }
}
void check_key(const std::string& value) {
  if (value.empty()) refuse("W02: an empty key");
  check_text(value);
}
void check_rule_name(const std::string& value) {
  if (value.empty() || value.size() > 9999) refuse("W01: a name has 1 to 9999 characters");
  if (value.find('|') != std::string::npos) refuse("W01: a vertical bar in a name");
  check_text(value);
}
void check_end(const std::string& value) { check_endpoint(value); }
void check_tunnel_end(const std::string& value) {
  if (value != "any" && !parse_address(value)) refuse("'" + value + "' is no address");
}

/// What both kinds of rules have, but for `profile`.
std::map<std::string, Check> common_keys() {
  return {{"name", check_rule_name},       {"description", check_text},
          {"enable", words(yes_no)},       {"type", words({"static", "dynamic"})},
          {"endpoint1", check_end},        {"endpoint2", check_end},
          {"auth1", lists(first_methods)}, {"auth1psk", check_key},
          {"auth1ca", check_ca},           {"auth1healthcert", words(yes_no)},
          {"auth1ecdsap256ca", check_ca},  {"auth1ecdsap256healthcert", words(yes_no)},
          {"auth1ecdsap384ca", check_ca},  {"auth1ecdsap384healthcert", words(yes_no)}};
}

std::map<std::string, Check> consec_keys() {
  std::map<std::string, Check> keys = common_keys();
  keys["group"] = check_rule_name;
  keys["profile"] = lists({"any", "public", "private", "domain"});
  keys["action"] = words(
      {"requireinrequestout", "requestinrequestout", "requireinrequireout", "requireinclearout", "noauthentication"});
  keys["mode"] = words({"transport", "tunnel"});
  keys["localtunnelendpoint"] = check_tunnel_end;
  keys["remotetunnelendpoint"] = check_tunnel_end;
  keys["port1"] = check_ports;
  keys["port2"] = check_ports;
  keys["protocol"] = check_protocol;
  keys["interfacetype"] = words({"any", "wireless", "lan", "ras"});
  keys["auth2"] = lists(second_methods);
  keys["auth2ca"] = check_ca;
  keys["auth2ecdsap256ca"] = check_ca;
  keys["auth2ecdsap384ca"] = check_ca;
  keys["qmpfs"] = words({"dhgroup1", "dhgroup2", "dhgroup14", "dhgroup24", "ecdhp256", "ecdhp384", "mainmode", "none"});
  keys["qmsecmethods"] = check_quick;
  keys["exemptipsecprotectedconnections"] = words(yes_no);
  keys["applyauthz"] = words(yes_no);
  return keys;
}

std::map<std::string, Check> mainmode_keys() {
  std::map<std::string, Check> keys = common_keys();
  keys["profile"] = lists({"any", "current", "public", "private", "domain"});
  keys["mmsecmethods"] = check_main;
  keys["mmkeylifetime"] = check_lifetime;
  keys["mmforcedh"] = words(yes_no);
  return keys;
}

/// Names, texts, keys and CAs keep their letters.
bool keeps_case(const std::string& key) {
  static const std::set<std::string> free = {"name", "group", "description", "auth1psk"};
  return free.count(key) || (key.size() > 2 && key.substr(key.size() - 2) == "ca");
}

}  // namespace

const char* kind_name(Kind kind) { return kind == Kind::Consec ? "consec" : "mainmode"; }

Fields read_fields(Kind kind, const std::vector<std::string>& given) {
  static const std::map<std::string, Check> of_consec = consec_keys();
  static const std::map<std::string, Check> of_mainmode = mainmode_keys();
  const auto& known = kind == Kind::Consec ? of_consec : of_mainmode;
  Fields fields;
  for (const std::string& word : given) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) refuse("'" + word + "' is not of the form key=value");
    const std::string key = lower(word.substr(0, equals));
    const std::string value = keeps_case(key) ? word.substr(equals + 1) : lower(word.substr(equals + 1));
    const auto found = known.find(key);
    if (found == known.end()) refuse("there is no parameter '" + key + "'");
    if (fields.count(key)) refuse("'" + key + "' is given twice");
    found->second(value);
    fields[key] = value;
  }
  return fields;
}

void check_selectors(Kind kind, const Fields& fields, bool show) {
  std::set<std::string> allowed = {"name", "profile", "type"};
  if (kind == Kind::Consec && !show) allowed.insert({"group", "endpoint1", "endpoint2", "port1", "port2", "protocol"});
  for (const auto& [key, value] : fields) {
    if (!allowed.count(key)) refuse("'" + key + "' cannot select a rule here");
  }
  if (fields.count("name") == fields.count("group")) refuse("name= is missing");
}

Fields changed(Fields rule, const Fields& by) {
  for (const std::string set : {"auth1", "auth2"}) {
    if (!by.count(set)) continue;
    for (auto it = rule.begin(); it != rule.end();) it = starts_with(it->first, set) ? rule.erase(it) : std::next(it);
  }
  for (const auto& [key, value] : by) rule[key] = value;
  if (field(by, "qmsecmethods") == "default" && !by.count("qmpfs")) rule.erase("qmpfs");
  return rule;
}

bool matches(const Fields& rule, const Fields& selectors) {
  for (const auto& [key, value] : selectors) {
    if (key == "name") {
      if (lower(value) != "all" && lower(value) != lower(field(rule, "name"))) return false;
    } else if (value != field(rule, key, key == "type" ? "static" : "any")) {
      return false;
    }
  }
  return true;
}

}  // namespace sim
