// netsh ipsec static: policies, filter lists, filters, filter actions, rules. Tags are written out, as in the
// reference's long form.
#include <algorithm>
#include <functional>
#include <regex>
#include <set>

#include "../common.hpp"
#include "address.hpp"
#include "commands.hpp"
#include "refusal.hpp"
#include "values.hpp"

namespace sim {
namespace {

using Check = std::function<void(const std::string&)>;

void any_text(const std::string& value) {
  if (value.empty() || value.find_first_of("\"\t\r\n") != std::string::npos) refuse("'" + value + "' is no text");
}
void yes_no(const std::string& value) { check_word(lower(value), {"yes", "no"}); }
void number(const std::string& value) {
  if (value.empty() || value.size() > 9 || value.find_first_not_of("0123456789") != std::string::npos)
    refuse("'" + value + "' is no number");
}
void port(const std::string& value) {
  number(value);
  if (std::stoi(value) > 65535) refuse("'" + value + "' is no port");
}
void side(const std::string& value) {
  static const std::set<std::string> words = {"me", "any", "wins", "dns", "dhcp", "gateway"};
  const auto ends = split(value, '-');
  const bool addresses =
      ends.size() <= 2 && std::all_of(ends.begin(), ends.end(), [](const auto& end) { return parse_address(end); });
  if (!words.count(lower(value)) && !addresses) refuse("'" + value + "' is no address");
}
void mask(const std::string& value) {
  if (!parse_address(value)) number(value);
}
void protocol(const std::string& value) {
  static const std::set<std::string> words = {"any", "icmp", "tcp", "udp", "raw"};
  if (words.count(lower(value))) return;
  number(value);
  if (std::stoi(value) > 255) refuse("'" + value + "' is no protocol");
}
void main_methods(const std::string& value) {
  static const std::regex form("(DES|3DES)-(MD5|SHA1)-[123]", std::regex::icase);
  for (const std::string& method : split(value, ' ')) {
    if (!std::regex_match(method, form)) refuse("'" + method + "' is no method of main mode here");
  }
}
void quick_methods(const std::string& value) {
  static const std::regex form(
      "(AH\\[(MD5|SHA1)\\]|(AH\\[(MD5|SHA1)\\]\\+)?ESP\\[(DES|3DES|NONE),(MD5|SHA1|NONE)\\])(:([0-9]+k|[0-9]+s|[0-9]+k/"
      "[0-9]+s))?",
      std::regex::icase);
  for (const std::string& method : split(value, ' ')) {
    if (!std::regex_match(method, form)) refuse("'" + method + "' is no method of quick mode here");
    if (lower(method).find("esp[none,none]") != std::string::npos) refuse("'" + method + "' protects nothing");
  }
}
Check words(std::set<std::string> allowed) {
  return [allowed](const std::string& value) { check_word(lower(value), allowed); };
}

struct Object {
  std::map<std::string, Check> keys;
  std::set<std::string> needed;
};

const std::map<std::string, Object>& objects() {
  static const std::map<std::string, Object> all = {
      {"policy",
       {{{"name", any_text},
         {"description", any_text},
         {"mmpfs", yes_no},
         {"qmpermm", number},
         {"mmlifetime", number},
         {"activatedefaultrule", yes_no},
         {"assign", yes_no},
         {"mmsecmethods", main_methods}},
        {"name"}}},
      {"filterlist", {{{"name", any_text}, {"description", any_text}}, {"name"}}},
      {"filter",
       {{{"filterlist", any_text},
         {"srcaddr", side},
         {"dstaddr", side},
         {"description", any_text},
         {"protocol", protocol},
         {"mirrored", yes_no},
         {"srcmask", mask},
         {"dstmask", mask},
         {"srcport", port},
         {"dstport", port}},
        {"filterlist", "srcaddr", "dstaddr"}}},
      {"filteraction",
       {{{"name", any_text},
         {"description", any_text},
         {"qmpfs", yes_no},
         {"inpass", yes_no},
         {"soft", yes_no},
         {"action", words({"permit", "block", "negotiate"})},
         {"qmsecmethods", quick_methods}},
        {"name"}}},
      {"rule",
       {{{"name", any_text},
         {"policy", any_text},
         {"filterlist", any_text},
         {"filteraction", any_text},
         {"tunnel", side},
         {"conntype", words({"lan", "dialup", "all"})},
         {"activate", yes_no},
         {"description", any_text},
         {"kerberos", yes_no},
         {"psk", any_text},
         {"rootca", any_text}},
        {"name", "policy", "filterlist", "filteraction"}}}};
  return all;
}

Fields read(const std::string& kind, const Words& given) {
  const Object& object = objects().at(kind);
  Fields fields;
  for (const std::string& word : given) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) refuse("'" + word + "' is not of the form tag=value");
    const std::string key = lower(word.substr(0, equals));
    const auto found = object.keys.find(key);
    if (found == object.keys.end()) refuse("there is no tag '" + key + "'");
    if (fields.count(key)) refuse("'" + key + "' is given twice");
    found->second(word.substr(equals + 1));
    fields[key] = word.substr(equals + 1);
  }
  return fields;
}

Record* find(Policy& policy, const std::string& kind, const std::string& name) {
  for (Record& record : policy.records) {
    if (record.kind == "static-" + kind && lower(field(record.fields, "name")) == lower(name)) return &record;
  }
  return nullptr;
}

void must_exist(Policy& policy, const std::string& kind, const std::string& name) {
  if (!find(policy, kind, name)) refuse("there is no " + kind + " '" + name + "'");
}

void add(Policy& policy, const std::string& kind, const Words& given) {
  const Fields fields = read(kind, given);
  for (const std::string& key : objects().at(kind).needed) {
    if (!fields.count(key)) refuse(key + "= is missing");
  }
  if (fields.count("name") && kind != "rule" && find(policy, kind, field(fields, "name")))
    refuse("a " + kind + " of that name exists");
  if (field(fields, "action") == "negotiate" && !fields.count("qmsecmethods")) refuse("negotiate without qmsecmethods");
  for (const char* other : {"policy", "filterlist", "filteraction"}) {
    if (fields.count(other)) must_exist(policy, other, field(fields, other));
  }
  policy.records.push_back({"static-" + kind, fields});
  if (field(fields, "assign") == "yes")
    ipsec_static(policy, {"set", "policy", "name=" + field(fields, "name"), "assign=yes"});
}

/// One policy at a time is assigned.
void set_policy(Policy& policy, const Words& given) {
  const Fields by = read("policy", given);
  must_exist(policy, "policy", field(by, "name"));
  if (by.size() < 2) refuse("nothing to change");
  for (Record& record : policy.records) {
    if (record.kind != "static-policy") continue;
    const bool meant = lower(field(record.fields, "name")) == lower(field(by, "name"));
    if (!meant && field(by, "assign") == "yes") record.fields["assign"] = "no";
    if (meant) {
      for (const auto& [key, value] : by) record.fields[key] = value;
    }
  }
}

void erase(Policy& policy, const std::function<bool(const Record&)>& gone) {
  policy.records.erase(std::remove_if(policy.records.begin(), policy.records.end(), gone), policy.records.end());
}

/// A policy takes its rules with it, a filter list its filters; what a rule uses stays.
void remove(Policy& policy, const std::string& kind, const Words& given) {
  const Fields fields = read(kind, given);
  const std::string name = field(fields, "name");
  must_exist(policy, kind, name);
  for (const Record& record : policy.records) {
    const bool uses =
        record.kind == "static-rule" && kind != "policy" && lower(field(record.fields, kind)) == lower(name);
    if (uses) refuse("'" + name + "' is in use");
  }
  erase(policy, [&](const Record& record) {
    const std::string owner = kind == "policy" ? "static-rule" : "static-filter";
    const bool itself = record.kind == "static-" + kind && lower(field(record.fields, "name")) == lower(name);
    return itself ||
           (record.kind == owner && record.fields.count(kind) && lower(field(record.fields, kind)) == lower(name));
  });
}

void print_fields(const Record& record) {
  print("");
  for (const auto& [key, value] : record.fields) print(key + std::string(24 - key.size(), ' ') + ": " + value);
}

void show(Policy& policy, const std::string& kind, Words given) {
  const bool verbose =
      std::any_of(given.begin(), given.end(), [](const auto& word) { return lower(word) == "level=verbose"; });
  given.erase(std::remove_if(
                  given.begin(), given.end(),
                  [](const std::string& word) { return starts_with(word, "level=") || starts_with(word, "format="); }),
              given.end());
  const bool all = given.size() == 1 && lower(given[0]) == "all";
  const std::string name = all ? "" : field(read(kind, given), "name");
  bool found = false;
  for (const Record& record : policy.records) {
    if (record.kind != "static-" + kind || !(all || lower(field(record.fields, "name")) == lower(name))) continue;
    found = true;
    print_fields(record);
    for (const Record& rule : policy.records) {
      if (verbose && rule.kind == "static-rule" && field(rule.fields, kind) == field(record.fields, "name"))
        print_fields(rule);
    }
  }
  if (!found) refuse("there is no " + kind + " '" + name + "'");
}

}  // namespace

void ipsec_static(Policy& policy, const Words& words) {
  if (words.size() < 3) not_found("ipsec static " + join(words, " "));
  const std::string verb = lower(words[0]);
  const std::string kind = lower(words[1]);
  if (verb == "set" && kind == "policy") return set_policy(policy, after(words, 2));
  if (!objects().count(kind)) not_found("ipsec static " + join(words, " "));
  if (verb == "add") return add(policy, kind, after(words, 2));
  if (verb == "delete" && kind != "filter" && kind != "rule") return remove(policy, kind, after(words, 2));
  if (verb == "show" && kind != "filter" && kind != "rule") return show(policy, kind, after(words, 2));
  not_found("ipsec static " + join(words, " "));
}

}  // namespace sim
