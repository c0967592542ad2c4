// A host's security policies, sorted by the link that each is about.
#pragma once
#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/diag.hpp"
#include "verify/host_view.hpp"

namespace meshctl::verify {

struct PlacedPolicy {
  spd::Policy policy;
  std::uint32_t reqid = 0;  // 0: any
  Spot where;
};

/// Local and remote address: of a transport policy its selector's, of a tunnel's its end points.
struct Pair {
  Address local, remote;
  friend bool operator==(const Pair&, const Pair&) = default;
};

struct PairHash {
  std::size_t operator()(const Pair& pair) const;
};
struct AddressHash {
  std::size_t operator()(const Address& address) const;
};

Reach reach_of(const Prefix& prefix, const Pair& pair);
Prefix net_of(const Reach& reach, const Pair& pair);

class PolicySet {
 public:
  explicit PolicySet(std::vector<PlacedPolicy> policies);

  struct Link {
    Pair pair;
    std::vector<std::uint32_t> policies;
    bool protects = false;  // one of them asks for IPsec
    bool plain = true;      // all selectors are the two addresses themselves
  };
  [[nodiscard]] const std::vector<Link>& links() const { return links_; }
  [[nodiscard]] const PlacedPolicy& operator[](std::uint32_t index) const { return policies_[index]; }
  [[nodiscard]] const std::vector<std::uint32_t>& general() const { return general_; }
  /// Protecting policies that name no single peer: transport mode between networks.
  [[nodiscard]] const std::vector<std::uint32_t>& nameless() const { return nameless_; }

  /// The policies of `link` in its own words; places count from `base`.
  void direct_rules(const Link& link, const Spot& base, Rules& out) const;
  /// Those of others that meet the same packets. `key`: equal keys of one host have equal rules.
  void general_rules(const Link& link, std::vector<std::uint32_t>& key) const;
  void general_rules(const Link& link, const std::vector<std::uint32_t>& key, Rules& out) const;
  /// Appends all that name no link, with networks only: a host may have files of two daemons.
  void general_rules(Rules& out) const;

  /// W7xxx: policies of one priority that meet in a packet and disagree.
  void find_ties(DiagSink& sink) const;

 private:
  void sort_in(std::uint32_t index);
  Link& link_of(const Pair& pair);
  void find_tie(std::uint32_t a, std::uint32_t b, DiagSink& sink) const;

  std::vector<PlacedPolicy> policies_;
  std::vector<Link> links_;
  std::unordered_map<Pair, std::uint32_t, PairHash> by_pair_;
  std::vector<std::uint32_t> general_;
  std::vector<std::uint32_t> full_[2];  // of general_: from anywhere to anywhere, by family
  std::vector<std::uint32_t> partial_;  // the rest of general_
  std::vector<std::uint32_t> nameless_;
};

Range range_of(const Spot& spot);

}  // namespace meshctl::verify
