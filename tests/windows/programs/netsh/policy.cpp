#include "policy.hpp"

#include <sstream>

#include "../common.hpp"
#include "refusal.hpp"

namespace sim {

std::string field(const Fields& fields, const std::string& key, const std::string& otherwise) {
  const auto found = fields.find(key);
  return found == fields.end() ? otherwise : found->second;
}

Policy Policy::fresh() {
  Policy policy;
  policy.set_global("ipsec strongcrlcheck", "0");
  policy.set_global("ipsec saidletimemin", "5");
  policy.set_global("ipsec defaultexemptions", "neighbordiscovery,dhcp");
  policy.set_global("ipsec ipsecthroughnat", "never");
  policy.set_global("ipsec authzcomputergrp", "none");
  policy.set_global("ipsec authzusergrp", "none");
  policy.set_global("mainmode mmkeylifetime", "480min,0sess");
  policy.set_global("mainmode mmsecmethods", "default");
  policy.set_global("mainmode mmforcedh", "no");
  for (const char* profile : {"domain", "private", "public"})
    policy.set_global(std::string(profile) + "profile state", "on");
  return policy;
}

Policy Policy::parse(const std::string& text) {
  Policy policy;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::vector<std::string> parts = split(line, '\t');
    Record record{parts[0], {}};
    for (std::size_t i = 1; i < parts.size(); ++i) {
      const std::size_t equals = parts[i].find('=');
      if (equals == std::string::npos) refuse("this is no exported policy");
      record.fields[parts[i].substr(0, equals)] = parts[i].substr(equals + 1);
    }
    policy.records.push_back(record);
  }
  if (policy.records.empty() || policy.records[0].kind != "global") refuse("this is no exported policy");
  return policy;
}

std::string Policy::text() const {
  std::string out;
  for (const Record& record : records) {
    out += record.kind;
    for (const auto& [key, value] : record.fields) out += '\t' + key + '=' + value;
    out += '\n';
  }
  return out;
}

Policy Policy::load() {
  const std::string text = read_file(folder() / "policy.txt");
  return text.empty() ? fresh() : parse(text);
}

void Policy::save() const { replace_file(folder() / "policy.txt", text()); }

void Policy::set_global(const std::string& name, const std::string& value) {
  for (Record& record : records) {
    if (record.kind == "global" && record.fields.count(name)) {
      record.fields[name] = value;
      return;
    }
  }
  records.push_back({"global", {{name, value}}});
}

}  // namespace sim
