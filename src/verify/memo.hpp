// What shapes say of each other, worked out once however many links have them.
#pragma once
#include <algorithm>
#include <array>
#include <map>

#include "verify/compare.hpp"
#include "verify/host_view.hpp"

namespace meshctl::verify {

/// Comparisons of shapes, each made once. One per worker.
class Memo {
 public:
  Memo(const Tables& tables, std::int64_t at) : tables_(tables), at_(at) {}

  const Findings& phase1(const LinkEnd& a, const LinkEnd& b) {
    return once(phase1_, {a.phase1, b.phase1},
                [&] { return compare_phase1(tables_.phase1[a.phase1], tables_.phase1[b.phase1]); });
  }
  const Findings& identity(const LinkEnd& a, const LinkEnd& b) {
    return once(identity_, {a.me, b.peer, a.phase1}, [&] {
      return compare_identity(tables_.identities[a.me], tables_.identities[b.peer], tables_.phase1[a.phase1]);
    });
  }
  const Findings& traffic(const LinkEnd& a, const LinkEnd& b) {
    const Check mine = tables_.phase1[a.phase1].check, theirs = tables_.phase1[b.phase1].check;
    return once(traffic_,
                {a.direct, a.general, a.children, static_cast<std::uint32_t>(mine), b.direct, b.general, b.children,
                 static_cast<std::uint32_t>(theirs)},
                [&] {
                  const auto side = [&](const LinkEnd& end, Check check) {
                    return Traffic{&tables_.rules[end.direct], &tables_.rules[end.general],
                                   &tables_.children[end.children], check};
                  };
                  return compare_traffic(side(a, mine), side(b, theirs));
                });
  }
  /// What `a` shows, as `b` takes it.
  const Findings& keys(const LinkEnd& a, const LinkEnd& b) {
    return once(keys_, {a.my_key, b.peer_key}, [&] {
      return compare_keys(tables_.credentials[a.my_key], tables_.credentials[b.peer_key], tables_.files, at_);
    });
  }
  Findings names(const LinkEnd& a, const LinkEnd& b) {
    const Identity& me = tables_.identities[a.me];
    if (me.ids.empty()) return {};
    return compare_names({&tables_.credentials[a.my_key], &me.ids.front(), a.local}, tables_.credentials[b.peer_key],
                         tables_.files);
  }
  [[nodiscard]] const Tables& tables() const { return tables_; }
  [[nodiscard]] bool uses(Auth auth, const LinkEnd& end) const {
    const Phase1& phase1 = tables_.phase1[end.phase1];
    return std::any_of(phase1.offers.begin(), phase1.offers.end(),
                       [&](const IkeOffer& offer) { return offer.auth == auth; });
  }

 private:
  template <std::size_t N, class Make>
  const Findings& once(std::map<std::array<std::uint32_t, N>, Findings>& memo, const std::array<std::uint32_t, N>& key,
                       Make make) {
    const auto at = memo.find(key);
    return at != memo.end() ? at->second : memo.emplace(key, make()).first->second;
  }

  const Tables& tables_;
  std::int64_t at_;
  std::map<std::array<std::uint32_t, 2>, Findings> keys_;
  std::map<std::array<std::uint32_t, 2>, Findings> phase1_;
  std::map<std::array<std::uint32_t, 3>, Findings> identity_;
  std::map<std::array<std::uint32_t, 8>, Findings> traffic_;
};

}  // namespace meshctl::verify
