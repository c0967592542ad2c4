// consec and mainmode: add, set, delete, show rule.
#include <algorithm>

#include "../common.hpp"
#include "commands.hpp"
#include "refusal.hpp"
#include "rules.hpp"

namespace sim {
namespace {

void check_rule(Kind kind, const Fields& rule) { kind == Kind::Consec ? check_consec(rule) : check_mainmode(rule); }

void add(Policy& policy, Kind kind, const Words& words) {
  const Fields rule = read_fields(kind, words);
  if (rule.count("group")) refuse("'group' cannot be given to a new rule");
  check_rule(kind, rule);
  policy.records.push_back({kind_name(kind), rule});  // a second one of that name, if there is one
}

std::vector<Record*> select(Policy& policy, Kind kind, const Fields& selectors) {
  std::vector<Record*> found;
  for (Record& record : policy.records) {
    if (record.kind == kind_name(kind) && matches(record.fields, selectors)) found.push_back(&record);
  }
  if (found.empty()) no_match();
  return found;
}

void set(Policy& policy, Kind kind, const Words& words) {
  const auto border =
      std::find_if(words.begin(), words.end(), [](const std::string& word) { return lower(word) == "new"; });
  if (border == words.end() || border + 1 == words.end()) refuse("nothing after 'new' changes nothing");
  const Fields selectors = read_fields(kind, {words.begin(), border});
  check_selectors(kind, selectors, false);
  const Fields by = read_fields(kind, {border + 1, words.end()});
  std::vector<Record*> found = select(policy, kind, selectors);
  for (Record* record : found) check_rule(kind, changed(record->fields, by));
  for (Record* record : found) record->fields = changed(record->fields, by);
  print("\nUpdated " + std::to_string(found.size()) + " rule(s).");
}

void remove(Policy& policy, Kind kind, const Words& words) {
  const Fields selectors = read_fields(kind, words);
  check_selectors(kind, selectors, false);
  const std::size_t count = select(policy, kind, selectors).size();
  const auto gone = [&](const Record& record) {
    return record.kind == kind_name(kind) && matches(record.fields, selectors);
  };
  policy.records.erase(std::remove_if(policy.records.begin(), policy.records.end(), gone), policy.records.end());
  print("\nDeleted " + std::to_string(count) + " rule(s).");
}

/// The key stands in it: what scripts must never log.
void show(Policy& policy, Kind kind, Words words) {
  if (!words.empty() && lower(words.back()) == "verbose") words.pop_back();
  const Fields selectors = read_fields(kind, words);
  check_selectors(kind, selectors, true);
  for (const Record* record : select(policy, kind, selectors)) {
    print("\nRule Name:                            " + field(record->fields, "name"));
    print("----------------------------------------------------------------------");
    for (const auto& [key, value] : record->fields) {
      if (key != "name") print(key + ":" + std::string(key.size() < 37 ? 37 - key.size() : 1, ' ') + value);
    }
  }
}

}  // namespace

void rule_command(Policy& policy, bool mainmode, const Words& words) {
  const Kind kind = mainmode ? Kind::Mainmode : Kind::Consec;
  const Words rest = after(words, 2);
  if (are(words, 0, {"add", "rule"})) return add(policy, kind, rest);
  if (are(words, 0, {"set", "rule"})) return set(policy, kind, rest);
  if (are(words, 0, {"delete", "rule"})) return remove(policy, kind, rest);
  if (are(words, 0, {"show", "rule"})) return show(policy, kind, rest);
  not_found(join(words, " "));
}

}  // namespace sim
