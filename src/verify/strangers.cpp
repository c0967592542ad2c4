#include "verify/strangers.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "verify/roaming.hpp"
#include "verify/written_out.hpp"

namespace meshctl::verify {
namespace {

/// How much speaks for `end` being the peer that `gateway` means. 0: nothing.
unsigned kinship(const LinkEnd& end, const LinkEnd& gateway, Memo& memo) {
  unsigned out = 0;
  const Identity& wanted = memo.tables().identities[gateway.peer];
  const bool anyone =
      std::any_of(wanted.ids.begin(), wanted.ids.end(), [](const Id& id) { return id.kind == IdKind::Any; });
  if (!wanted.ids.empty() && !anyone && compare_identity(end, gateway, memo).empty()) out += 3;
  if (memo.uses(Auth::Rsa, end) && memo.uses(Auth::Rsa, gateway) && memo.keys(end, gateway).empty()) out += 1;
  if (end.psk.known() && gateway.psk.known() && end.key == gateway.key) out += 4;
  return out;
}

bool same_selectors(const LinkEnd& a, const LinkEnd& b, Memo& memo) {
  const Findings found = compare_written_out(a, b, memo);
  return std::none_of(found.begin(), found.end(), [](const Finding& finding) {
    return finding.code == "E7130" || finding.code == "E7131" || finding.code == "E7132";
  });
}

class Meeting {
 public:
  Meeting(const std::vector<HostView>& hosts, const Owners& owners, Memo& memo, Joined& out)
      : hosts_(hosts), owners_(owners), memo_(memo), out_(out), check_(memo, out) {}

  void run(const Strangers& strangers) {
    for (const HostEnd& end : strangers.unknown) {
      by_host_[end.host].push_back(end);
      if (end.end->psk.known()) by_key_[end.end->key].push_back(end);
    }
    for (const HostEnd& end : strangers.lost) find_partner(end);
    for (const HostEnd& end : strangers.unknown) {
      if (taken_.insert(end.end).second) behind_two_nats(end);
    }
  }

 private:
  void link(const HostEnd& a, const HostEnd& b) {
    ++out_.links;
    check_.whole(a, b);
  }

  /// The peer is known: it has this end under another address, or takes peers from anywhere.
  void find_partner(const HostEnd& end) {
    const std::uint32_t peer = owners_.of(end.end->remote);
    const HostEnd* best = nullptr;
    unsigned most = 0;
    for (const HostEnd& other : by_host_[peer]) {
      if (taken_.contains(other.end) || other.end->local != end.end->remote) continue;
      unsigned points = kinship(*end.end, *other.end, memo_);
      points += same_selectors(*end.end, *other.end, memo_) ? 2 : 0;
      if (points <= most) continue;
      most = points;
      best = &other;
    }
    const Anyone* open = nullptr;
    for (const Anyone& anyone : hosts_[peer].anyone) {
      const auto& locals = anyone.locals;
      if (!locals.empty() && std::find(locals.begin(), locals.end(), end.end->remote) == locals.end()) continue;
      const Roaming roaming{end, peer, &hosts_[peer], &anyone};
      const unsigned points = kinship(*end.end, meet_anyone(roaming, memo_), memo_);
      if (open != nullptr && points <= most) continue;
      if (points <= most && best != nullptr) continue;
      most = points;
      open = &anyone;
    }
    if (open != nullptr) {
      ++out_.links;
      const Roaming roaming{end, peer, &hosts_[peer], open};
      check_roaming(roaming, out_.made.emplace_back(meet_anyone(roaming, memo_)), memo_, out_);
    } else if (best != nullptr && most > 1) {
      taken_.insert(best->end);
      wrong_address(end, *best);
      link(end, *best);
    } else {
      nothing_there(end, peer);
    }
  }

  /// Right behind a NAT, a slip of the pen elsewhere.
  void wrong_address(const HostEnd& end, const HostEnd& other) {
    const Tables& tables = memo_.tables();
    const bool off = tables.phase1[end.end->phase1].nat == Nat::Off || tables.phase1[other.end->phase1].nat == Nat::Off;
    if (!off || end.end->local.unspecified()) return;
    check_.add(
        {Severity::Warning, "W7171",
         fmt::format("{} knows {} as {}, which is none of its addresses, and NAT traversal is off", kThere, kHere,
                     other.end->remote.text()),
         policy({}), policy({}), "that address", "correct the address; behind a NAT set nat_traversal on at both ends"},
        end, other);
  }

  void nothing_there(const HostEnd& end, std::uint32_t peer) {
    check_.add({Severity::Error, "E7130",
                fmt::format("{} protects its packets to and from {}, which has no policy for {}", kHere, kThere, kHere),
                policy({}), whole(hosts_[peer].policy_file), fmt::format("the policies of {}", kThere),
                fmt::format("add the mirrored policies at {}, or delete these", kThere)},
               end, {peer, nullptr});
  }

  /// Both know the other by a NAT's address: only a key that nobody else has tells.
  void behind_two_nats(const HostEnd& end) {
    const auto same_key = end.end->psk.known() ? by_key_.find(end.end->key) : by_key_.end();
    if (same_key != by_key_.end()) {
      for (const HostEnd& other : same_key->second) {
        if (other.host == end.host || taken_.contains(other.end) || !same_selectors(*end.end, *other.end, memo_))
          continue;
        taken_.insert(other.end);
        link(end, other);
        return;
      }
    }
    ++out_.unknown;
    check_.choice(end, {end.host, nullptr});
  }

  const std::vector<HostView>& hosts_;
  const Owners& owners_;
  Memo& memo_;
  Joined& out_;
  LinkCheck check_;
  std::map<std::uint32_t, std::vector<HostEnd>> by_host_;
  std::map<Fingerprint, std::vector<HostEnd>> by_key_;
  std::set<const LinkEnd*> taken_;
};

}  // namespace

void meet(const Strangers& strangers, const std::vector<HostView>& hosts, const Owners& owners, Memo& memo,
          Joined& out) {
  Meeting(hosts, owners, memo, out).run(strangers);
}

}  // namespace meshctl::verify
