#include "mesh/expand.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace meshctl {
namespace {

constexpr std::size_t kHintsWanted = 100;

class Expander {
 public:
  Expander(const Names& names, std::size_t host_count, DiagSink& sink)
      : names_(names), sink_(sink), excepted_(host_count, 0) {}

  void entry(const LinkEntry& entry, std::uint32_t index);
  std::vector<Claim> take();

 private:
  const std::vector<HostIndex>* find(const Marked<std::string>& name, bool hosts_only);
  bool mark_excepted(const LinkEntry& entry, bool on);
  bool room_for(std::uint64_t pairs, const LinkEntry& entry);
  void claim(HostIndex from, HostIndex to, std::uint32_t index, bool both_ways);

  const Names& names_;
  DiagSink& sink_;
  std::vector<char> excepted_;  // by host; set only while its entry is expanded
  std::vector<Claim> claims_;
};

const std::vector<HostIndex>* Expander::find(const Marked<std::string>& name, bool hosts_only) {
  const auto* set = names_.set(name.value);
  if (set == nullptr) {
    Diag& error = sink_.error("E1020", name.where,
                              fmt::format("there is no host{} '{}'", hosts_only ? "" : " or tag", name.value));
    // The search for the nearest name looks at all names, and past some errors nobody sees its result.
    if (sink_.errors() <= kHintsWanted) error.with_hint(names_.hint_for(name.value, hosts_only));
    return nullptr;
  }
  if (hosts_only && !names_.host(name.value)) {
    sink_.error("E1023", name.where, fmt::format("'{}' is not one host, and a pair is two hosts", name.value))
        .with_hint("write {among: TAG} for every pair of a tag, or {from: X, to: Y} for those between two");
    return nullptr;
  }
  return set;
}

bool Expander::mark_excepted(const LinkEntry& entry, bool on) {
  bool good = true;
  for (const auto& name : entry.except) {
    const auto* set = on ? find(name, false) : names_.set(name.value);
    good = good && set != nullptr;
    if (set == nullptr) continue;
    for (const HostIndex host : *set) excepted_[host] = on ? 1 : 0;
  }
  return good;
}

bool Expander::room_for(std::uint64_t pairs, const LinkEntry& entry) {
  if (claims_.size() + pairs <= kMaxClaims) return true;
  sink_.error("E1025", entry.where, fmt::format("the links come to more than {} pairs of hosts", kMaxClaims))
      .with_hint("link fewer hosts, for example with tags instead of 'all'");
  return false;
}

void Expander::claim(HostIndex from, HostIndex to, std::uint32_t index, bool both_ways) {
  const HostIndex a = std::min(from, to);
  const HostIndex b = std::max(from, to);
  const std::uint32_t one_way = to == b ? kPortsOfB : kPortsOfA;
  claims_.push_back({std::uint64_t{a} << 32 | b, index, both_ways ? kPortsOfA | kPortsOfB : one_way});
}

void Expander::entry(const LinkEntry& entry, std::uint32_t index) {
  using Kind = LinkEntry::Kind;
  const bool pair = entry.kind == Kind::Pair;
  const auto* first = find(entry.first, pair);
  const auto* second = entry.kind == Kind::Among ? first : find(entry.second, pair);
  const bool good_except = mark_excepted(entry, true);
  const auto before = claims_.size();
  bool room = true;
  if (first != nullptr && second != nullptr && good_except) {
    if (entry.kind != Kind::Among && first->size() == 1 && *first == *second) {
      sink_.error("E1021", entry.where, fmt::format("a link of '{}' to itself", entry.first.value))
          .with_hint("name two different hosts");
    } else if (room =
                   room_for(std::uint64_t{first->size()} * second->size() / (entry.kind == Kind::Among ? 2 : 1), entry);
               room) {
      for (const HostIndex from : *first) {
        if (excepted_[from] != 0) continue;
        for (const HostIndex to : *second) {
          if (excepted_[to] != 0 || from == to || (entry.kind == Kind::Among && to < from)) continue;
          claim(from, to, index, entry.kind == Kind::Among);
        }
      }
      if (claims_.size() == before) {
        sink_.error("E1022", entry.where, "this entry links no hosts")
            .with_hint(entry.except.empty() ? "a tag needs two hosts at least: tag more hosts, or take the entry out"
                                            : "'except' leaves no two hosts: take less out, or take the entry out");
      }
    }
  }
  mark_excepted(entry, false);
}

std::vector<Claim> Expander::take() {
  const auto less = [](const Claim& x, const Claim& y) {
    return x.pair != y.pair ? x.pair < y.pair : x.entry < y.entry;
  };
  if (!std::is_sorted(claims_.begin(), claims_.end(), less)) std::sort(claims_.begin(), claims_.end(), less);
  // `from: web, to: all` names a pair of two web hosts twice, once each way round: one claim on both ends' ports.
  std::size_t kept = 0;
  for (std::size_t i = 0; i < claims_.size(); ++i) {
    if (kept > 0 && claims_[kept - 1].pair == claims_[i].pair && claims_[kept - 1].entry == claims_[i].entry) {
      claims_[kept - 1].ports_of |= claims_[i].ports_of;
    } else {
      claims_[kept++] = claims_[i];
    }
  }
  claims_.resize(kept);
  return std::move(claims_);
}

}  // namespace

std::vector<Claim> expand(const std::vector<LinkEntry>& entries, const Names& names, std::size_t host_count,
                          DiagSink& sink) {
  Expander expander(names, host_count, sink);
  for (std::uint32_t i = 0; i < entries.size(); ++i) expander.entry(entries[i], i);
  return expander.take();
}

}  // namespace meshctl
