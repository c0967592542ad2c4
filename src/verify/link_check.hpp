// All that two ends of one link are asked, once it is known that they are its ends.
#pragma once
#include "verify/join.hpp"
#include "verify/memo.hpp"

namespace meshctl::verify {

/// One end and the host that it is of.
struct HostEnd {
  std::uint32_t host = 0;
  const LinkEnd* end = nullptr;
};

class LinkCheck {
 public:
  LinkCheck(Memo& memo, Joined& out) : memo_(memo), out_(out) {}

  /// `there.end` may be null. At most kMaxFound are kept, all are counted.
  void add(Finding finding, const HostEnd& here, const HostEnd& there);
  void add_all(const Findings& findings, const HostEnd& a, const HostEnd& b);
  /// True when the daemon at `here` knows what to do for its peer; what keeps it from that is said.
  bool choice(const HostEnd& here, const HostEnd& there);
  /// Policies, SAs, and IKE.
  void whole(const HostEnd& a, const HostEnd& b);
  /// IKE alone.
  void ike(const HostEnd& a, const HostEnd& b);
  /// SAs keyed by hand if there are any, else IKE.
  void negotiation(const HostEnd& a, const HostEnd& b);

 private:
  void identities(const HostEnd& a, const HostEnd& b);
  void credentials(const HostEnd& a, const HostEnd& b);
  void psk(const HostEnd& a, const HostEnd& b);
  void manual(const HostEnd& a, const HostEnd& b);

  Memo& memo_;
  Joined& out_;
};

/// With the addresses that an end means by "mine" and "peer's": ends that know different addresses stay comparable.
Identity concrete(const Identity& identity, const LinkEnd& end);
/// Is what `a` says of itself let in by `b`?
Findings compare_identity(const LinkEnd& a, const LinkEnd& b, Memo& memo);

}  // namespace meshctl::verify
