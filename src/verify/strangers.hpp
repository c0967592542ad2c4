// Ends that no address brings together: one of them is behind a NAT, or has no fixed address. What they say of
// themselves, their keys and their policies tell who belongs to whom.
#pragma once
#include "verify/link_check.hpp"

namespace meshctl::verify {

struct Strangers {
  std::vector<HostEnd> lost;     // the other end is known, but does not know this one's address
  std::vector<HostEnd> unknown;  // the other end's address is nobody's
};

/// Finds them their partners and checks both. Those of `unknown` that stay alone are counted as that.
void meet(const Strangers& strangers, const std::vector<HostView>& hosts, const Owners& owners, Memo& memo,
          Joined& out);

}  // namespace meshctl::verify
