// /etc/meshctl/states.xfrm: SAs with manual keys (auth manual), one `ip -batch` command a line; 0600.
//
//   xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x00001000 reqid 77 mode transport replay-window 0
//   enc cbc(aes) 0x… auth-trunc hmac(sha512) 0x… 256                           (one line in the file)
//
// They exist before any traffic and for ever, so nothing is negotiated; there is no replay window, since the counters
// start anew at each boot.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "backend/key_source.hpp"
#include "backend/strongswan/layout.hpp"
#include "crypto/suite.hpp"
#include "mesh/hostplan.hpp"

namespace meshctl::strongswan {

/// The kernel's names; empty for what manual SAs cannot have.
std::string_view kernel_name(Cipher cipher);
std::string_view kernel_name(Hash hash);
/// Bits of the check value that both kernels use: RFC 4868's, but 96 for SHA-256 where PF_KEY is at the other end.
unsigned check_bits(Hash hash, bool pf_key);

struct ManualState {
  std::uint32_t peer = 0;  // index into HostPlan::peers
  std::uint32_t pair = 0;  // index into HostPlan::pairs_of(peer)
  std::uint32_t reqid = 0;
  bool outgoing = true;
  SaProtocol protocol = SaProtocol::Esp;
};

/// In the plan's order: for each address pair ESP out, ESP in, AH out, AH in, as the link has them.
std::vector<ManualState> states_of(const HostPlan& plan, const Layout& layout);

/// Without its line end. Holds the keys.
void append_line(const HostPlan& plan, const ManualState& state, const KeySource& keys, std::string& out);

}  // namespace meshctl::strongswan
