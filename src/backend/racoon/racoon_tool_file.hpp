// racoon-tool.conf(5) of Debian as values: sections of properties, from which racoon-tool(8) makes racoon.conf and
// setkey commands through its own or the file's templates.
//
//   peer(192.0.2.2):
//           hash_algorithm[0]: sha256
//   connection(office-web):
//           src_ip: 192.0.2.1
//           dst_ip: 192.0.2.2
//           admin_status: enabled
//
// Words are views of literals; an empty one was not given. `%default` fills what others leave out:
// expand_racoon_tool().
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backend/racoon/conf_file.hpp"

namespace meshctl::racoon {

/// `10.0.0.0/8[22]`.
struct ToolRange {
  Prefix net;
  std::uint16_t port = 0;  // 0 = any
  friend bool operator==(const ToolRange&, const ToolRange&) = default;
};

struct ToolGlobal {
  Paths paths;              // pre_shared_key, certificate, script
  std::string racoon_conf;  // path_racoon_conf: where the generated file goes
  std::optional<bool> privsep;
  std::string privsep_chroot, privsep_user, privsep_group;
  std::string racoon_command, racoon_pid_file;
  std::string_view log;  // notify, debug, debug2
  std::optional<bool> complex_bundle;
  struct ListenEntry {
    std::string index;  // [-_0-9a-z]+
    Listen listen;      // never natt
    friend bool operator==(const ListenEntry&, const ListenEntry&) = default;
  };
  std::vector<ListenEntry> listen;  // in file order
  friend bool operator==(const ToolGlobal&, const ToolGlobal&) = default;
};

/// `encryption_algorithm[0]` and so on: one proposal for each index. racoon-tool knows no key lengths: aes is 128 bits.
struct ToolProposal {
  std::string index;
  std::string_view encryption, hash, authentication;
  std::uint8_t group = 0;  // IANA number, 0 = not given
  friend bool operator==(const ToolProposal&, const ToolProposal&) = default;
};

struct ToolPeer {
  std::string name;                // %default, %anonymous, or the address as written, in lower case
  std::optional<Address> address;  // of a name that is one
  std::vector<std::string_view> exchange_modes;
  std::vector<ToolProposal> proposals;  // in the order in which their indices appear
  std::string remote_template;
  std::uint32_t lifetime = 0;  // seconds
  std::optional<bool> verify_identifier, verify_cert, passive, generate_policy, initial_contact, send_cr, send_cert,
      support_mip6;
  std::optional<Identifier> my_identifier, peers_identifier;
  OwnCertificate certificate;
  PeerCertificate peers_certfile;
  std::uint32_t nonce_size = 0;  // bytes, 0 = not given
  std::string_view proposal_check, nat_traversal;
  Place where;
  friend bool operator==(const ToolPeer&, const ToolPeer&) = default;
};

/// `src_port[web]: [any]` and so on: one pair of policies for each index.
struct ToolRule {
  std::string index;
  std::optional<std::uint16_t> src_port, dst_port;  // 0 = any
  std::string_view encap, level, policy;
  friend bool operator==(const ToolRule&, const ToolRule&) = default;
};

struct ToolConnection {
  std::string name;  // %default, %anonymous, or a name in lower case
  std::optional<ToolRange> src_range, dst_range;
  std::optional<Address> src_ip, dst_ip;
  std::string upperspec;  // any, icmp6, icmp6 TYPE,CODE, a protocol's name or number
  std::string_view encap, level, mode, policy, id_type;
  std::optional<bool> admin_status, compression, auto_ah_on_esp, always_ah_on_esp;
  std::string spdadd_template, sadadd_template, sainfo_template;
  std::optional<std::uint8_t> pfs_group;  // 0 = none
  std::uint32_t lifetime = 0;             // seconds
  std::vector<std::string_view> encryption, authentication;
  std::vector<ToolRule> rules;
  Place where;
  friend bool operator==(const ToolConnection&, const ToolConnection&) = default;
};

/// `remote(aes256): proposal {` …: the lines of one template, joined. ___name___ stands for a property.
struct ToolTemplate {
  enum class Kind : std::uint8_t {
    Spdadd,
    SpdaddTransportIp4,
    SpdaddTransportIp6,
    Sadadd,
    Remote,
    Sainfo,
    Sadinit,
    Spdinit,
    Racooninit
  } kind = Kind::Spdadd;
  std::string name;  // empty for the last three
  std::vector<std::string> lines;
  Place where;
  friend bool operator==(const ToolTemplate&, const ToolTemplate&) = default;
};
std::string_view text(ToolTemplate::Kind kind);  // "spdadd_transport_ip4"

struct ToolFile {
  ToolGlobal global;
  std::vector<ToolPeer> peers;              // %default and %anonymous among them, if the file has them
  std::vector<ToolConnection> connections;  // likewise
  std::vector<ToolTemplate> templates;
  friend bool operator==(const ToolFile&, const ToolFile&) = default;
};

/// Errors: what racoon-tool refuses (the whole file, or the section, which then is not activated). Warnings: lines that
/// it leaves out, values that mean something else or that racoon will refuse. Notes: weak or obsolete spellings.
ToolFile parse_racoon_tool(FileId file, std::string_view text, DiagSink& sink);

/// %default put into all others, then racoon-tool's own defaults (3des, sha1, modp1024 …), the default ranges and
/// modes, and a peer for each connection that has none. %default itself is gone.
ToolFile expand_racoon_tool(ToolFile file);

}  // namespace meshctl::racoon
