// What an inventory can ask for beyond the plain road (transport mode, two known addresses, ESP, defaults all over).
//
// A back end names the wishes it fulfils; for all others the compiler refuses the link, so that nothing that was asked
// for is dropped in silence.
#pragma once
#include <bitset>
#include <functional>
#include <string_view>

#include "base/diag.hpp"
#include "mesh/mesh.hpp"

namespace meshctl {

enum class Wish : std::uint8_t {
  // of a link
  UniqueLevel,
  Ah,
  EspAh,
  Ipcomp,
  Exceptions,  // selectors with action none or discard
  Priority,
  IcmpType,
  Nets,  // selectors with from or to
  Outer,
  Passive,
  VerifyOff,
  NatTraversal,
  NattKeepalive,
  Fragmentation,
  DpdTuning,
  ChildBytes,
  ExchangeMode,
  NonceSize,
  ProposalCheck,
  InitialContact,
  Rekey,
  SendCert,
  SendCr,
  GeneratePolicy,
  RawLink,
  Identity,  // other than the default, of either end
  // of either host on a link
  Dynamic,
  Subnets,
  BehindNat,
  // of a host alone
  InnerAddresses,
  Interface,
  Listen,
  Log,
  Boot,
  Firewall,
  Form,
  BackendVersion,
  RawHost,  // these seven in the order of DaemonKey
  Count
};
using WishSet = std::bitset<static_cast<std::size_t>(Wish::Count)>;

/// The key of the language: "nat_traversal".
std::string_view text(Wish wish);
WishSet wish_set(std::initializer_list<Wish> wishes);

WishSet wishes_of(const Terms& terms);
/// `alone`: with those that only concern the host itself.
WishSet wishes_of(const Host& host, bool alone);

/// E1095 for each kind of link or host whose wishes its back end does not fulfil; N1097 and W1096 for keys of the
/// daemon that are left out.
void refuse_wishes(const Mesh& mesh, const std::function<WishSet(HostIndex)>& fulfilled, DiagSink& sink);

}  // namespace meshctl
