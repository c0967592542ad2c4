// What scripts make of a Windows host, whichever of the three forms they have: verify and import both read this.
//
//   MachineReader reader;  reader.add(parse_netsh(…));  const Machine machine = reader.take();
//   for (const PairRule& one : by_pair(machine, {}).pairs) …
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "backend/windows/netsh_rule.hpp"
#include "backend/windows/powershell_file.hpp"
#include "backend/windows/static_file.hpp"
#include "base/diag.hpp"

namespace meshctl::windows {

enum class KeyModule : std::uint8_t { Unsaid, IkeV1, IkeV2, Other };

/// A rule in netsh's words, and where its parts stand.
struct MachineRule {
  NetshRule rule;
  KeyModule module = KeyModule::Unsaid;
  bool sided = false;  // endpoint1 is the host itself; netsh does not say so
  Range where;
  Range proposals;  // of quick mode, or of main mode in a rule for that
  Range key;
};

struct Exemptions {
  bool neighbor_discovery = false;
  bool icmp = false;
  bool dhcp = false;
  Range where;
};

/// Something in a script that the values do not say: "the setting 'ipsec saidletimemin'".
struct Remark {
  Range where;
  std::string text;
};

/// A rule is made one way where it is new, and another where it is there already.
struct Disagreement {
  std::string name;
  Range set;
  Range add;
};

struct Machine {
  std::vector<MachineRule> rules;  // enabled ones, in the order of the lines
  std::vector<MachineRule> main_rules;
  std::vector<MainProposal> main;  // of the whole machine; empty: Windows' own
  MainLifetime main_lifetime;
  Range main_at;
  std::optional<Exemptions> exemptions;
  std::optional<bool> through_nat;
  std::vector<Remark> left_out;
  std::vector<Disagreement> disagreements;
};

/// The text of a key's file, by the name that the script has for it ("$PSScriptRoot\\keys\\b.psk"); empty: it is not
/// there. `where` becomes its place.
using PskReader = std::function<Secret(const std::string& name, Range& where)>;

/// Runs scripts one after the other, on a machine without rules. A `set` before the `add` of its rule, as in scripts
/// that can be run again, must make the same of it.
class MachineReader {
 public:
  void add(NetshFile file);
  void add(const PowershellFile& file, const PskReader& psks);
  /// Together: one file makes the policies, others their rules.
  void add(const std::vector<StaticFile>& files);
  Machine take();

 private:
  struct Change {
    std::string name;
    RuleKind kind = RuleKind::Consec;
    MachineRule wanted;
    bool whole = false;  // it says all that an `add` has to
  };
  void line(RuleLine line);
  void change(RuleLine line);
  void erase(RuleKind kind, const std::string& name);
  void setting(const GlobalSetting& setting);
  void settle(Change& change);
  void index(RuleKind kind);
  MachineRule* find(RuleKind kind, const std::string& name);
  std::vector<MachineRule>& rules_of(RuleKind kind) { return kind == RuleKind::Consec ? out_.rules : out_.main_rules; }

  using Names = std::map<std::string, std::size_t>;
  Names& names_of(RuleKind kind) { return kind == RuleKind::Consec ? names_ : main_names_; }

  Machine out_;
  Names names_, main_names_;   // of netsh's rules, in lower case; a host may have a thousand
  std::vector<Change> early_;  // of rules that were not there yet
};

/// A rule for one address and port at each end. 0: any port.
struct PairRule {
  const MachineRule* from = nullptr;
  bool turned = false;  // endpoint2 is the host itself
  bool any = false;     // `local` is one of its addresses that other rules name; this one says any
  Address local, remote;
  std::uint16_t local_port = 0, remote_port = 0;
};

struct PairRules {
  std::vector<PairRule> pairs;                 // lists are written out
  std::vector<const MachineRule*> everywhere;  // exemptions between any and any
  std::vector<const MachineRule*> odd;         // networks, ranges, keywords, tunnels
};
/// Which end is at home netsh does not say: it is the one that is any address, else the one among `own`, else the one
/// that more rules name, else endpoint1. The answer points into `machine`.
PairRules by_pair(const Machine& machine, const std::set<Address>& own);

/// W2041: exemptions that let whoever sends from one port reach every port of the machine. Either end of netsh's rules
/// may be the machine itself.
void tell_open_ports(const Machine& machine, DiagSink& sink);

/// The first rule of main mode for just these ends; nullptr: the machine's settings hold.
const MachineRule* main_rule_of(const Machine& machine, const Address& local, const Address& remote);

// --- what holds where a rule or the machine is silent ---

std::vector<QuickProposal> quick_of(const MachineRule& rule);
std::vector<MainProposal> main_of(const Machine& machine, const MachineRule* main_rule);
std::uint32_t main_minutes_of(const Machine& machine, const MachineRule* main_rule);
inline constexpr std::uint32_t kQuickMinutes = 60;

/// IANA's numbers; 0 for no PFS.
std::uint16_t group_number(KeyExchange exchange);
std::uint16_t group_number(Pfs pfs, std::uint16_t of_main_mode);

}  // namespace meshctl::windows
