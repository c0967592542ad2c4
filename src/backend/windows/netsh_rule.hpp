// Connection-security and main-mode rules as values: what a line of `netsh advfirewall` says, and what meshctl writes.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backend/windows/netsh_words.hpp"
#include "backend/windows/script.hpp"
#include "base/secret.hpp"
#include "net/address.hpp"

namespace meshctl::windows {

/// One item of an endpoint list: a keyword (localsubnet, dns, …), or the addresses from `low` to `high`.
struct EndpointItem {
  std::string keyword;
  Address low;
  Address high;
  /// One address and nothing else.
  [[nodiscard]] bool is_host() const { return keyword.empty() && low == high; }
  friend bool operator==(const EndpointItem&, const EndpointItem&) = default;
};
using Endpoint = std::vector<EndpointItem>;  // empty: any

struct PortSpan {
  std::uint16_t low = 0;
  std::uint16_t high = 0;
  friend bool operator==(const PortSpan&, const PortSpan&) = default;
};
using Ports = std::vector<PortSpan>;  // empty: any

/// One CA of auth1ca and its kind: an X.500 name, most general part first, `"` written as \'.
struct CaName {
  std::string name;
  std::optional<bool> cert_mapping;
  std::optional<bool> exclude_ca_name;
  bool intermediate = false;
  friend bool operator==(const CaName&, const CaName&) = default;
};

/// One proposal of qmsecmethods. `ah` alone, `esp` alone, or both; `no_encap` is authentication without a header.
struct QuickProposal {
  std::optional<Integrity> ah;
  std::optional<std::pair<Integrity, Encryption>> esp;
  std::optional<Integrity> no_encap;
  std::optional<std::uint32_t> minutes;
  std::optional<std::uint32_t> kilobytes;
  friend bool operator==(const QuickProposal&, const QuickProposal&) = default;
};
inline constexpr std::uint32_t kQuickKilobytes = 100000;     // where a rule does not say
inline constexpr std::uint32_t kMostKilobytes = 2147483647;  // that netsh and the cmdlets take
struct MainProposal {
  KeyExchange exchange = KeyExchange::Dh14;
  Encryption encryption = Encryption::Aes256;
  Integrity integrity = Integrity::Sha256;
  friend bool operator==(const MainProposal&, const MainProposal&) = default;
};
struct MainLifetime {
  std::optional<std::uint32_t> minutes;
  std::optional<std::uint32_t> sessions;
  friend bool operator==(const MainLifetime&, const MainLifetime&) = default;
};

struct NetshRule {
  std::string name;
  std::string group;
  std::string description;
  Endpoint endpoint1;
  Endpoint endpoint2;
  Action action = Action::RequireInRequireOut;
  RuleMode mode = RuleMode::Transport;
  bool enabled = true;
  std::string profile = "any";
  bool dynamic = false;
  Endpoint local_tunnel;  // at most one address; empty: any
  Endpoint remote_tunnel;
  Ports port1;
  Ports port2;
  std::optional<std::uint8_t> protocol;  // nullopt: any
  InterfaceType interface_type = InterfaceType::Any;
  std::vector<AuthMethod> auth1;
  Secret psk;
  std::vector<CaName> ca;  // of auth1: auth1ca, then those of the two ECDSA kinds
  std::vector<CaName> ca_ecdsa256;
  std::vector<CaName> ca_ecdsa384;
  std::array<bool, 3> health{};  // computercert, ecdsap256, ecdsap384
  std::vector<AuthMethod> auth2;
  std::vector<CaName> auth2_ca;
  Pfs pfs = Pfs::None;
  std::vector<QuickProposal> quick;  // empty: default
  std::vector<MainProposal> main;    // empty: default
  MainLifetime main_lifetime;
  bool main_forced_dh = false;
  bool exempt_protected = false;
  bool apply_authz = false;
  friend bool operator==(const NetshRule&, const NetshRule&) = default;
};

enum class RuleKind : std::uint8_t { Consec, MainMode };
enum class RuleVerb : std::uint8_t { Add, Set, Delete, Show };

/// One line with a rule, and which parameter stands where. `selector` holds what stands before `new` in a set line, or
/// behind delete and show.
struct RuleLine {
  RuleKind kind = RuleKind::Consec;
  RuleVerb verb = RuleVerb::Add;
  NetshRule rule;
  std::array<Range, kKeyCount> places{};  // of values; line 0: left out
  std::string selector_name;              // set, delete, show: name=; empty with group=
  Range where;

  [[nodiscard]] bool has(Key key) const { return places[static_cast<std::size_t>(key)].line != 0; }
  /// Of the parameter, or of the whole line when it is left out.
  [[nodiscard]] Range place(Key key) const { return has(key) ? places[static_cast<std::size_t>(key)] : where; }
};

/// A `netsh advfirewall` script as values. Settings stand as written: "mainmode mmsecmethods" -> "dhgroup14:…".
struct GlobalSetting {
  std::string name;
  std::string value;
  Range where;
  friend bool operator==(const GlobalSetting& a, const GlobalSetting& b) {
    return a.name == b.name && a.value == b.value;
  }
};
/// A command that changes more than rules can say: import, reset, set store, a profile's state, a firewall rule.
struct OtherCommand {
  std::string text;  // "advfirewall reset"
  Range where;
};
struct NetshFile {
  std::vector<RuleLine> rules;
  std::vector<GlobalSetting> settings;
  std::vector<OtherCommand> others;
};

/// Errors: netsh or the service refuses it. Warnings: accepted, but wrong. Notes: not the form that meshctl writes. The
/// rules W01 to W22 of docs/windows.md are named in brackets.
NetshFile parse_netsh(FileId file, std::string_view text, ScriptKind kind, DiagSink& sink);

// --- single values (netsh_values.cpp); each returns false with `why` set ---

bool parse_endpoint(std::string_view text, Endpoint& out, std::string& why);
bool parse_ports(std::string_view text, Ports& out, std::string& why);
bool parse_protocol(std::string_view text, std::optional<std::uint8_t>& out, std::string& why);
bool parse_ca_names(std::string_view text, std::vector<CaName>& out, std::string& why);
bool parse_quick(std::string_view text, std::vector<QuickProposal>& out, std::string& why);
bool parse_main(std::string_view text, std::vector<MainProposal>& out, std::string& why);
bool parse_main_lifetime(std::string_view text, MainLifetime& out, std::string& why);
/// Which combination is refused, or an empty text: the table of quick-mode proposals.
std::string why_bad_combination(const QuickProposal& proposal);

// --- one line back (netsh_text.cpp) ---

std::string text(const QuickProposal& proposal);  // "esp:sha1-aes256+60min+100000kb"
std::string text(const MainProposal& proposal);   // "dhgroup14:aes256-sha256"
void append_endpoint(const Endpoint& endpoint, std::string& out);
/// All parameters that meshctl writes, in the order of netsh's help: ` name="…" endpoint1=… …`. `name` is left out
/// behind `new`.
void append_parameters(const NetshRule& rule, RuleKind kind, bool with_name, std::string& out);

}  // namespace meshctl::windows
