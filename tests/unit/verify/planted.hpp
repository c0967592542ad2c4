// One line of one end is changed: the fault is found, and both ends are named.
#pragma once
#include <string>
#include <vector>

#include "unit/verify/kit.hpp"

namespace meshctl::test {

// Where faults are planted.
constexpr const char* kConf = "/etc/racoon/racoon.conf";
constexpr const char* kSetkey = "/etc/racoon/setkey.conf";
constexpr const char* kPsk = "/etc/racoon/psk.txt";
constexpr const char* kRoaming = "/etc/racoon/roaming.sh";
constexpr const char* kSwan = "/etc/swanctl/conf.d/meshctl.conf";
constexpr const char* kSecrets = "/etc/swanctl/conf.d/meshctl-secrets.conf";
constexpr const char* kXfrm = "/etc/meshctl/policies.xfrm";

struct Fault {
  const char* what;
  const char* file;  // of the host
  const char* line;  // a part of it; the first line that has it is changed
  const char* from;  // empty: the whole line goes
  const char* to;
  const char* code;
  const char* host = "b";
};

/// The first line of `text` with `part`, changed. The test fails when there is none: a fault must be planted.
inline std::string changed(const std::string& text, const Fault& fault) {
  const std::size_t at = text.find(fault.line);
  REQUIRE_MESSAGE(at != std::string::npos, fault.what << ": no line with " << fault.line);
  const std::size_t begin = text.rfind('\n', at) + 1;
  const std::size_t end = text.find('\n', at);
  std::string line = text.substr(begin, end - begin);
  const std::string from = fault.from;
  if (from.empty()) return text.substr(0, begin) + fault.to + text.substr(end + (*fault.to == '\0' ? 1 : 0));
  const std::size_t part = line.find(from);
  REQUIRE_MESSAGE(part != std::string::npos, fault.what << ": no " << from << " in " << line);
  return text.substr(0, begin) + line.replace(part, from.size(), fault.to) + text.substr(end);
}

inline bool names_both(const Diag& diag) {
  return diag.text.starts_with("a and b: ") || diag.text.starts_with("b and a: ");
}

/// Both ends' files are pointed to, each with its line.
inline bool points_at_both(const Diag& diag, const Sources& sources) {
  bool a = false, b = false;
  const auto look = [&](const Range& range) {
    a = a || sources.name(range.file).starts_with("a:");
    b = b || sources.name(range.file).starts_with("b:");
  };
  look(diag.where);
  for (const Related& related : diag.related) look(related.where);
  return a && b && diag.where.known();
}

inline void check_fault(const Hosts& base, const Fault& fault, bool both_places = true) {
  INFO(std::string(fault.what));
  Hosts hosts = base;
  hosts[fault.host][fault.file] = changed(base.at(fault.host).at(fault.file), fault);
  const verify::Report report = verify_hosts(hosts);
  INFO(shown(report));
  bool found = false;
  for (const Diag& diag : report.diags) {
    if (diag.code != fault.code) continue;
    found = true;
    if (diag.code[1] != '7' || !both_places) continue;
    CHECK(names_both(diag));
    CHECK(points_at_both(diag, report.sources));
    CHECK_FALSE(diag.hint.empty());
  }
  CHECK(found);
  CHECK(shown(report).find("mk1-") == std::string::npos);
}

}  // namespace meshctl::test
