// One host's plan in racoon's terms: policies, remotes, sainfos, key lines, manual SAs; still no text.
//
// The walks write into values that the caller reuses, so that a host with a thousand peers costs no allocation a peer.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "backend/key_source.hpp"
#include "backend/policy/notes.hpp"
#include "backend/policy/policy.hpp"
#include "backend/racoon/conf_file.hpp"
#include "backend/racoon/setkey_file.hpp"
#include "mesh/hostplan.hpp"

namespace meshctl::racoon {

// ------------------------------------------------------------------------------------------------------- policies

/// Distinct for policies that overlap: the holes' classes around `high`, links' ranks around kInnerPriority, ahead of
/// them, and around `def`, behind them (the table is in docs/backend-racoon.md). Adding a link never changes another's.
std::uint32_t link_priority(const Flow& flow);
/// The same for any rank.
std::uint32_t rank_priority(std::uint32_t rank);
inline constexpr std::uint32_t kInnerPriority = spd::kPrioHigh - 200000000;
inline constexpr std::uint32_t kDiscoveryPriority = spd::kPrioHigh - 300000000;
static_assert(kHoleRank < 200000000 && kHoleRank < spd::kPrioDef - spd::kPrioHigh);

/// `unique` is the request's number where the level asks for one.
void fill_link_policy(const PeerPlan& peer, const Flow& flow, const AddressPair& outer, std::uint16_t unique,
                      spd::Direction direction, spd::Policy& out);

/// The host's bypasses, in both directions, for the address families that the host has to do with: its kernel may lack
/// the other one, and would refuse the file.
std::vector<spd::Policy> bypass_policies(const HostPlan& plan, PolicyNotes* notes = nullptr);

/// What stops the traffic of links whose policies come and go, since an end of theirs has no address that is known
/// here. Behind all others. Inwards at a gateway the first address of a net is open to that of the peer's net: see the
/// .cpp.
std::vector<spd::Policy> block_policies(const HostPlan& plan, PolicyNotes* notes = nullptr);

/// What stands in setkey.conf behind the links' own: blocks, then holes.
std::vector<spd::Policy> standing_policies(const HostPlan& plan, PolicyNotes* notes = nullptr);

/// By flow: N of `unique:N`, 0 where the level is another; empty when no flow has it. Made from the peer's id and the
/// flow, so that other links do not move it (but where two meet). The kernel would number them itself, by the order of
/// loading, and could then not be compared with the file.
std::vector<std::uint16_t> unique_numbers(const HostPlan& plan);
/// XFRM_MAX_REQID for setkey: what is larger, the kernel replaces.
inline constexpr std::uint16_t kMaxUnique = 16383;

/// False where an address of the flow's policies is not known when files are made: an end is dynamic.
[[nodiscard]] bool known(const PeerPlan& peer, const Flow& flow, const AddressPair& outer);

/// Peer by peer, flow by flow; out before in. Flows that are not known are left out.
class PolicyWalk {
 public:
  explicit PolicyWalk(const HostPlan& plan) : plan_(&plan), unique_(unique_numbers(plan)) {}
  bool next(spd::Policy& out);
  /// Whose the last one is, where it is the first one of a flow.
  [[nodiscard]] const PolicyNote* note() const { return inward_ ? &note_ : nullptr; }

 private:
  const HostPlan* plan_;
  std::vector<std::uint16_t> unique_;
  PolicyNote note_;
  std::size_t peer_ = 0;
  std::size_t flow_ = 0;
  bool inward_ = false;
};

/// A policy whose local end is an address that only the host itself knows, at the time: `LOCAL` stands for it.
struct RoamingPolicy {
  Address peer;  // the way to it decides on the address
  std::string
      line;  // "spdupdate 10.9.0.9 10.1.0.0/16 any -P out prio def + 1 ipsec esp/tunnel/LOCAL-192.0.2.1/require;"
};
/// Of a host of unknown address towards peers of known ones; in PolicyWalk's order.
std::vector<RoamingPolicy> roaming_policies(const HostPlan& plan);

// ------------------------------------------------------------------------------------------------ racoon.conf, psk.txt

/// What of the daemon the host's links use.
struct HostNeeds {
  bool ike = false;
  bool psk = false;
  bool rsa = false;
  bool x509 = false;
  bool manual = false;
  bool natt = false;
  std::uint32_t natt_keepalive = 0;  // seconds, the shortest that a link asks for
};
HostNeeds needs_of(const HostPlan& plan);

inline constexpr std::string_view kPskPath = "/etc/racoon/psk.txt";
inline constexpr std::string_view kCertificatePath = "/etc/racoon/certs";
/// Names below it.
inline constexpr std::string_view kCertificateFile = "cert.pem";
inline constexpr std::string_view kKeyFile = "key.pem";
inline constexpr std::string_view kCaFile = "cacert.pem";
std::string rsa_private_name(const Host& host);
std::string rsa_public_name(const Host& peer);
std::string peer_certificate_name(const Host& peer);
/// The one file with the keys of all peers of unknown address.
inline constexpr std::string_view kDynamicKeysFile = "dynamic.pub";

/// `seen`: the address that stands for an identity which is "the address in use".
void fill_identifier(const Identity& identity, const std::optional<Address>& seen, Identifier& out);

/// `pair` has the peer's address in question.
void fill_remote(const HostPlan& plan, const PeerPlan& peer, const AddressPair& pair, const KeySource& keys,
                 Remote& out);
void fill_sainfo(const HostPlan& plan, const PeerPlan& peer, const Flow& flow, Sainfo& out);
/// The file without its remotes and sainfos.
ConfFile conf_head(const HostPlan& plan);

/// Peer by peer, once for each of the peer's addresses: racoon negotiates with an address only if exactly one `remote`
/// has it, whatever the number of local addresses. Last the anonymous one, for all peers of unknown address together.
class RemoteWalk {
 public:
  RemoteWalk(const HostPlan& plan, const KeySource& keys) : plan_(&plan), keys_(&keys) {}
  bool next(Remote& out);
  /// The peer of the last one; of the anonymous one the first.
  [[nodiscard]] const PeerPlan& peer() const { return *current_; }
  /// The names of all that the last one is for.
  void append_peers(std::string& out) const;

 private:
  [[nodiscard]] bool may_come(const PeerPlan& peer) const;
  bool anonymous(Remote& out);

  const HostPlan* plan_;
  const KeySource* keys_;
  const PeerPlan* current_ = nullptr;
  std::size_t peer_ = 0;
  std::size_t pair_ = 0;
  bool done_ = false;
};

/// Pair by pair, once for each pair of nets and protocol: racoon compares no ports in sainfo, so a second one would be
/// a duplicate.
class SainfoWalk {
 public:
  explicit SainfoWalk(const HostPlan& plan) : plan_(&plan) {}
  bool next(Sainfo& out);
  [[nodiscard]] const PeerPlan& peer() const { return plan_->peers[peer_]; }

 private:
  const HostPlan* plan_;
  std::size_t peer_ = 0;
  std::size_t flow_ = 0;
};

/// Lines of psk.txt: in main mode racoon looks for the peer's address, else for what the peer says it is.
class PskWalk {
 public:
  explicit PskWalk(const HostPlan& plan) : plan_(&plan) {}
  /// Appends the id to `id`, which the caller has cleared.
  bool next(std::string& id, LinkIndex& link);
  [[nodiscard]] const PeerPlan& peer() const { return plan_->peers[peer_]; }

 private:
  const HostPlan* plan_;
  std::size_t peer_ = 0;
  std::size_t pair_ = 0;
  bool named_ = false;
};

// ------------------------------------------------------------------------------------------------------- manual SAs

/// One SA as setkey takes it, keys left with the KeySource.
struct SaLine {
  std::string_view peer;
  Address source;
  Address destination;
  SaProtocol protocol = SaProtocol::Esp;
  bool tunnel = false;
  std::string_view encryption;      // setkey's word; empty for AH
  std::string_view authentication;  // empty for ESP that AH guards
  const meshctl::ManualSa* sa = nullptr;
};

/// Links with auth manual: pair by pair, ESP before AH, out before in.
class SaWalk {
 public:
  SaWalk(const HostPlan& plan, const KeySource& keys) : plan_(&plan), keys_(&keys) {}
  bool next(SaLine& out);

 private:
  const HostPlan* plan_;
  const KeySource* keys_;
  std::size_t peer_ = 0;
  std::size_t pair_ = 0;
  unsigned step_ = 0;  // bit 0: direction, bit 1: AH
};

/// meshctl's vocabulary in setkey's words; empty where it has none.
std::string_view sa_encryption_word(Cipher cipher);
std::string_view sa_authentication_word(Hash hash);

/// Makes `values` a list of one and returns that one.
template <class T>
T& only(std::vector<T>& values) {
  values.resize(1);
  return values.front();
}

/// All of it, for tests and for proofs over the model.
std::vector<spd::Policy> policies_of(const HostPlan& plan);
ConfFile conf_of(const HostPlan& plan, const KeySource& keys);

}  // namespace meshctl::racoon
