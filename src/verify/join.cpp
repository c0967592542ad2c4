#include "verify/join.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <tuple>

#include "base/parallel.hpp"
#include "verify/strangers.hpp"

namespace meshctl::verify {
namespace {

const LinkEnd* find_link(const HostView& host, const Address& local, const Address& remote) {
  const auto at =
      std::lower_bound(host.links.begin(), host.links.end(), std::tie(local, remote),
                       [](const LinkEnd& end, const auto& key) { return std::tie(end.local, end.remote) < key; });
  return at != host.links.end() && at->local == local && at->remote == remote ? &*at : nullptr;
}

/// Everything of one host's links.
class HostJoin {
 public:
  HostJoin(const std::vector<HostView>& hosts, const Owners& owners, std::uint32_t host, Memo& memo,
           Strangers& strangers, Joined& out)
      : hosts_(hosts), owners_(owners), host_(host), strangers_(strangers), out_(out), check_(memo, out) {}

  void run() {
    for (const LinkEnd& end : hosts_[host_].links) {
      const std::uint32_t owner = owners_.of(end.local), peer = owners_.of(end.remote);
      if (end.local.unspecified()) {  // an end that does not know its address, and so has it from nobody's files
        (peer == Owners::kNobody ? strangers_.unknown : strangers_.lost).push_back({host_, &end});
      } else if (owner != host_) {
        stray(end, owner, peer);
      } else if (peer == Owners::kNobody) {
        strangers_.unknown.push_back({host_, &end});
      } else if (peer != host_) {
        visit(end, peer);
      }
    }
  }

 private:
  /// A policy whose own end is not ours.
  void stray(const LinkEnd& end, std::uint32_t owner, std::uint32_t peer) {
    if (peer == host_ && owner != Owners::kNobody) {
      const LinkEnd* other = find_link(hosts_[owner], end.local, end.remote);
      check_.add(
          {Severity::Error, "E7131",
           fmt::format("in and out are swapped: {} has a policy for what {} sends as if it were its own", kHere,
                       kThere),
           policy({}), policy({}), "the policy of the sender", "what one end sends `out` comes `in` at the other"},
          {host_, &end}, {owner, other});
      return;
    }
    check_.add({Severity::Error,
                "E7006",
                fmt::format("{} has a policy for {}, which is not one of its addresses", kHere, end.local.text()),
                policy({}),
                {},
                {},
                "correct the address, or listen on it"},
               {host_, &end}, {host_, nullptr});
  }

  void visit(const LinkEnd& end, std::uint32_t peer) {
    const LinkEnd* other = find_link(hosts_[peer], end.remote, end.local);
    if (other == nullptr) {
      const bool swapped = find_link(hosts_[peer], end.local, end.remote) != nullptr;  // said there
      if (!swapped) strangers_.lost.push_back({host_, &end});
    } else if (std::tie(end.local, end.remote) < std::tie(other->local, other->remote)) {
      ++out_.links;
      check_.whole({host_, &end}, {peer, other});
    }
  }

  const std::vector<HostView>& hosts_;
  const Owners& owners_;
  std::uint32_t host_;
  Strangers& strangers_;
  Joined& out_;
  LinkCheck check_;
};

/// Findings and counts of one part.
void append(Joined& all, Joined& one) {
  all.links += one.links;
  all.unknown += one.unknown;
  all.errors += one.errors;
  all.warnings += one.warnings;
  std::move(one.found.begin(), one.found.end(), std::back_inserter(all.found));
}

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
        for (const LinkEnd& end : hosts[host].links) {
          if (!end.local.unspecified()) claim(end.local);
        }
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
  std::vector<Strangers> alone(hosts.size());
  const unsigned workers = threads == 0 ? hardware_threads() : threads;
  std::vector<Memo> memos(workers, Memo(tables, at));
  parallel_for(hosts.size(), workers, [&](std::size_t index, unsigned worker) {
    HostJoin(hosts, owners, static_cast<std::uint32_t>(index), memos[worker], alone[index], each[index]).run();
  });
  Joined all;
  Strangers strangers;
  for (std::size_t host = 0; host < hosts.size(); ++host) {
    append(all, each[host]);
    strangers.lost.insert(strangers.lost.end(), alone[host].lost.begin(), alone[host].lost.end());
    strangers.unknown.insert(strangers.unknown.end(), alone[host].unknown.begin(), alone[host].unknown.end());
  }
  Joined met;
  meet(strangers, hosts, owners, memos.front(), met);
  append(all, met);
  all.made = std::move(met.made);
  return all;
}

}  // namespace meshctl::verify
