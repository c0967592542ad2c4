// The policy that netsh changes, kept as text: a line is a kind and its fields, TAB between them.
//
//   global<TAB>ipsec defaultexemptions=neighbordiscovery,dhcp
//   consec<TAB>action=requireinrequireout<TAB>auth1=computerpsk<TAB>…
//
// Kinds: global, profile, consec, mainmode; static-policy, static-filterlist, static-filter, static-filteraction,
// static-rule.
#pragma once
#include <map>
#include <string>
#include <vector>

namespace sim {

using Fields = std::map<std::string, std::string>;

struct Record {
  std::string kind;
  Fields fields;
};

std::string field(const Fields& fields, const std::string& key, const std::string& otherwise = "");

struct Policy {
  std::vector<Record> records;

  /// What a fresh Windows has, if there is no policy yet.
  static Policy load();
  static Policy fresh();
  static Policy parse(const std::string& text);
  [[nodiscard]] std::string text() const;
  void save() const;

  void set_global(const std::string& name, const std::string& value);
};

}  // namespace sim
