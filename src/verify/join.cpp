#include "verify/join.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "base/parallel.hpp"
#include "verify/compare.hpp"

namespace meshctl::verify {
namespace {

const LinkEnd* find_link(const HostView& host, const Address& local, const Address& remote) {
  const auto at =
      std::lower_bound(host.links.begin(), host.links.end(), std::tie(local, remote),
                       [](const LinkEnd& end, const auto& key) { return std::tie(end.local, end.remote) < key; });
  return at != host.links.end() && at->local == local && at->remote == remote ? &*at : nullptr;
}

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

/// Everything of one host's links.
class HostJoin {
 public:
  HostJoin(const std::vector<HostView>& hosts, const Owners& owners, std::uint32_t host, Memo& memo, Joined& out)
      : hosts_(hosts), owners_(owners), host_(host), memo_(memo), out_(out) {}

  void run() {
    for (const LinkEnd& end : hosts_[host_].links) {
      const std::uint32_t owner = owners_.of(end.local), peer = owners_.of(end.remote);
      if (end.local == Address::v4(0)) {  // an end that does not know its address, and so has it from nobody's files
        roam(end, peer);
      } else if (owner != host_) {
        stray(end, owner, peer);
      } else if (peer == Owners::kNobody) {
        ++out_.unknown;
        check_choice(end, host_, host_, nullptr);
      } else if (peer != host_) {
        visit(end, peer);
      }
    }
  }

 private:
  void add(Finding finding, std::uint32_t peer, const LinkEnd& here, const LinkEnd* there) {
    ++(finding.severity == Severity::Error ? out_.errors : out_.warnings);
    if (out_.found.size() < kMaxFound) out_.found.push_back({std::move(finding), host_, peer, &here, there});
  }
  void add_all(const Findings& findings, std::uint32_t peer, const LinkEnd& a, const LinkEnd& b, bool turn = false) {
    for (const Finding& finding : findings) add(turn ? turned(finding) : finding, peer, a, &b);
  }

  /// A road warrior's link: the other end has something for peers from anywhere.
  void roam(const LinkEnd& end, std::uint32_t peer) {
    if (peer == Owners::kNobody || peer == host_) {
      ++out_.unknown;
    } else {
      one_sided(end, peer);
    }
  }

  /// A policy whose own end is not ours.
  void stray(const LinkEnd& end, std::uint32_t owner, std::uint32_t peer) {
    if (peer == host_ && owner != Owners::kNobody) {
      const LinkEnd* other = find_link(hosts_[owner], end.local, end.remote);
      add({Severity::Error, "E7131",
           fmt::format("in and out are swapped: {} has a policy for what {} sends as if it were its own", kHere,
                       kThere),
           policy(), policy(), "the policy of the sender", "what one end sends `out` comes `in` at the other"},
          owner, end, other);
      return;
    }
    add({Severity::Error,
         "E7006",
         fmt::format("{} has a policy for {}, which is not one of its addresses", kHere, end.local.text()),
         policy(),
         {},
         {},
         "correct the address, or listen on it"},
        host_, end, nullptr);
  }

  void visit(const LinkEnd& end, std::uint32_t peer) {
    const LinkEnd* other = find_link(hosts_[peer], end.remote, end.local);
    if (other == nullptr) {
      one_sided(end, peer);
    } else if (std::tie(end.local, end.remote) < std::tie(other->local, other->remote)) {
      ++out_.links;
      compare(end, *other, peer);
    }
  }

  void one_sided(const LinkEnd& end, std::uint32_t peer) {
    const HostView& there = hosts_[peer];
    if (find_link(there, end.local, end.remote) != nullptr) return;  // swapped: said there
    if (through_nat(end, there)) {
      ++out_.unknown;
      return;
    }
    if (!there.anyone.empty()) {
      ++out_.links;
      if (check_choice(end, peer, host_, nullptr)) compare_ike(end, best_of(end, there.anyone), peer);
      return;
    }
    add({Severity::Error, "E7130",
         fmt::format("{} protects its packets to and from {}, which has no policy for {}", kHere, kThere, kHere),
         policy(), whole(there.policy_file), fmt::format("the policies of {}", kThere),
         fmt::format("add the mirrored policies at {}, or delete these", kThere)},
        peer, end, nullptr);
  }

  /// The other end knows us by an address that is nobody's, a NAT's: told by the key that only this link has.
  bool through_nat(const LinkEnd& end, const HostView& there) {
    return std::any_of(there.links.begin(), there.links.end(), [&](const LinkEnd& other) {
      if (owners_.of(other.remote) != Owners::kNobody) return false;
      if (end.psk.known() && other.psk.known()) return end.key == other.key;
      return memo_.uses(Auth::Rsa, end) && memo_.uses(Auth::Rsa, other) && memo_.keys(end, other).empty();
    });
  }

  /// Who the peer says it is decides which of several it meets.
  const LinkEnd& best_of(const LinkEnd& end, const std::vector<LinkEnd>& anyone) {
    const auto at = std::find_if(anyone.begin(), anyone.end(),
                                 [&](const LinkEnd& other) { return memo_.identity(end, other).empty(); });
    return at == anyone.end() ? anyone.front() : *at;
  }

  static Mark policy() { return verify::policy({}); }

  bool check_choice(const LinkEnd& end, std::uint32_t peer, std::uint32_t who, const LinkEnd* other) {
    if (end.manual || end.choice != Choice::None) return end.choice == Choice::One;
    Finding fault{Severity::Error,
                  "E7012",
                  fmt::format("{} has no IKE settings for {}", kHere, end.remote.text()),
                  policy(),
                  ike(),
                  "the other end's",
                  "add a `remote` (racoon) or a connection (strongSwan) for the peer"};
    if (other == nullptr) fault.there = {};
    if (who == host_) {
      add(std::move(fault), peer, end, other);
    } else {
      add(turned(std::move(fault)), who, *other, &end);
    }
    return false;
  }

  void compare(const LinkEnd& a, const LinkEnd& b, std::uint32_t peer) {
    add_all(memo_.traffic(a, b), peer, a, b);
    if (a.manual || b.manual) {
      compare_manual(a, b, peer);
      return;
    }
    const bool here = check_choice(a, peer, host_, &b), there = check_choice(b, host_, peer, &a);
    if (here && there) compare_ike(a, b, peer);
  }

  void compare_ike(const LinkEnd& a, const LinkEnd& b, std::uint32_t peer) {
    const Findings& phase1 = memo_.phase1(a, b);
    add_all(phase1, peer, a, b);
    add_all(memo_.identity(a, b), peer, a, b);
    add_all(memo_.identity(b, a), peer, a, b, true);
    if (memo_.uses(Auth::Psk, a) && memo_.uses(Auth::Psk, b)) compare_psk(a, b, peer);
    if (!memo_.uses(Auth::Rsa, a) || !memo_.uses(Auth::Rsa, b)) return;
    add_all(memo_.keys(a, b), peer, a, b);
    add_all(memo_.keys(b, a), peer, a, b, true);
    add_all(memo_.names(a, b), peer, a, b);
    add_all(memo_.names(b, a), peer, a, b, true);
  }

  void compare_psk(const LinkEnd& a, const LinkEnd& b, std::uint32_t peer) {
    if (b.local == Address() && b.remote == Address()) return;  // nobody knows which line a peer from anywhere will get
    bool missing = false;
    for (const bool mine : {true, false}) {
      if ((mine ? a : b).psk.known()) continue;
      missing = true;
      Finding fault{Severity::Error,
                    "E7120",
                    fmt::format("{} has no pre-shared key for {}", kHere, kThere),
                    ike(),
                    {Mark::Base::Psk, {}},
                    "the other end's key",
                    "add the peer to the key file"};
      add(mine ? fault : turned(fault), peer, a, &b);
    }
    if (missing || a.key == b.key) return;
    add({Severity::Error,
         "E7121",
         fmt::format("the pre-shared keys of {} and {} differ", kHere, kThere),
         {Mark::Base::Psk, {}},
         {Mark::Base::Psk, {}},
         "the other end's key",
         "write the same bytes at both ends: blanks at the end of a line count"},
        peer, a, &b);
  }

  void compare_manual(const LinkEnd& a, const LinkEnd& b, std::uint32_t peer) {
    if (a.manual && b.manual && a.key == b.key) return;
    add({Severity::Error,
         "E7123",
         fmt::format("the SAs that {} and {} are given by hand differ", kHere, kThere),
         {Mark::Base::Psk, {}},
         {Mark::Base::Psk, {}},
         "the other end's",
         "both ends need the same `add` lines: addresses, SPI, algorithms and keys"},
        peer, a, &b);
  }

  const std::vector<HostView>& hosts_;
  const Owners& owners_;
  std::uint32_t host_;
  Memo& memo_;
  Joined& out_;
};

}  // namespace

Owners::Owners(const std::vector<HostView>& hosts, Diags& clashes) {
  for (const bool sure : {true, false}) {
    for (std::uint32_t host = 0; host < hosts.size(); ++host) {
      const auto claim = [&](const Address& address) {
        const auto [at, fresh] = by_address_.try_emplace(address, host);
        if (fresh || at->second == host || !sure) return;
        clashes.push_back({Severity::Error,
                           "E7004",
                           fmt::format("'{}' and '{}' both have the address {}", hosts[at->second].name,
                                       hosts[host].name, address.text()),
                           {},
                           {},
                           "give each host its own",
                           {}});
      };
      if (sure) {
        for (const Address& address : hosts[host].addresses) claim(address);
      } else if (hosts[host].addresses.empty()) {
        for (const LinkEnd& end : hosts[host].links) claim(end.local);
      }
    }
  }
}

std::uint32_t Owners::of(const Address& address) const {
  const auto at = by_address_.find(address);
  return at == by_address_.end() ? kNobody : at->second;
}

Joined join(const std::vector<HostView>& hosts, const Tables& tables, const Owners& owners, unsigned threads,
            std::int64_t at) {
  std::vector<Joined> each(hosts.size());
  const unsigned workers = threads == 0 ? hardware_threads() : threads;
  std::vector<Memo> memos(workers, Memo(tables, at));
  parallel_for(hosts.size(), workers, [&](std::size_t index, unsigned worker) {
    HostJoin(hosts, owners, static_cast<std::uint32_t>(index), memos[worker], each[index]).run();
  });
  Joined all;
  for (Joined& one : each) {
    all.links += one.links;
    all.unknown += one.unknown;
    all.errors += one.errors;
    all.warnings += one.warnings;
    std::move(one.found.begin(), one.found.end(), std::back_inserter(all.found));
  }
  return all;
}

}  // namespace meshctl::verify
