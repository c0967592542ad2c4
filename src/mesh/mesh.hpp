// What is meant: hosts by index, canonical addresses, one resolved Link per pair. No strings to look up.
//
// Beyond resolve() nothing can be ambiguous: each link was resolved once, for both ends together, so both ends agree
// by construction, and a host's view is only a projection of it (mesh/hostplan.hpp).
#pragma once
#include <cstdint>
#include <filesystem>
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

struct Host {
  std::string name;
  std::string id;                             // in PSK derivation; stable across renames
  std::vector<Address> addresses;             // in the user's order, no duplicates
  BackendKind backend = BackendKind::Racoon;  // never Auto
  std::vector<std::string> tags;              // sorted
  SshTarget ssh;
  WindowsForm windows_form = WindowsForm::Netsh;         // of back end windows
  WindowsVersion windows_version = WindowsVersion::Ten;  // likewise
  bool managed = true;
  Range where;
};

/// Traffic of one link that is protected, seen from the end that sorts first (`a`). Port 0 = any.
struct Selector {
  std::uint8_t protocol = 0;  // IANA number, 0 = any
  std::uint16_t a_port = 0;
  std::uint16_t b_port = 0;
  friend auto operator<=>(const Selector&, const Selector&) = default;
};

/// All that is agreed on a link but the keys; shared by the links that agree on the same.
struct Terms {
  Mode mode = Mode::Transport;
  Level level = Level::Require;
  Auth auth = Auth::Psk;
  IkeVersion ike_version = IkeVersion::V2;
  std::string suite;  // name as written, or "custom"
  Proposals proposals;
  std::uint32_t ike_lifetime = 28800;   // seconds
  std::uint32_t child_lifetime = 3600;  // seconds
  std::uint32_t dpd_delay = 30;         // seconds; 0 = off
  std::string psk_file;                 // absolute path of an explicit PSK, or empty: derived
  std::vector<Selector> selectors;      // sorted, most specific first; never empty
  friend bool operator==(const Terms&, const Terms&) = default;
};

using HostIndex = std::uint32_t;
using LinkIndex = std::uint32_t;

/// An unordered pair: a < b always. 12 bytes and a place, since a mesh has up to half a million.
struct Link {
  HostIndex a = 0;
  HostIndex b = 0;
  std::uint32_t terms = 0;  // index into Mesh::terms
  Range where;              // the entry that decided last
};

/// A hole in the policies, on every host, for both directions.
struct Bypass {
  BypassWord word = BypassWord::Nd;
  std::uint8_t protocol = 0;
  std::uint16_t port = 0;
  Range where;
};

struct Mesh {
  std::string name;
  std::vector<Host> hosts;                       // sorted by name: file order never shows in an output
  std::vector<Terms> terms;                      // sorted by first use in `links`
  std::vector<Link> links;                       // sorted by (a, b), each pair once
  std::vector<Bypass> bypasses;                  // sorted, no duplicates
  std::vector<std::vector<LinkIndex>> links_of;  // by host, sorted by the other end
};

/// Expands, merges, applies defaults and facts, checks the whole (E1xxx). Relative paths are resolved against `base`.
Result<Mesh> resolve(const Inventory& inventory, const Facts& facts, const std::filesystem::path& base, DiagSink& sink);

/// "transport require esp aes256-sha512-modp3072 ikev1 aes256-sha512-modp3072 psk" : one line for plans and manifests.
std::string summary(const Terms& terms);

}  // namespace meshctl
