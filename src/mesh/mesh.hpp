// What is meant: hosts by index, canonical addresses, one resolved Link per pair. No strings to look up.
//
// Beyond resolve() nothing can be ambiguous: each link was resolved once, for both ends together, so both ends agree
// by construction, and a host's view is only a projection of it (mesh/hostplan.hpp).
#pragma once
#include <algorithm>
#include <array>
#include <bitset>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/diag.hpp"
#include "base/range.hpp"
#include "crypto/suite.hpp"
#include "inventory/inventory.hpp"
#include "net/address.hpp"

namespace meshctl {

/// Where and how the controller reaches a host. All defaults applied.
struct SshTarget {
  std::string address;
  std::uint16_t port = 22;
  std::string user = "root";
  std::string key_file;     // absolute, or empty
  std::string jump;         // host name of this mesh, or user@address:port, or empty
  std::string host_key;     // pinned key or fingerprint, or empty: known_hosts decides
  std::string known_hosts;  // absolute, or empty: ~/.ssh/known_hosts and /etc/ssh/ssh_known_hosts
  bool sudo = false;
};

/// What one end says it is in phase 1, and what the other end expects of it.
struct Identity {
  IdentityKind kind = IdentityKind::Address;
  std::string value;  // empty only for Address: the address that the packets really come from
  friend auto operator<=>(const Identity&, const Identity&) = default;
};

/// What a certificate of this host is made with (auth x509). Paths are absolute, on the controller.
struct CertificateRequest {
  std::string subject;            // "C=DE, O=Example, CN=gw", most general first; never empty
  std::vector<std::string> sans;  // beside the host's own addresses; sorted
  std::string ca_file;            // empty: meshctl's own CA
  std::string crl_file;
};

/// The keys of DaemonSettings.
enum class DaemonKey : std::uint8_t { Listen, Log, Boot, Firewall, Form, BackendVersion, Raw, Count };

/// Settings of a host's daemon. All defaults applied.
struct DaemonSettings {
  std::vector<Address> listen;  // empty: all of the host's addresses
  std::uint16_t port = 500;
  std::uint16_t natt_port = 4500;
  LogLevel log = LogLevel::Notify;
  std::optional<Boot> boot;  // nullopt: nothing but meshctl's own recovery unit
  BootFail boot_fail = BootFail::Open;
  Firewall firewall = Firewall::None;
  RacoonForm form = RacoonForm::Racoon;
  std::string backend_version;  // "0.8.2"; empty: current
  std::string raw_racoon;       // verbatim, whole lines; likewise the others
  std::string raw_setkey;
  std::string raw_swanctl;
  /// Where each key is written, if it is, and which of them stand under `defaults:` alone.
  std::array<Range, static_cast<std::size_t>(DaemonKey::Count)> where{};
  std::bitset<static_cast<std::size_t>(DaemonKey::Count)> inherited;
};

struct Host {
  std::string name;
  std::string id;                         // in PSK derivation; stable across renames
  std::vector<Address> addresses;         // in the user's order, no duplicates; empty if dynamic
  bool dynamic = false;                   // road warrior: its address is not known, and it is the one that starts
  std::vector<Prefix> subnets;            // behind it, sorted
  std::vector<Address> inner_addresses;   // its own inside tunnels, at most one a family, sorted
  std::string interface;                  // of routes through tunnels, or empty
  std::optional<Address> public_address;  // behind a NAT: what others reach its first address of that family by
  std::optional<Identity> identity;       // as written
  Identity address_identity;              // for psk, rsa and kerberos unless written otherwise
  Identity subject_identity;              // for x509 unless written otherwise: the certificate's subject
  CertificateRequest certificate;
  std::string rsa_public_key;  // file of an end that meshctl makes no key for, or empty
  std::string gss_id;          // Kerberos principal, or empty: the daemon's default
  DaemonSettings daemon;
  BackendKind backend = BackendKind::Racoon;  // never Auto
  std::vector<std::string> tags;              // sorted
  SshTarget ssh;
  WindowsForm windows_form = WindowsForm::Netsh;         // of back end windows
  WindowsVersion windows_version = WindowsVersion::Ten;  // likewise
  std::optional<bool> ikev1;  // of back end strongswan: whether its charon has IKEv1; nullopt: nobody asked it
  bool managed = true;
  Range where;
};

inline constexpr std::int16_t kAnyIcmp = -1;

/// Traffic of one link, seen from the end that sorts first (`a`). Port 0 = any.
struct Selector {
  std::uint8_t protocol = 0;  // IANA number, 0 = any
  std::uint16_t a_port = 0;
  std::uint16_t b_port = 0;
  std::int16_t icmp_type = kAnyIcmp;
  std::int16_t icmp_code = kAnyIcmp;
  FlowAction action = FlowAction::Protect;
  /// nullopt: what the mode means: in tunnels the subnets if there are any, else the host's own addresses.
  std::optional<NetSpec> a_net = std::nullopt;
  std::optional<NetSpec> b_net = std::nullopt;
  friend auto operator<=>(const Selector&, const Selector&) = default;
};

/// All that is agreed on a link but the keys; shared by the links that agree on the same.
struct Terms {
  Mode mode = Mode::Transport;
  Level level = Level::Require;
  Auth auth = Auth::Psk;
  Protect protect = Protect::Esp;
  bool ipcomp = false;
  IkeVersion ike_version = IkeVersion::V2;
  std::string suite;  // name as written, or "custom"
  Proposals proposals;
  Hash ah_hash = Hash::Sha512;          // where `protect` has AH
  std::uint32_t ike_lifetime = 28800;   // seconds
  std::uint32_t child_lifetime = 3600;  // seconds
  std::uint64_t child_bytes = 0;        // 0 = no limit
  std::uint32_t dpd_delay = 30;         // seconds; 0 = off
  std::uint32_t dpd_retry = 5;          // seconds between two questions
  std::uint32_t dpd_maxfail = 5;        // unanswered questions until the peer is dead
  NatTraversal nat_traversal = NatTraversal::Off;
  std::uint32_t natt_keepalive = 20;  // seconds
  Fragmentation fragmentation = Fragmentation::On;
  ExchangeMode exchange_mode = ExchangeMode::Main;
  ProposalCheck proposal_check = ProposalCheck::Claim;
  GeneratePolicy generate_policy = GeneratePolicy::Off;  // of the end that waits for a dynamic one
  Rekey rekey = Rekey::On;
  std::uint32_t nonce_size = 16;  // bytes
  bool initial_contact = true;
  bool verify_identifier = true;
  bool send_cert = true;
  bool send_cr = true;
  bool passive = false;                // only the initiator starts
  std::optional<bool> a_initiates;     // nullopt: the ids decide
  std::optional<Family> outer;         // of tunnels; nullopt: the inner family where both ends have it
  std::optional<Identity> a_identity;  // on this link; nullopt: the host's own
  std::optional<Identity> b_identity;
  int priority = 0;  // -100..100; more = asked earlier
  Profile profile = Profile::Modern;
  std::string psk_file;    // absolute path of an explicit PSK, or empty: derived
  std::string raw_remote;  // verbatim, whole lines; likewise the others
  std::string raw_sainfo;
  std::string raw_connection;
  std::string raw_child;
  std::vector<Selector> selectors;  // in the order of their ranks, see HostPlan; never empty

  /// False when all that is said is what passes in clear or is dropped: no IKE, no keys.
  [[nodiscard]] bool protects() const {
    return std::any_of(selectors.begin(), selectors.end(),
                       [](const Selector& s) { return s.action == FlowAction::Protect; });
  }
  [[nodiscard]] bool uses_ike() const { return auth != Auth::Manual && protects(); }
  friend bool operator==(const Terms&, const Terms&) = default;
};

/// What `host` is on a link of such terms, where it sorts first (`is_a`) or not.
const Identity& identity_of(const Host& host, const Terms& terms, bool is_a);

using HostIndex = std::uint32_t;
using LinkIndex = std::uint32_t;

/// An unordered pair: a < b always. 12 bytes and a place, since a mesh has up to half a million.
struct Link {
  HostIndex a = 0;
  HostIndex b = 0;
  std::uint32_t terms = 0;  // index into Mesh::terms
  Range where;              // the entry that decided last
};

/// An entry of `bypass:`. What it opens on which host: mesh/bypasses.hpp.
struct Bypass {
  BypassWord word = BypassWord::Nd;
  std::uint8_t protocol = 0;
  std::uint16_t port = 0;
  Range where;
  BypassRole role = BypassRole::Server;
  std::vector<Prefix> peers = {};  // sorted, no network within another; empty: everybody
};

struct Mesh {
  std::string name;
  std::string inventory;                         // as the user named the file, for commands in help; or empty
  std::vector<Host> hosts;                       // sorted by name: file order never shows in an output
  std::vector<Terms> terms;                      // sorted by first use in `links`
  std::vector<Link> links;                       // sorted by (a, b), each pair once
  std::vector<Bypass> bypasses;                  // sorted, no duplicates
  std::vector<std::vector<LinkIndex>> links_of;  // by host, sorted by the other end
  std::vector<LinkIndex> behind_bypasses;        // sorted: tunnels of nets all of whose flows are; see kHoleRank
};

/// Expands, merges, applies defaults and facts, checks the whole (E1xxx). Relative paths are resolved against `base`.
Result<Mesh> resolve(const Inventory& inventory, const Facts& facts, const std::filesystem::path& base, DiagSink& sink);

/// "transport require esp aes256-sha512-modp3072 ikev1 aes256-sha512-modp3072 psk" : one line for plans and manifests.
std::string summary(const Terms& terms);

}  // namespace meshctl
