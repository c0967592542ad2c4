// One host's plan in Windows' terms, the same for each output form: rules, exemptions, settings. Still no text, and no
// key: those come when a rule is written.
#pragma once
#include <string>
#include <vector>

#include "backend/key_source.hpp"
#include "backend/windows/netsh_rule.hpp"
#include "mesh/hostplan.hpp"

namespace meshctl::windows {

/// A rule that protects, and where its key comes from. `stem` names its files: "bob-192.0.2.1-192.0.2.2-any".
struct LinkRule {
  NetshRule rule;  // without psk
  std::string stem;
  LinkIndex link = 0;
  HostIndex peer = 0;
  bool ike_v2 = false;
};

struct HostRules {
  std::vector<NetshRule> exemptions;  // before all others, so that nothing is shut out on the way
  std::vector<LinkRule> links;        // by peer, address pair, selector
  /// Main mode: one set for the whole machine where all links agree, else a rule for each address pair.
  std::vector<LinkRule> main_rules;
  std::vector<MainProposal> global_main;
  std::uint32_t main_minutes = 480;  // of global_main
  std::string exemption_words;       // of `set global ipsec defaultexemptions`
  bool through_nat = false;          // some link may cross a NAT
};

/// Machine: one main mode for all where they agree. PerPair: a rule for each address pair.
enum class MainMode : std::uint8_t { Machine, PerPair };
/// `keys` gives the CAs' names for auth x509; may be nullptr where no link has it.
HostRules rules_of(const HostPlan& plan, const KeySource* keys, MainMode main = MainMode::Machine);

/// meshctl's vocabulary in Windows' words. Only for what windows_lacks() lets through.
MainProposal main_proposal(const IkeProposal& ike);
QuickProposal quick_proposal(const Terms& terms);
Pfs pfs_of(DhGroup group);

/// "tcp", "any", a number; ports likewise.
void append_protocol(std::optional<std::uint8_t> protocol, std::string& out);
void append_ports(const Ports& ports, std::string& out);
/// The one method of a rule that was made here.
bool has_method(const NetshRule& rule, AuthMethod method);
/// Some rule has a pre-shared key.
bool has_keys(const HostRules& rules);

/// "meshctl-MESH-": what every rule of ours begins with.
std::string rule_prefix(const Mesh& mesh);

}  // namespace meshctl::windows
