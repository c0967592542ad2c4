// What one end of a link would do, in words that no daemon owns: racoon's and strongSwan's files are read into the same
// values, so that any two ends can be laid side by side.
//
// Shapes (Phase1, Identity, Children, Policies) hold no addresses of the two ends and no absolute lines, so that links
// made from one template share them; LinkEnd holds what differs.
#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "backend/policy/policy.hpp"
#include "net/address.hpp"

namespace meshctl::verify {

/// A line in one of the host's files. In shapes lines count from the block's own first line.
struct Spot {
  std::uint16_t file = 0;  // index into HostView::files and 1; 0: nowhere
  std::int32_t line = 0;
  [[nodiscard]] bool known() const { return file != 0; }
  [[nodiscard]] Spot from(const Spot& base) const { return {file, line - base.line}; }
  [[nodiscard]] Spot at(const Spot& base) const { return {file, line + base.line}; }
  friend bool operator==(const Spot&, const Spot&) = default;
};

enum class Auth : std::uint8_t { Unknown, Psk, Rsa, Dss, Ecdsa, Gssapi, Xauth, Hybrid, Eap };
std::string_view text(Auth auth);

/// One way to make an IKE SA. Names are those of crypto/names.hpp; empty: the kind has none.
struct IkeOffer {
  Auth auth = Auth::Unknown;
  std::string_view cipher;
  std::uint16_t key_bits = 0;
  std::string_view hash;  // integrity; of an AEAD cipher empty
  std::string_view prf;
  std::uint16_t group = 0;  // IANA number
  std::uint32_t lifetime = 0;
  std::string unknown;  // words that we do not know, compared as they are
  Spot where;
  friend bool operator==(const IkeOffer&, const IkeOffer&) = default;
};

/// One way to make an ESP or AH SA.
struct ChildOffer {
  std::string_view cipher;  // empty for AH
  std::uint16_t key_bits = 0;
  std::string_view hash;       // empty: none
  std::uint16_t icv_bits = 0;  // what is really sent: 96 where the kernel cuts SHA-256 short
  std::uint16_t group = 0;     // PFS; 0 = none
  std::string unknown;
  friend bool operator==(const ChildOffer&, const ChildOffer&) = default;
};

/// How a responder takes other lifetimes, key lengths and PFS groups than its own (racoon's proposal_check).
enum class Check : std::uint8_t { Obey, Strict, Claim, Exact, Daemon, Windows };  // the last two: lifetimes are local
enum class Mode : std::uint8_t { Main, Aggressive, Base };
enum class Nat : std::uint8_t { Off, On, Force };
std::string_view text(Check check);
std::string_view text(Mode mode);
std::string_view text(Nat nat);

struct Phase1 {
  bool v1 = false;
  bool v2 = false;
  bool passive = false;
  Check check = Check::Strict;
  Nat nat = Nat::Off;
  bool fragments = false;
  std::uint32_t dpd_delay = 0;      // seconds, 0 = no probes
  std::uint16_t port = 500;         // where the peer is asked
  Auth local_auth = Auth::Unknown;  // IKEv2 only: each end says how it proves itself
  Auth remote_auth = Auth::Unknown;
  std::vector<Mode> modes;       // IKEv1; the first is what we begin with
  std::vector<IkeOffer> offers;  // best first
  friend bool operator==(const Phase1&, const Phase1&) = default;
};

enum class IdKind : std::uint8_t { Any, Address, Fqdn, UserFqdn, KeyId, Dn };
std::string_view text(IdKind kind);

/// An identity; Dn in OpenSSL's one-line RFC 2253 form. `mine`, `peers`: an address that is the link's own.
struct Id {
  IdKind kind = IdKind::Any;
  bool mine = false;
  bool peers = false;
  std::string value;
  friend bool operator==(const Id&, const Id&) = default;
};

/// Who an end says it is, or whom it lets in.
struct Identity {
  std::vector<Id> ids;  // own: one; accepted: any of them, none: whoever
  bool checked = true;  // accepted: false = a wrong one is let in all the same
  bool prefix = false;  // accepted: texts are compared over the configured length only (racoon)
  friend bool operator==(const Identity&, const Identity&) = default;
};

/// Public-key material of one side. Keys are fingerprints of the public key's DER form, certificates and CRLs numbers
/// in Tables::files.
struct Credential {
  std::vector<std::uint64_t> keys;       // own: one; accepted: any of them
  std::uint32_t certificate = 0;         // own; 0 = none
  std::vector<std::uint32_t> chain;      // own: sent along
  std::vector<std::uint32_t> cas, crls;  // accepted
  bool anybody = false;                  // accepted without a check
  bool elsewhere = false;                // in a store of Windows': not seen
  friend bool operator==(const Credential&, const Credential&) = default;
};

/// A certificate or a revocation list, in DER.
struct DerFile {
  std::string bytes;
  friend bool operator==(const DerFile&, const DerFile&) = default;
};

/// One end of a selector: the link's own addresses are named, so that shapes can be shared.
struct Reach {
  enum class Kind : std::uint8_t { Local, Remote, Net } kind = Kind::Net;
  Prefix net;  // of Net
  friend auto operator<=>(const Reach&, const Reach&) = default;
};

/// What IKE would negotiate for traffic of this kind (racoon's sainfo, strongSwan's child).
struct Child {
  Reach local, remote;
  std::uint8_t protocol = 0;
  std::uint16_t local_port = 0, remote_port = 0;
  bool found = false;   // false: no sainfo, no child
  bool tunnel = false;  // strongSwan only: the child's own mode
  bool has_mode = false;
  bool compression = false;
  std::vector<ChildOffer> esp;
  std::vector<ChildOffer> ah;
  std::uint32_t lifetime = 0;
  Spot where;
  friend bool operator==(const Child&, const Child&) = default;
};

struct Children {
  std::vector<Child> list;
  friend bool operator==(const Children&, const Children&) = default;
};

/// One transformation in a policy, seen from the link's end.
struct Step {
  spd::Transform transform = spd::Transform::Esp;
  bool tunnel = false;
  spd::RequestLevel level = spd::RequestLevel::Require;
  Reach from, to;  // of a tunnel
  friend bool operator==(const Step&, const Step&) = default;
};

/// What the kernel asks of packets that a tunnel's `in` policy lets in and that go on to the net behind. setkey makes
/// these `fwd` policies itself, `ip xfrm` does not.
enum class Forwarded : std::uint8_t { Same, Nothing, Other };

struct Rule {
  Reach source, destination;
  std::uint8_t protocol = 0;
  std::uint16_t source_port = 0, destination_port = 0;
  bool typed = false;  // the ports are an ICMP or mobility type and code
  bool ends = false;   // source and destination are the link's two addresses
  spd::Direction direction = spd::Direction::Out;
  spd::Action action = spd::Action::Ipsec;
  std::uint32_t priority = 0;
  std::uint16_t child = 0;  // index into Children and 1, of protecting ones
  Forwarded forwarded = Forwarded::Same;
  std::vector<Step> steps;
  Spot where;
  friend bool operator==(const Rule&, const Rule&) = default;
};

/// The policies that say something about a link's packets. Order as in the files.
struct Rules {
  std::vector<Rule> list;
  bool unsaid = false;  // nobody says what passes in clear beside these
  friend bool operator==(const Rules&, const Rules&) = default;
};

std::size_t hash(const Phase1& value);
std::size_t hash(const Identity& value);
std::size_t hash(const Credential& value);
std::size_t hash(const DerFile& value);
std::size_t hash(const Children& value);
std::size_t hash(const Rules& value);

using Fingerprint = std::array<std::uint8_t, 16>;  // keyed, of a pre-shared key; all zero: none found

/// Where a daemon could not choose, so that there is nothing to compare.
enum class Choice : std::uint8_t { None, One, Many };

/// One end of one link: addresses, the shapes' numbers, and where things stand.
struct LinkEnd {
  Address local, remote;
  std::uint32_t host = 0;
  std::uint32_t phase1 = 0, me = 0, peer = 0, my_key = 0, peer_key = 0, children = 0;
  std::uint32_t direct = 0;   // Rules of this link alone
  std::uint32_t general = 0;  // Rules that cover more than this link
  Choice choice = Choice::None;
  bool manual = false;  // keyed by hand: no IKE
  Spot ike;             // remote, connection
  Spot child;           // base of the children's lines
  Spot policy;          // base of the direct rules' lines
  Spot psk;             // the line of the key
  Fingerprint key{};
};

}  // namespace meshctl::verify
