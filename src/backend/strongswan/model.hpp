// What a swanctl.conf says, as values: the connections and secrets of one file. Emit and parse meet here.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "backend/named_file.hpp"
#include "base/diag.hpp"
#include "base/secret.hpp"
#include "base/sources.hpp"

namespace meshctl::strongswan {

/// Where something was written; two things are the same wherever they stand.
struct Place {
  Range range;
  friend bool operator==(const Place&, const Place&) { return true; }
};

/// Times are seconds, 0 = the daemon's default or off. Texts are the values as written.
struct SwanChild {
  std::string name;
  std::string mode = "tunnel";       // strongSwan's default; we emit transport or tunnel
  std::string local_ts = "dynamic";  // dynamic | dynamic[PROTO] | dynamic[PROTO/PORT] | subnets
  std::string remote_ts = "dynamic";
  std::string esp_proposals;
  std::string ah_proposals;
  std::uint32_t rekey_time = 0;
  std::uint32_t life_time = 0;
  std::string rekey_bytes;  // texts, since they are larger than 32 bits
  std::string life_bytes;
  std::string start_action = "none";
  std::string close_action = "none";
  std::string dpd_action = "clear";
  bool sha256_96 = false;
  bool ipcomp = false;
  bool policies = true;        // no: the kernel's policies are ours (policies.xfrm), charon makes only the SAs
  std::uint32_t reqid = 0;     // ties the SAs to those policies; 0 = charon picks one
  std::uint32_t priority = 0;  // of charon's own policies; 0 = charon computes one
  Place where;
  friend bool operator==(const SwanChild&, const SwanChild&) = default;
};

struct SwanAuth {
  std::string auth = "pubkey";
  std::string id;
  std::string certs;  // file names, comma separated; likewise the others
  std::string pubkeys;
  std::string cacerts;
  friend bool operator==(const SwanAuth&, const SwanAuth&) = default;
};

struct SwanConnection {
  std::string name;
  std::uint32_t version = 0;  // 1, 2; 0 = both
  std::string local_addrs;
  std::string remote_addrs;
  std::string proposals;
  std::uint32_t rekey_time = 0;
  std::uint32_t reauth_time = 0;
  std::uint32_t over_time = 0;
  std::uint32_t dpd_delay = 0;
  std::uint32_t dpd_timeout = 0;
  std::uint32_t remote_port = 500;
  std::uint32_t keyingtries = 1;
  bool mobike = true;
  bool aggressive = false;
  bool encap = false;
  std::string send_cert = "ifasked";
  bool send_certreq = true;
  std::string fragmentation = "yes";
  std::string unique = "no";
  std::vector<SwanAuth> local;
  std::vector<SwanAuth> remote;
  std::vector<SwanChild> children;
  Place where;
  friend bool operator==(const SwanConnection&, const SwanConnection&) = default;
};

struct SwanSecret {
  std::string name;              // "ike-…"
  std::vector<std::string> ids;  // in file order; empty = any
  Secret secret;
  Place where;
  friend bool operator==(const SwanSecret&, const SwanSecret&) = default;
};

struct SwanInclude {
  std::string pattern;
  Place where;
  friend bool operator==(const SwanInclude&, const SwanInclude&) = default;
};

struct SwanFile {
  std::vector<SwanConnection> connections;
  std::vector<SwanSecret> secrets;  // PSKs only (`ike…`); others are checked for syntax, not kept
  std::vector<SwanInclude> includes;
  friend bool operator==(const SwanFile&, const SwanFile&) = default;
};

/// Strict reading of a swanctl.conf, ours or anybody's. Errors: what strongSwan refuses (the whole file for a syntax
/// error, which unloads *every* connection of the host; one connection for a bad value) and duplicates. Warnings: taken
/// in another sense than it looks. Notes: includes, spelling unlike ours. Secrets never appear in a diagnostic; the
/// lines of a file that has any are not shown either.
SwanFile parse_swanctl(std::string_view name, std::string_view text, Sources& sources, DiagSink& sink);

inline constexpr std::string_view kCertificateFolder = "/etc/swanctl/x509/";
inline constexpr std::string_view kCaFolder = "/etc/swanctl/x509ca/";
inline constexpr std::string_view kCrlFolder = "/etc/swanctl/x509crl/";
inline constexpr std::string_view kPublicKeyFolder = "/etc/swanctl/pubkey/";

/// "a.pem, b.pem" below the folder, or absolute names.
std::vector<std::string> paths_below(std::string_view names, std::string_view folder);

/// The live paths of includes (relative to `folder`, where the file itself lies, with its slash), and of certificates
/// and public keys.
std::vector<NamedFile> named_files(const SwanFile& file, std::string_view folder);

}  // namespace meshctl::strongswan
