// Link ends of all hosts, brought together by their addresses.
#pragma once
#include <deque>
#include <unordered_map>
#include <vector>

#include "verify/finding.hpp"
#include "verify/host_view.hpp"
#include "verify/policy_set.hpp"

namespace meshctl::verify {

/// Which host an address belongs to. What a host listens on counts before what its policies call local.
class Owners {
 public:
  Owners(const std::vector<HostView>& hosts, Diags& clashes);
  static constexpr std::uint32_t kNobody = static_cast<std::uint32_t>(-1);
  [[nodiscard]] std::uint32_t of(const Address& address) const;

 private:
  std::unordered_map<Address, std::uint32_t, AddressHash> by_address_;
};

/// What was found on one link; `there` is null where the other end has nothing.
struct Found {
  Finding finding;
  std::uint32_t host = 0;  // "here"
  std::uint32_t peer = 0;  // "there"
  const LinkEnd* here = nullptr;
  const LinkEnd* there = nullptr;
};

struct Joined {
  std::size_t links = 0;
  std::size_t unknown = 0;
  std::size_t errors = 0;
  std::size_t warnings = 0;
  std::vector<Found> found;  // at most kMaxFound of each host, in the order of hosts and addresses
  std::deque<LinkEnd> made;  // ends that no file has: what a host does for a peer that may come from anywhere
};
inline constexpr std::size_t kMaxFound = 50;

/// Compares every link once, on all cores. `at`: seconds since 1970, for certificates.
Joined join(const std::vector<HostView>& hosts, const Tables& tables, const Owners& owners, unsigned threads,
            std::int64_t at);

}  // namespace meshctl::verify
