// racoon.conf(5) as values: everything that the grammar has, nothing left as text. Words are views of literals (see
// conf_words.hpp), so a block that is reused for many peers costs no allocation.
//
// Order of racoon's own meaning: later simple settings win, lists accumulate. `remote`s are kept as written, with what
// they inherit still outside; expand_inherit() puts it in.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backend/named_file.hpp"
#include "backend/racoon/place.hpp"
#include "base/diag.hpp"
#include "net/address.hpp"

namespace meshctl::racoon {

/// A simple setting: a word ("on", "obey"), a number, or a time in seconds.
struct Setting {
  bool given = false;
  std::string_view word;
  std::uint32_t number = 0;
  static Setting of(std::string_view word) { return {true, word, 0}; }
  static Setting of(std::uint32_t number) { return {true, {}, number}; }
  friend bool operator==(const Setting&, const Setting&) = default;
};

/// An identity: `address`, `fqdn "a.example"`, `asn1dn`. `value` as written between the quotes; "~…" is an asn1dn in
/// hex. Neither address nor value: of the peer any, of our own the one that the certificate or socket has.
struct Identifier {
  std::string_view type;  // address, fqdn, user_fqdn, keyid, asn1dn, subnet
  std::optional<Address> address;
  std::string value;
  std::string_view qualifier = {};  // of keyid: "tag" = the value itself; "file" or nothing = the named file's content
  [[nodiscard]] bool any() const { return !address && value.empty(); }
  friend bool operator==(const Identifier&, const Identifier&) = default;
};

/// One phase 1 proposal.
struct ConfProposal {
  std::string_view encryption;  // "aes"
  std::uint16_t key_bits = 0;   // 0 = not written
  std::string_view hash;
  std::string_view authentication;
  std::uint8_t group = 0;      // IANA number
  std::uint32_t lifetime = 0;  // seconds; 0 = not written
  std::string gss_id = {};     // of gssapi_krb; empty: host/FQDN
  Place where = {};
  friend bool operator==(const ConfProposal&, const ConfProposal&) = default;
};

/// Settings of `remote` that are one word or number. The order is that of kRemoteSettings in conf_words.cpp.
enum class RemoteSetting : std::uint8_t {
  Doi,
  Situation,
  VerifyIdentifier,
  VerifyCert,
  SendCert,
  SendCr,
  MatchEmptyCr,
  Passive,
  InitialContact,
  ModeCfg,
  WeakPhase1Check,
  SupportProxy,
  Dpd,
  GeneratePolicy,
  NatTraversal,
  IkeFrag,
  Rekey,
  ProposalCheck,
  NonceSize,
  EspFrag,
  Ph1id,
  DpdDelay,
  DpdRetry,
  DpdMaxfail,
  Lifetime,
  Count,
};

/// `certificate_type`: who we are. File names are relative to `path certificate`.
struct OwnCertificate {
  enum class Kind : std::uint8_t { None, X509, PlainRsa } kind = Kind::None;
  std::string certificate;  // X509 only
  std::string key;          // the private key; X509: PEM, PlainRsa: a plainrsa file
  friend bool operator==(const OwnCertificate&, const OwnCertificate&) = default;
};

/// `peers_certfile`: who the peer is.
struct PeerCertificate {
  enum class Kind : std::uint8_t { None, X509, PlainRsa, Dnssec } kind = Kind::None;
  std::string file;
  friend bool operator==(const PeerCertificate&, const PeerCertificate&) = default;
};

/// `script "FILE" phase1_up;` and its like; empty: none.
struct Scripts {
  std::string phase1_up, phase1_down, phase1_dead;
  friend bool operator==(const Scripts&, const Scripts&) = default;
};

/// What another `remote` is called by in `inherit`.
struct RemoteName {
  bool anonymous = false;
  std::optional<Address> address;
  std::string zone;        // of a link-local address, without '%'
  std::uint16_t port = 0;  // 0 = not written: 500
  std::string name;
  friend bool operator==(const RemoteName&, const RemoteName&) = default;
};

struct Remote {
  bool anonymous = false;
  std::optional<Address> address;  // of `remote ADDR`, or remote_address of a named one
  std::uint16_t port = 0;          // 0 = not written: 500
  std::string zone;                // of a link-local address, without '%'
  std::string name;                // of `remote "name"`
  std::optional<RemoteName> parent;
  std::vector<std::string_view> exchange_modes;
  std::optional<Identifier> my_identifier;
  std::vector<Identifier> peers_identifiers;
  std::array<Setting, static_cast<std::size_t>(RemoteSetting::Count)> settings{};
  OwnCertificate certificate;
  /// At most one, but that expand_inherit() leaves all plain RSA files whose keys racoon would accept.
  std::vector<PeerCertificate> peers_certfiles;
  std::string ca_file;  // `ca_type x509`
  std::optional<std::string> xauth_login;
  Scripts scripts;
  std::vector<ConfProposal> proposals;
  Place where;

  Setting& operator[](RemoteSetting key) { return settings[static_cast<std::size_t>(key)]; }
  const Setting& operator[](RemoteSetting key) const { return settings[static_cast<std::size_t>(key)]; }
  friend bool operator==(const Remote&, const Remote&) = default;
};

/// One side of `sainfo`.
struct SainfoId {
  enum class Kind : std::uint8_t { Anonymous, ClientAddr, Net, Text } kind = Kind::Anonymous;
  std::optional<Prefix> net;         // Net: address or subnet; of a range its first address
  std::optional<Address> range_end;  // Net: `address A-B`
  /// Net: the address as written when bits are set behind the prefix. racoon keeps them: it then only meets a peer that
  /// sends the same ones.
  std::optional<Address> host_bits;
  std::uint16_t port = 0;      // Net: 0 = any; racoon does not compare it
  std::uint8_t protocol = 0;   // Net: 0 = any
  std::string_view text_type;  // Text: fqdn, user_fqdn, keyid
  std::string text;
  friend bool operator==(const SainfoId&, const SainfoId&) = default;
};

struct Algorithm {
  std::string_view name;
  std::uint16_t bits = 0;  // 0 = not written
  friend bool operator==(const Algorithm&, const Algorithm&) = default;
};

struct Sainfo {
  SainfoId local;
  SainfoId remote;
  std::optional<Identifier> from;     // only for peers that identified themselves so in phase 1
  std::optional<std::string> group;   // only for members of this group (xauth)
  std::uint8_t pfs_group = 0;         // 0 = none
  std::uint32_t lifetime = 0;         // seconds; 0 = not written
  std::uint32_t remote_id = 0;        // of the remote's ph1id
  std::vector<Algorithm> encryption;  // racoon offers the cross product of the three lists
  std::vector<Algorithm> authentication;
  std::vector<Algorithm> compression;
  Place where;
  friend bool operator==(const Sainfo&, const Sainfo&) = default;
};

struct Listen {
  std::optional<Address> address;
  std::uint16_t port = 500;  // also of isakmp_natt when no port is written
  bool natt = false;
  std::string zone = {};
  Place where = {};
  friend bool operator==(const Listen&, const Listen&) = default;
};

/// `adminsock`: where racoonctl speaks to racoon.
struct AdminSocket {
  bool given = false;
  bool disabled = false;
  std::string path, owner, group;
  std::uint32_t mode = 0;  // the three digits as octal, 0 = not written
  friend bool operator==(const AdminSocket&, const AdminSocket&) = default;
};

struct Paths {
  std::string include, pre_shared_key, certificate, script, backupsa, pidfile;
  Place pre_shared_key_at = {};
  friend bool operator==(const Paths&, const Paths&) = default;
};

/// Times in seconds.
struct Timers {
  Setting counter, persend, interval, phase1, phase2, natt_keepalive;
  friend bool operator==(const Timers&, const Timers&) = default;
};

struct Padding {
  Setting randomize, randomize_length, strict_check, exclusive_tail, maximum_length;
  friend bool operator==(const Padding&, const Padding&) = default;
};

/// A user or group: a name, or a number (as text).
struct Privsep {
  bool given = false;
  std::string user, group, chroot;
  friend bool operator==(const Privsep&, const Privsep&) = default;
};

/// What clients of `mode_cfg on` are given (ISAKMP mode config).
struct ModeCfg {
  bool given = false;
  std::optional<Address> network4, netmask4;
  std::vector<Address> dns4, wins4;
  std::string_view split_network;  // include, local_lan; empty: no networks
  std::vector<Prefix> networks;
  std::vector<std::string> split_dns, auth_groups;
  std::string default_domain, banner;
  std::string_view auth_source, group_source, conf_source, accounting;
  Setting pool_size, auth_throttle, pfs_group, save_passwd;
  friend bool operator==(const ModeCfg&, const ModeCfg&) = default;
};

/// `include "PATTERN";` stands behind so many remotes and sainfos of this file; the order of both matters.
struct ConfInclude {
  std::string pattern;  // glob(7), relative to `path include`
  std::size_t remotes = 0;
  std::size_t sainfos = 0;
  Place where;
  friend bool operator==(const ConfInclude&, const ConfInclude&) = default;
};

struct ConfFile {
  Paths paths;
  std::vector<ConfInclude> includes;
  std::string_view log_level;  // empty: not written
  std::vector<Listen> listen;
  bool strict_address = false;
  AdminSocket adminsock;
  Setting pfkey_buffer;         // KiB
  Setting complex_bundle;       // on, off
  std::string_view gss_id_enc;  // latin1, utf-16le; empty: not written
  Privsep privsep;
  Padding padding;
  Timers timers;
  ModeCfg mode_cfg;
  bool radiuscfg = false;  // checked, but its values are not kept: they hold passwords and matter to no peer
  bool ldapcfg = false;
  std::vector<Remote> remotes;
  std::vector<Sainfo> sainfos;
  friend bool operator==(const ConfFile&, const ConfFile&) = default;
};

/// Errors: what racoon refuses, or reads without a word as something else (its lexer swallows unknown characters).
/// Warnings: accepted, but it will not work, or is weak. Goes on after an error where that is safe; a block with an
/// error in it is left out.
ConfFile parse_racoon_conf(FileId file, std::string_view text, DiagSink& sink);

/// `remote … inherit …` written out: every remote on its own, as racoon 0.9.1 fills it, quirks included: peers' plain
/// RSA keys and identifiers of earlier siblings come along, and identifiers that are copied lose their last letter.
/// Each quirk that bites is a warning; a parent that is not there is an error.
ConfFile expand_inherit(ConfFile file, DiagSink& sink);

/// The live paths of what `include`, `path pre_shared_key` and the certificate statements name, in this order.
std::vector<NamedFile> named_files(const ConfFile& file);
std::string include_path(const Paths& paths, std::string_view pattern);
std::string certificate_path(const Paths& paths, std::string_view name);

}  // namespace meshctl::racoon
