// One host's plan in racoon's terms: policies, remotes, sainfos, key lines; still no text.
//
// The walks write into values that the caller reuses, so that a host with a thousand peers costs no allocation a peer.
#pragma once
#include <cstdint>
#include <vector>

#include "backend/policy/policy.hpp"
#include "backend/racoon/conf_file.hpp"
#include "mesh/hostplan.hpp"

namespace meshctl::racoon {

/// Priorities are by class, so that policies that overlap never share one (the table is in docs/backend-racoon.md), and
/// adding a link never changes another's.
void fill_link_policy(const PeerPlan& peer, const AddressPair& pair, const LocalSelector& selector,
                      spd::Direction direction, spd::Policy& out);

/// The holes of the mesh, in both directions, for the address families that `host` has.
std::vector<spd::Policy> bypass_policies(const Mesh& mesh, const Host& host);

void fill_remote(const PeerPlan& peer, const AddressPair& pair, Remote& out);
void fill_sainfo(const PeerPlan& peer, const AddressPair& pair, std::uint8_t protocol, Sainfo& out);
/// The file without its remotes and sainfos.
ConfFile conf_head(const Host& host);

/// Peer by peer, address pair by address pair, selector by selector; out before in. Protecting policies only.
class PolicyWalk {
 public:
  explicit PolicyWalk(const HostPlan& plan) : plan_(&plan) {}
  bool next(spd::Policy& out);

 private:
  const HostPlan* plan_;
  std::size_t peer_ = 0;
  std::size_t pair_ = 0;
  std::size_t selector_ = 0;
  bool inward_ = false;
};

/// Peer by peer, once for each of the peer's addresses: racoon negotiates with an address only if exactly one `remote`
/// has it, whatever the number of local addresses.
class RemoteWalk {
 public:
  explicit RemoteWalk(const HostPlan& plan) : plan_(&plan) {}
  /// nullptr at the end, else the peer, and its pair in `pair`.
  const PeerPlan* next(AddressPair& pair);

 private:
  const HostPlan* plan_;
  std::size_t peer_ = 0;
  std::size_t pair_ = 0;
};

/// Pair by pair, once for each protocol: racoon compares no ports in sainfo, so a second one would be a duplicate.
class SainfoWalk {
 public:
  explicit SainfoWalk(const HostPlan& plan) : plan_(&plan) {}
  bool next(Sainfo& out);

 private:
  const HostPlan* plan_;
  std::size_t peer_ = 0;
  std::size_t pair_ = 0;
  std::size_t selector_ = 0;
};

/// All of it, for tests and for proofs over the model.
std::vector<spd::Policy> policies_of(const HostPlan& plan);
ConfFile conf_of(const HostPlan& plan);

}  // namespace meshctl::racoon
