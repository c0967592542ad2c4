// What the user wrote: validated one field at a time, each with its place in the file; defaults not yet applied.
// The language is docs/inventory.md; the machine-readable form is schemas/inventory.schema.json.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diag.hpp"
#include "base/range.hpp"
#include "inventory/windows_options.hpp"
#include "net/address.hpp"

namespace meshctl {

/// A value and where it was written.
template <class T>
struct Marked {
  T value{};
  Range where;
};
template <class T>
using Opt = std::optional<Marked<T>>;

enum class BackendKind : std::uint8_t { Auto, Racoon, Strongswan, Windows };
enum class Mode : std::uint8_t { Transport, Tunnel };
enum class Level : std::uint8_t { Require, Use };
enum class Auth : std::uint8_t { Psk, Rsa, X509, Kerberos, Manual };

std::string_view text(BackendKind kind);
std::string_view text(Mode mode);
std::string_view text(Level level);
std::string_view text(Auth auth);

/// `select:` entry. A port means the `to` side of from/to, the second host of a pair, either side of `among`
/// (`among` makes one selector for each direction). 0 = any.
struct SelectorSpec {
  std::string protocol = "any";  // any tcp udp icmp icmp6 sctp or a number 1..255
  std::uint8_t protocol_number = 0;
  std::uint16_t port = 0;
  friend auto operator<=>(const SelectorSpec&, const SelectorSpec&) = default;
};

/// `suite: modern` or `suite: {ike: aes256-sha512-modp3072, esp: aes256-sha512-modp3072}`
struct SuiteSpec {
  std::string name;  // empty when spelled out
  std::string ike;
  std::string esp;
  friend auto operator<=>(const SuiteSpec&, const SuiteSpec&) = default;
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
  Opt<std::string> id;                         // identity across renames; default: the name
  std::vector<Marked<std::string>> addresses;  // IP literals or DNS names (the latter resolved by `facts`)
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
/// One entry of `bypass:`: a word of the language, or a selector spelled out.
struct BypassEntry {
  BypassWord word = BypassWord::Nd;
  SelectorSpec selector;  // for BypassWord::Selector: a port of any host
  Range where;
};

struct Inventory {
  Marked<std::string> mesh;
  LinkOptions defaults;
  Opt<BackendKind> default_backend;
  SshSpec default_ssh;
  WindowsSpec default_windows;
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
  };
  std::map<std::string, Host> hosts;
};

}  // namespace meshctl
