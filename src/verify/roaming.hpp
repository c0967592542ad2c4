// What a host that waits for peers from anywhere would do for one of them.
#pragma once
#include "verify/link_check.hpp"

namespace meshctl::verify {

/// A road warrior's end, and one way of its gateway to take it. `met` is the gateway's end for this peer; it must
/// outlive what `out` holds of it.
struct Roaming {
  HostEnd warrior;
  std::uint32_t gateway = 0;
  const HostView* view = nullptr;  // the gateway's
  const Anyone* taken = nullptr;
};

/// The gateway's end, as it is once the warrior has said who it is: addresses and the key that it then looks up.
LinkEnd meet_anyone(const Roaming& roaming, Memo& memo);
/// Policies and SAs that come of it, then IKE.
void check_roaming(const Roaming& roaming, const LinkEnd& met, Memo& memo, Joined& out);

}  // namespace meshctl::verify
