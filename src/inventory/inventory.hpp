// What the user wrote: validated one field at a time, each with its place in the file; defaults not yet applied.
// The language is docs/inventory.md; the machine-readable form is schemas/inventory.schema.json.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/diag.hpp"
#include "base/range.hpp"
#include "inventory/vocabulary.hpp"
#include "inventory/windows_options.hpp"
#include "net/address.hpp"

namespace meshctl {

/// A value and where it was written. Two of them are the same when the values are.
template <class T>
struct Marked {
  T value{};
  Range where;
  friend bool operator==(const Marked& x, const Marked& y) { return x.value == y.value; }
};
template <class T>
using Opt = std::optional<Marked<T>>;

/// What most owners do not have: a pointer's room while it is empty. Copies are deep; an empty one reads as a T{}.
template <class T>
class Boxed {
 public:
  Boxed() = default;
  Boxed(const Boxed& other) : value_(other.value_ ? std::make_unique<T>(*other.value_) : nullptr) {}
  Boxed(Boxed&&) noexcept = default;
  Boxed& operator=(const Boxed& other) { return *this = Boxed(other); }
  Boxed& operator=(Boxed&&) noexcept = default;
  ~Boxed() = default;

  [[nodiscard]] bool empty() const { return value_ == nullptr; }
  const T& operator*() const {
    static const T none{};
    return value_ ? *value_ : none;
  }
  const T* operator->() const { return &**this; }
  T& edit() {
    if (!value_) value_ = std::make_unique<T>();
    return *value_;
  }
  friend bool operator==(const Boxed& x, const Boxed& y) { return *x == *y; }

 private:
  std::unique_ptr<T> value_;
};

/// `from:` or `to:` of a selector: a subnet, or `host` for that end's own addresses.
struct NetSpec {
  bool host = false;
  Prefix prefix;
  friend auto operator<=>(const NetSpec&, const NetSpec&) = default;
};

/// `select:` entry. `port`, `to` are those of the `to` side of from/to, the second host of a pair, either side of
/// `among` (`among` makes one selector for each direction); `from_port`, `from` those of the other side. 0 = any.
struct SelectorSpec {
  std::string protocol = "any";  // any tcp udp icmp icmp6 sctp or a number 1..255
  std::uint8_t protocol_number = 0;
  std::uint16_t port = 0;
  std::uint16_t from_port = 0;
  std::int16_t icmp_type = -1;  // -1 = any, else 0..255; icmp and icmp6 only
  std::int16_t icmp_code = -1;  // only with a type
  std::optional<NetSpec> from = std::nullopt;
  std::optional<NetSpec> to = std::nullopt;
  std::optional<FlowAction> action = std::nullopt;  // nullopt: the entry's `action`
  friend auto operator<=>(const SelectorSpec&, const SelectorSpec&) = default;
};

/// `suite: modern` or `suite: {ike: aes256-sha512-modp3072, esp: aes256-sha512-modp3072}`
struct SuiteSpec {
  std::string name;  // empty when spelled out
  std::string ike;
  std::string esp;
  friend auto operator<=>(const SuiteSpec&, const SuiteSpec&) = default;
};

/// `identity: address`, `identity: asn1dn` or `identity: {fqdn: gw.example.com}`.
struct IdentitySpec {
  IdentityKind kind = IdentityKind::Address;
  std::string value;  // empty: the address in use, or the certificate's subject
  friend auto operator<=>(const IdentitySpec&, const IdentitySpec&) = default;
};

/// Raw text for what the language does not model, one for each section.
using RawTexts = std::map<RawSection, Marked<std::string>>;

/// The options that few links have. Half a million entries may stand in one inventory.
struct RareOptions {
  Opt<Protect> protect;
  Opt<bool> ipcomp;
  Opt<FlowAction> action;  // not under `defaults:`
  Opt<int> priority;       // -100..100; more = asked earlier
  Opt<Family> outer;       // of tunnels: the family of the packets between the gateways
  Opt<Side> initiator;
  Opt<bool> passive;                // the other end never starts
  Opt<IdentitySpec> identity_from;  // of the `from` end on this link
  Opt<IdentitySpec> identity_to;
  Opt<bool> verify_identifier;
  Opt<NatTraversal> nat_traversal;
  Opt<unsigned> natt_keepalive;  // seconds, 5..3600
  Opt<Fragmentation> fragmentation;
  Opt<unsigned> dpd_retry;         // seconds, 1..600
  Opt<unsigned> dpd_maxfail;       // 1..100
  Opt<std::uint64_t> child_bytes;  // 1 MiB .. 2^63-1
  Opt<std::string> pfs;            // a group's name, or "none"
  Opt<ExchangeMode> exchange_mode;
  Opt<unsigned> nonce_size;  // bytes, 8..256
  Opt<ProposalCheck> proposal_check;
  Opt<bool> initial_contact;
  Opt<Rekey> rekey;
  Opt<bool> send_cert;
  Opt<bool> send_cr;
  Opt<GeneratePolicy> generate_policy;
  Opt<Profile> profile;
  RawTexts raw;
  friend bool operator==(const RareOptions&, const RareOptions&) = default;
};

/// Everything a link may override; the same keys stand under `defaults:`.
struct LinkOptions {
  Opt<Auth> auth;
  Opt<SuiteSpec> suite;
  Opt<Mode> mode;
  Opt<Level> level;
  Opt<unsigned> ike_version;     // 1 or 2
  Opt<unsigned> ike_lifetime;    // seconds, 300..86400
  Opt<unsigned> child_lifetime;  // seconds, 300..86400
  Opt<unsigned> dpd_delay;       // seconds, 0 = off, ..3600
  Opt<std::string> psk_file;     // explicit PSK: a path (relative to the inventory), never the key itself
  std::vector<Marked<SelectorSpec>> select;
  Boxed<RareOptions> rare;
  friend bool operator==(const LinkOptions&, const LinkOptions&) = default;
};

/// `listen:`
struct ListenSpec {
  std::vector<Marked<Address>> addresses;  // empty: all of the host's
  Opt<unsigned> port;                      // default 500
  Opt<unsigned> natt_port;                 // default 4500
};

/// What a host's daemon is set to; the same keys stand under `defaults:`.
struct DaemonOptions {
  ListenSpec listen;
  Opt<LogLevel> log;
  Opt<Boot> boot;
  Opt<BootFail> boot_fail;  // `boot: {kind: ifupdown, fail: closed}`
  Opt<Firewall> firewall;
  Opt<RacoonForm> form;
  Opt<std::string> backend_version;  // "0.8.2": for daemons that lack what newer ones have
  RawTexts raw;
};

/// `certificate:` of a host, for auth x509.
struct CertificateSpec {
  Opt<std::string> subject;               // "C=DE, O=Example, CN=gw"; default: CN=NAME
  std::vector<Marked<std::string>> sans;  // more names: addresses, DNS names, mail addresses
  Opt<std::string> ca_file;               // PEM on the controller, for an end whose CA is not meshctl's
  Opt<std::string> crl_file;
};

struct SshSpec {
  Opt<std::string> user;
  Opt<unsigned> port;
  Opt<std::string> address;      // where the controller connects to, if not the first address
  Opt<std::string> key_file;     // private key; the agent and the default keys are tried as well
  Opt<std::string> jump;         // name of a host of this inventory, or user@address:port
  Opt<std::string> host_key;     // pinned: "ssh-ed25519 AAAA..." or "SHA256:..."
  Opt<std::string> known_hosts;  // file, if not ~/.ssh/known_hosts
  Opt<bool> sudo;                // default: true when user is not root
};

/// `windows: {form: powershell, version: "2022"}`
struct WindowsSpec {
  Opt<WindowsForm> form;
  Opt<WindowsVersion> version;
};

struct HostEntry {
  Marked<std::string> name;
  Opt<std::string> id;                           // identity across renames; default: the name
  std::vector<Marked<std::string>> addresses;    // IP literals or DNS names (the latter resolved by `facts`)
  bool dynamic = false;                          // `addresses: dynamic`: nobody knows them beforehand
  std::vector<Marked<Prefix>> subnets;           // reached through this host
  std::vector<Marked<Address>> inner_addresses;  // its own addresses inside tunnels, one a family
  Opt<std::string> interface;                    // to which routes of tunnels are bound
  Opt<Address> behind_nat;                       // the public address that others reach it by
  Opt<IdentitySpec> identity;
  CertificateSpec certificate;
  Opt<std::string> rsa_public_key;  // of an end that meshctl makes no key for: file on the controller
  Opt<std::string> gss_id;          // Kerberos principal of auth kerberos
  DaemonOptions daemon;
  Opt<BackendKind> backend;
  std::vector<Marked<std::string>> tags;
  SshSpec ssh;
  WindowsSpec windows;
  bool managed = true;  // false: third-party end, hand-over file, no SSH
  Range where;
};

/// One entry of `links:`, not yet expanded.
struct LinkEntry {
  enum class Kind : std::uint8_t { Pair, Among, FromTo } kind = Kind::Pair;
  Marked<std::string> first;                // Pair: a host. Among: tag, host or `all`. FromTo: `from`
  Marked<std::string> second;               // Pair: a host. FromTo: `to`
  std::vector<Marked<std::string>> except;  // hosts or tags taken out
  LinkOptions options;
  Range where;
};

enum class BypassWord : std::uint8_t { Nd, IcmpErrors, Ike, Icmp, Dhcp, SshController, Selector };
std::string_view text(BypassWord word);  // of Selector, which is a map, "selector"
/// Which half of a port the hosts have. Server: anybody's ports reach the one port. Client: the peer's one port reaches
/// any port here, so the peers must be named.
enum class BypassRole : std::uint8_t { Server, Client };
/// One entry of `bypass:`: a word of the language, or a selector spelled out.
struct BypassEntry {
  BypassWord word = BypassWord::Nd;
  SelectorSpec selector;  // for BypassWord::Selector: protocol and port
  Range where;
  BypassRole role = BypassRole::Server;
  std::vector<Prefix> peers = {};  // whom it is for; empty: everybody
};
inline constexpr std::size_t kMaxBypasses = 256;  // entries, and peers of one: see rank_behind_hosts()

struct Inventory {
  Marked<std::string> mesh;
  LinkOptions defaults;
  Opt<BackendKind> default_backend;
  SshSpec default_ssh;
  WindowsSpec default_windows;
  DaemonOptions default_daemon;
  std::vector<HostEntry> hosts;                    // in file order
  std::vector<LinkEntry> links;                    // in file order: later scalars win, selectors append
  std::optional<std::vector<BypassEntry>> bypass;  // nullopt: the default [nd, icmp-errors, ike]
  std::vector<std::string> files;                  // the inventory and what it includes, in reading order
};

/// What `meshctl facts` found and `meshctl.lock` keeps: the only knowledge of the world that compile may use.
struct Facts {
  struct Host {
    std::map<std::string, std::vector<Address>> resolved;  // DNS name as written -> addresses, sorted
    std::optional<BackendKind> backend;                    // for `backend: auto`
    std::string os;                                        // "Debian GNU/Linux 12", for people
    std::string backend_version;                           // "strongSwan 5.9.8", for people
    std::optional<bool> ikev1;                             // of strongSwan: whether charon was built with IKEv1
  };
  std::map<std::string, Host> hosts;
};

}  // namespace meshctl
