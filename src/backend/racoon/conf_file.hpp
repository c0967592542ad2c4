// racoon.conf(5) as values. Words are views of literals (see conf_words.hpp), so a block that is reused for many peers
// costs no allocation.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diag.hpp"
#include "net/address.hpp"

namespace meshctl::racoon {

/// A simple setting of a block: a word ("on", "obey"), a number, or a time in seconds.
struct Setting {
  bool given = false;
  std::string_view word;
  std::uint32_t number = 0;
  static Setting of(std::string_view word) { return {true, word, 0}; }
  static Setting of(std::uint32_t number) { return {true, {}, number}; }
  friend bool operator==(const Setting&, const Setting&) = default;
};

/// An identity: `address`, `fqdn "a.example"`, `asn1dn`. `value` as written between the quotes.
struct Identifier {
  std::string_view type;
  std::optional<Address> address;
  std::string value;
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

struct Remote {
  bool anonymous = false;
  std::optional<Address> address;  // of `remote ADDR`, or remote_address of a named one
  std::uint16_t port = 0;
  std::string name;       // of `remote "name"`
  bool inherits = false;  // the parent's settings are not followed
  std::vector<std::string_view> exchange_modes;
  std::optional<Identifier> my_identifier;
  std::vector<Identifier> peers_identifiers;
  std::array<Setting, static_cast<std::size_t>(RemoteSetting::Count)> settings{};
  std::vector<std::string> others;  // certificates and scripts, as written: not modelled yet
  std::vector<ConfProposal> proposals;
  Range where;

  Setting& operator[](RemoteSetting key) { return settings[static_cast<std::size_t>(key)]; }
  const Setting& operator[](RemoteSetting key) const { return settings[static_cast<std::size_t>(key)]; }
  /// Without the place in the file.
  friend bool operator==(const Remote& a, const Remote& b);
};

/// One side of `sainfo`.
struct SainfoId {
  enum class Kind : std::uint8_t { Anonymous, ClientAddr, Net, Text } kind = Kind::Anonymous;
  std::optional<Prefix> net;   // Net: address or subnet
  std::string range_end;       // Net: the end of an address range, or empty
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
  std::string from;            // `from` or `group` clause as written; empty: none
  std::uint8_t pfs_group = 0;  // 0 = none
  std::uint32_t lifetime = 0;  // seconds; 0 = not written
  std::uint32_t remote_id = 0;
  std::vector<Algorithm> encryption;
  std::vector<Algorithm> authentication;
  std::vector<Algorithm> compression;
  Range where;
  friend bool operator==(const Sainfo& a, const Sainfo& b);
};

struct Listen {
  std::optional<Address> address;
  std::uint16_t port = 500;
  bool natt = false;
  friend bool operator==(const Listen&, const Listen&) = default;
};

struct ConfFile {
  std::string psk_path;
  std::string certificate_path;
  std::vector<std::string> includes;
  std::string_view log_level;  // empty: not written
  std::vector<Listen> listen;
  bool strict_address = false;
  std::string adminsock;            // path, "disabled", or empty: not written
  std::vector<std::string> others;  // padding, timer, privsep … as written: checked, not modelled
  std::vector<Remote> remotes;
  std::vector<Sainfo> sainfos;
  friend bool operator==(const ConfFile&, const ConfFile&) = default;
};

/// Errors: what racoon refuses, or reads without a word as something else (its lexer swallows unknown characters).
/// Warnings: accepted, but it will not work, or is weak. Goes on after an error where that is safe.
ConfFile parse_racoon_conf(FileId file, std::string_view text, DiagSink& sink);

}  // namespace meshctl::racoon
