// Names and words that stand in swanctl's files. All depend on the link alone, never on how many other links there are:
// adding a peer must not touch the rest.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "mesh/hostplan.hpp"

namespace meshctl::strongswan {

inline constexpr std::string_view kConnectionPrefix = "mc-";

/// "mc-PEER-N", N = number of the address pair from 1. swanctl takes no dots in names: '.' becomes '_', and '_' (rare)
/// becomes '+'; so different peers always have different names.
void append_connection_name(std::string_view peer, std::size_t pair, std::string& out);
/// "s1", "s2", … : protected flows of one connection.
void append_child_name(std::size_t number, std::string& out);
void append_number(std::uint64_t number, std::string& out);

/// Ports of one end, both included; all of them = any. For ICMP: type and code as one number.
struct PortRange {
  std::uint16_t low = 0;
  std::uint16_t high = UINT16_MAX;
};
PortRange ports_of(const Flow& flow, bool local);
/// "10.1.0.0/24", "10.1.0.0/24[6/5432]"; "dynamic…" for the address of the IKE SA (`own`), which charon translates
/// where there is a NAT. Protocols are numbers, since /etc/protocols may be missing.
void append_traffic_selector(const Prefix& net, bool own, std::uint8_t protocol, PortRange ports, std::string& out);

/// What `host` calls itself, for `id =`. `seen`: its address on the connection, where the identity does not say.
void append_identity(const Identity& identity, const Host& host, const Address& seen, std::string& out);

/// "sha512"
std::string_view hash_name(Hash hash);
/// "sha512-modp3072"
std::string ah_proposal(const Terms& terms);

/// Seconds without an answer until an IKEv1 peer counts as dead. (IKEv2 goes by charon's own retransmissions.)
constexpr std::uint32_t dpd_timeout(const Terms& terms) {
  return terms.dpd_delay + terms.dpd_retry * terms.dpd_maxfail;
}

/// Seconds until the IKE SA is renewed; 0 = never, it ends with its lifetime and the next packet makes a new one.
constexpr std::uint32_t ike_rekey_time(const Terms& terms) {
  return terms.rekey == Rekey::Off ? 0 : terms.ike_lifetime - terms.ike_lifetime / 10;
}

/// Whether the peer must say that it is who we expect. A pre-shared key is found by identities, so there it must.
constexpr bool checks_identity(const Terms& terms) { return terms.verify_identifier || terms.auth == Auth::Psk; }

/// Seconds, or bytes, before the hard lifetime when rekeying starts: the daemon takes up to as much again off at
/// random.
constexpr std::uint64_t rekey_margin(std::uint64_t lifetime) { return lifetime / 10; }

}  // namespace meshctl::strongswan
