// The daemons' and the kernel's own rules, applied to two ends of a link. Pure; each finding once.
#pragma once
#include "verify/finding.hpp"
#include "verify/intern.hpp"
#include "verify/view.hpp"

namespace meshctl::verify {

/// Phase 1, begun from either side: version, mode, proposals, lifetimes.
Findings compare_phase1(const Phase1& a, const Phase1& b);

/// Is `sent`, which "here" says of itself, let in by "there"? `here` decides what main mode with a PSK allows.
Findings compare_identity(const Identity& sent, const Identity& accepted, const Phase1& here);

/// Is that the identity that is meant? Whole, other than with Identity::prefix.
bool says(const Id& sent, const Id& wanted);

/// Public keys and certificates, at the time `at` (seconds since 1970): would "there" take what "here" shows?
Findings compare_keys(const Credential& own, const Credential& taken, const Interner<DerFile>& files, std::int64_t at);

/// A certificate must speak of the identity that its owner gives.
struct Shown {
  const Credential* credential = nullptr;
  const Id* id = nullptr;
  Address address;  // its own
};
Findings compare_names(const Shown& shown, const Credential& taken, const Interner<DerFile>& files);

/// What one end's files say about a link's packets.
struct Traffic {
  const Rules* direct = nullptr;
  const Rules* general = nullptr;
  const Children* children = nullptr;
  Check check = Check::Strict;
  /// Of a road warrior: what it can send from. Empty: all that the policies speak of.
  std::vector<Prefix> owned{};
};
/// Policies, both directions, the IPsec SAs that they ask for, and packets sent through both ends' policies.
Findings compare_traffic(const Traffic& a, const Traffic& b);

// Parts of the last, from "here" out to "there" in.
/// Each protecting policy has its mirror, which says the same.
void compare_mirrors(const Traffic& here, const Traffic& there, Findings& out);
/// Every class of packets: what the sender's policies make of it is what the receiver's expect.
void simulate_packets(const Traffic& here, const Traffic& there, Findings& out);
/// The SAs that "here" would ask for, as "there" answers.
void negotiate_child(const Child& here, const Child& there, const Rule& rule, Check check, Findings& out);

Reach turned(const Reach& reach);
/// True for two rules that are about the same packets, one seen from each end.
bool mirrored(const Rule& here, const Rule& there);

}  // namespace meshctl::verify
