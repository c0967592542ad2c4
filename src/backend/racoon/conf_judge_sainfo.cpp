// Sainfos: racoon takes the first that fits, in an order of its own, and refuses some doubles.
//
// More precise ones come first: 3 for remoteid, 3 for `from`, 1 for each end that is not anonymous; equal ones in the
// file's order. Ends fit when they are equal in all but the port, or when one of them is anonymous.
// Source: src/racoon/sainfo.c, ipsec_doi.c (ipsecdoi_chkcmpids) of ipsec-tools 0.9.1.
#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "backend/racoon/conf_judge.hpp"

namespace meshctl::racoon {
namespace {

using IdKind = SainfoId::Kind;

unsigned rank(const Sainfo& one) {
  const auto value = [](const SainfoId& id) { return id.kind == IdKind::Anonymous ? 0U : 1U; };
  return (one.remote_id != 0 ? 3U : 0U) + (one.from ? 3U : 0U) + value(one.local) + value(one.remote);
}

/// What racoon compares, as bytes.
void append_id(const SainfoId& id, std::string& out) {
  out += static_cast<char>('0' + static_cast<int>(id.kind));
  const auto address = [&out](const Address& one) {
    out += one.family() == Family::V4 ? '4' : '6';
    out.append(reinterpret_cast<const char*>(one.bytes().data()), one.bytes().size());
  };
  if (id.net) {
    address(id.host_bits.value_or(id.net->address));
    out += static_cast<char>(id.net->length);
    out += static_cast<char>(id.protocol);
  }
  if (id.range_end) address(*id.range_end);
  out += id.text_type;
  out += id.text;
  out += '\0';
}

std::string key_of(const SainfoId& local, const SainfoId* remote) {
  std::string out;
  append_id(local, out);
  if (remote != nullptr) append_id(*remote, out);
  return out;
}

bool same_from(const Sainfo& earlier, const Sainfo& later) {
  return !earlier.from || !later.from || earlier.from == later.from;
}

class SainfoJudge {
 public:
  SainfoJudge(const std::vector<Sainfo>& sainfos, DiagSink& sink) : sainfos_(sainfos), sink_(sink) {}

  void run() {
    for (std::size_t i = 0; i < sainfos_.size(); ++i) {
      mandatory(sainfos_[i]);
      doubles(i);
      remember(i);
    }
    overlaps();
  }

 private:
  void mandatory(const Sainfo& one) {
    const auto missing = [&](bool absent, std::string_view what) {
      if (absent) sink_.error("E2503", one.where, fmt::format("the sainfo has no '{}'", what));
    };
    missing(one.encryption.empty(), "encryption_algorithm");
    missing(one.authentication.empty(), "authentication_algorithm");
    missing(one.compression.empty(), "compression_algorithm");
  }

  /// The one that racoon's own search would give for `later`'s ends: of the best rank, then the first.
  [[nodiscard]] const Sainfo* found_for(const Sainfo& later) const {
    const Sainfo* best = nullptr;
    const auto look = [&](const std::unordered_map<std::string, std::vector<std::size_t>>& map,
                          const std::string& key) {
      const auto list = map.find(key);
      if (list == map.end()) return;
      for (const std::size_t index : list->second) {
        const Sainfo& one = sainfos_[index];
        if (one.remote_id != later.remote_id || !same_from(one, later)) continue;
        if (best == nullptr || rank(one) > rank(*best) || (rank(one) == rank(*best) && &one < best)) best = &one;
      }
    };
    const SainfoId anonymous;
    if (later.remote.kind == IdKind::Anonymous) {
      look(by_local_, key_of(later.local, nullptr));
      look(by_local_, key_of(anonymous, nullptr));
    } else {
      for (const SainfoId* local : {&later.local, &anonymous}) {
        for (const SainfoId* remote : {&later.remote, &anonymous}) look(by_pair_, key_of(*local, remote));
      }
    }
    return best;
  }

  void doubles(std::size_t index) {
    const Sainfo& later = sainfos_[index];
    if (later.local.kind == IdKind::Anonymous) return unused(later);
    if (later.remote.kind == IdKind::ClientAddr) return;
    const Sainfo* earlier = found_for(later);
    if (earlier == nullptr || earlier->local.kind == IdKind::Anonymous || earlier->remote.kind == IdKind::ClientAddr)
      return;
    sink_.error("E2504", later.where, "an earlier sainfo has the same ends and protocol: racoon refuses the file")
        .note(earlier->where, "the earlier one")
        .with_hint("ports and 'anonymous' do not tell two sainfos apart: leave one out");
  }

  /// racoon does not look for doubles whose local end is anonymous: the later one just has no effect.
  void unused(const Sainfo& later) {
    const auto list = by_pair_.find(key_of(later.local, &later.remote));
    if (list == by_pair_.end()) return;
    for (const std::size_t index : list->second) {
      const Sainfo& earlier = sainfos_[index];
      if (earlier.remote_id != later.remote_id || earlier.from != later.from) continue;
      sink_.warning("W2527", later.where, "an earlier sainfo has the same ends: this one is never used")
          .note(earlier.where, "the earlier one");
      return;
    }
  }

  void remember(std::size_t index) {
    const Sainfo& one = sainfos_[index];
    by_pair_[key_of(one.local, &one.remote)].push_back(index);
    by_local_[key_of(one.local, nullptr)].push_back(index);
  }

  /// `anonymous R` and `L anonymous` both fit L to R and have one rank: then the file's order decides.
  void overlaps() {
    const Sainfo* to = nullptr;
    const Sainfo* from = nullptr;
    for (const Sainfo& one : sainfos_) {
      const bool local = one.local.kind == IdKind::Net;
      const bool remote = one.remote.kind == IdKind::Net;
      if (local == remote || one.from || one.remote_id != 0) continue;
      const Sainfo*& mine = local ? from : to;
      const Sainfo* const other = local ? to : from;
      if (mine == nullptr) mine = &one;
      const SainfoId& net = local ? one.local : one.remote;
      if (other == nullptr) continue;
      const SainfoId& theirs = local ? other->remote : other->local;
      if (net.protocol != theirs.protocol || net.net->family() != theirs.net->family()) continue;
      sink_.warning("W2528", one.where, "where both this and an earlier sainfo fit, the earlier one is taken")
          .note(other->where, "the earlier one")
          .with_hint("name both ends");
      return;
    }
  }

  const std::vector<Sainfo>& sainfos_;
  DiagSink& sink_;
  std::unordered_map<std::string, std::vector<std::size_t>> by_pair_;
  std::unordered_map<std::string, std::vector<std::size_t>> by_local_;
};

}  // namespace

void judge_sainfos(const std::vector<Sainfo>& sainfos, DiagSink& sink) { SainfoJudge(sainfos, sink).run(); }

}  // namespace meshctl::racoon
