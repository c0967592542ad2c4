// A setkey(8) command file as values.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backend/policy/policy.hpp"
#include "backend/racoon/place.hpp"
#include "base/diag.hpp"
#include "base/secret.hpp"

namespace meshctl::racoon {

enum class SetkeyVerb : std::uint8_t {
  SpdAdd,
  SpdUpdate,
  SpdDelete,
  SpdFlush,
  SpdDump,
  Add,
  Get,
  GetSpi,
  Delete,
  DeleteAll,
  Flush,
  Dump,
  Exit,
};
std::string_view text(SetkeyVerb verb);
/// "quit" and "bye" are other words for exit.
std::optional<SetkeyVerb> setkey_verb(std::string_view word);

/// The operand of add, get, getspi, delete and deleteall: a security association keyed by hand.
struct SetkeySa {
  Address source;
  Address destination;
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  std::string_view protocol;  // "esp", "ah", "ipcomp", "esp-udp", "esp-old", "ah-old", "tcp"
  std::uint32_t spi = 0;
  std::string_view mode;  // "transport", "tunnel", "any"; empty: not given
  std::string_view encryption;
  Secret encryption_key;
  std::string_view authentication;
  Secret authentication_key;
  std::string_view compression;     // "deflate"
  bool raw_compression = false;     // -R: the SPI is the CPI
  std::uint32_t replay_window = 0;  // packets
  std::uint32_t request_id = 0;     // -u: only policies with unique:N use it
  std::string_view padding;         // -f: "zero-pad", "random-pad", "seq-pad", "nocyclic-seq"; empty: not given
  std::uint32_t hard_lifetime = 0;  // seconds, 0 = none
  std::uint32_t soft_lifetime = 0;
  std::uint32_t hard_bytes = 0;  // 0 = none
  std::uint32_t soft_bytes = 0;
  std::optional<Address> original;  // esp-udp ADDRESS: the peer's own address behind the NAT
  Place where;
};

/// A security context, `-ctx DOI ALGORITHM "label"`.
struct SecurityContext {
  std::uint32_t doi = 0;
  std::uint32_t algorithm = 0;
  std::string label;
};

/// What few commands have.
struct SetkeyExtra {
  std::string zone_source, zone_destination;  // of link-local addresses, without '%'
  std::string tag;                            // spdadd tagged "…": BSD
  std::optional<std::uint32_t> gre_key;
  std::optional<SecurityContext> context;
};

struct SetkeyCommand {
  SetkeyVerb verb = SetkeyVerb::SpdUpdate;
  spd::Policy policy;         // of SpdAdd, SpdUpdate, SpdDelete
  std::uint32_t sa = 0;       // index into SetkeyFile::sas, of Add, Get, GetSpi, Delete, DeleteAll
  std::uint32_t extra = 0;    // index into SetkeyFile::extras and 1, or 0
  std::string_view protocol;  // of Flush and Dump; empty: all
  bool resolvable = true;     // false: the values are not complete (a name to look up, host bits, a zone, a context)
  Place where;
};

struct SetkeyFile {
  std::vector<SetkeyCommand> commands;
  std::vector<SetkeySa> sas;
  std::vector<SetkeyExtra> extras;
};

/// Errors: what setkey or the Linux kernel refuses. Warnings: accepted, but not what it looks like. Notes: not the
/// form that meshctl writes. Goes on behind the next `;` after an error. Commands with errors are left out.
SetkeyFile parse_setkey(FileId file, std::string_view text, DiagSink& sink);

/// The one form that meshctl writes, without a line end:
///   spdupdate 10.0.0.1 10.0.0.2[22] tcp -P out prio def + 400 ipsec esp/transport//require;
/// Two policies are equal exactly when their lines are, so that sort(1) and comm(1) can compute a delta.
void append_line(const spd::Policy& policy, SetkeyVerb verb, std::string& out);
/// The parts of that line.
void append_range(const Prefix& prefix, const spd::Selector& selector, std::uint16_t port, std::string& out);
void append_protocol(const spd::Selector& selector, std::string& out);  // "any", "tcp", "icmp6 135,0"
void append_priority(std::uint32_t priority, std::string& out);         // "def + 400"
void append_request(const spd::Request& request, std::string& out);     // "esp/transport//require"
void append_number(std::uint64_t value, std::string& out);

}  // namespace meshctl::racoon
