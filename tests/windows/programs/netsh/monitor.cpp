// netsh advfirewall monitor. Security associations are lines of C:\simulator\associations.txt that a test writes, since
// nothing here negotiates: `mmsa LOCAL REMOTE` or `qmsa LOCAL REMOTE`.
#include <sstream>

#include "../common.hpp"
#include "address.hpp"
#include "commands.hpp"
#include "refusal.hpp"

namespace sim {
namespace {

bool is_end(const std::string& word) { return lower(word) == "any" || parse_address(word); }

/// `all`, nothing (show only), or two ends.
bool selects(const Words& ends, const std::string& local, const std::string& remote) {
  if (ends.size() != 2) return true;
  const auto fits = [](const std::string& wanted, const std::string& is) {
    return lower(wanted) == "any" || wanted == is;
  };
  return fits(ends[0], local) && fits(ends[1], remote);
}

void check_ends(const Words& ends, bool needed) {
  const bool all = ends.size() == 1 && lower(ends[0]) == "all";
  const bool pair = ends.size() == 2 && is_end(ends[0]) && is_end(ends[1]);
  if (!all && !pair && (needed || !ends.empty())) refuse("two addresses or 'all' are missing");
}

void show_association(const std::string& kind, const std::string& local, const std::string& remote) {
  print("\nMain Mode SA at 01/04/2008 13:10:09");  // so for quick mode too
  print("----------------------------------------------------------------------");
  print("Local IP Address:                     " + local);
  print("Remote IP Address:                    " + remote);
  print(kind == "mmsa" ? "First Auth:                           ComputerPSK"
                       : "Protocol:                             Any");
}

void associations(const std::string& kind, const Words& ends, bool deletes) {
  check_ends(ends, deletes);
  const auto file = folder() / "associations.txt";
  std::istringstream lines(read_file(file));
  std::string rest;
  bool found = false;
  for (std::string line; std::getline(lines, line);) {
    const Words parts = split(line, ' ');
    const bool meant = parts.size() == 3 && parts[0] == kind && selects(ends, parts[1], parts[2]);
    found = found || meant;
    if (meant && !deletes) show_association(kind, parts[1], parts[2]);
    if (!meant) rest += line + "\n";
  }
  if (!found) throw Refusal{"No SAs match the specified criteria.", "no match"};
  if (deletes) replace_file(file, rest);
}

}  // namespace

void monitor(Policy& policy, const Words& words) {
  for (const std::string kind : {"mmsa", "qmsa"}) {
    if (are(words, 0, {"show", kind})) return associations(kind, after(words, 2), false);
    if (are(words, 0, {"delete", kind})) return associations(kind, after(words, 2), true);
  }
  if (are(words, 0, {"show", "consec"})) return rule_command(policy, false, {"show", "rule", "name=all"});
  if (are(words, 0, {"show", "mainmode"})) return rule_command(policy, true, {"show", "rule", "name=all"});
  if (are(words, 0, {"show", "currentprofile"}) && words.size() == 2) return print("Public Profile:");
  not_found("monitor " + join(words, " "));
}

}  // namespace sim
