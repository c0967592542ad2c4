#include "backend/racoon/setkey_judge.hpp"

#include <fmt/format.h>

#include <map>
#include <set>
#include <tuple>
#include <vector>

namespace meshctl::racoon {
namespace {

using Key = std::pair<spd::Direction, spd::Selector>;

class SetkeyJudge {
 public:
  SetkeyJudge(const SetkeyFile& file, DiagSink& sink) : file_(file), sink_(sink) {}

  void run() {
    for (std::size_t i = 0; i < file_.commands.size(); ++i) {
      const SetkeyCommand& command = file_.commands[i];
      switch (command.verb) {
        case SetkeyVerb::SpdAdd:
        case SetkeyVerb::SpdUpdate: add(command); break;
        case SetkeyVerb::SpdDelete: policies_.erase({command.policy.direction, command.policy.selector}); break;
        case SetkeyVerb::SpdFlush: policies_.clear(); break;
        case SetkeyVerb::Add: add_sa(command); break;
        case SetkeyVerb::Delete: sas_.erase(key_of(command)); break;
        case SetkeyVerb::DeleteAll:
        case SetkeyVerb::Flush: sas_.clear(); break;
        default: break;
      }
    }
    overlaps();
  }

 private:
  void add(const SetkeyCommand& command) {
    if (!command.resolvable) return;
    const auto [first, fresh] = policies_.emplace(Key(command.policy.direction, command.policy.selector), &command);
    if (fresh) return;
    if (command.verb == SetkeyVerb::SpdAdd) {
      sink_.error("E2404", command.where, "the kernel refuses this: a policy for the same packets is there already")
          .note(first->second->where, "added here")
          .with_hint("remove one, or write spdupdate to replace it");
      return;
    }
    sink_.warning("W2414", command.where, "replaces the policy for the same packets that this file has added")
        .note(first->second->where, "added here");
    first->second = &command;
  }

  using SaKey = std::tuple<Address, Address, std::string_view, std::uint32_t>;
  [[nodiscard]] SaKey key_of(const SetkeyCommand& command) const {
    const SetkeySa& sa = file_.sas[command.sa];
    return {sa.source, sa.destination, sa.protocol, sa.spi};
  }

  void add_sa(const SetkeyCommand& command) {
    if (!command.resolvable) return;
    const auto [first, fresh] = sas_.emplace(key_of(command), command.where);
    if (fresh) return;
    sink_
        .error("E2404", command.where,
               "the kernel refuses this: an SA with this address, protocol and SPI is there already")
        .note(first->second, "added here")
        .with_hint("give it another SPI");
  }

  /// Those for one pair of hosts can only meet their own kind and wide ones, so not all pairs need to be looked at.
  void overlaps() {
    struct Group {
      std::map<std::pair<Address, Address>, std::vector<const SetkeyCommand*>> hosts;
      std::vector<const SetkeyCommand*> wide;
      std::vector<const SetkeyCommand*> all;
    };
    std::map<std::pair<spd::Direction, std::uint32_t>, Group> groups;
    for (const auto& [key, command] : policies_) {
      const spd::Policy& policy = command->policy;
      Group& group = groups[{policy.direction, policy.priority}];
      const bool hosts = policy.selector.source.is_host() && policy.selector.destination.is_host();
      if (hosts) {
        group.hosts[{policy.selector.source.address, policy.selector.destination.address}].push_back(command);
      } else {
        group.wide.push_back(command);
      }
      group.all.push_back(command);
    }
    constexpr std::size_t most_pairs = 4'000'000;
    for (const auto& [key, group] : groups) {
      std::size_t pairs = 0;
      for (const SetkeyCommand* wide : group.wide) {
        for (const SetkeyCommand* other : group.all) {
          if (++pairs > most_pairs) return;
          meet(*wide, *other);
        }
      }
      for (const auto& [ends, list] : group.hosts) {
        for (std::size_t i = 0; i < list.size(); ++i) {
          for (std::size_t j = 0; j < i && ++pairs <= most_pairs; ++j) meet(*list[i], *list[j]);
        }
      }
    }
  }

  void meet(const SetkeyCommand& a, const SetkeyCommand& b) {
    const bool swap = a.where < b.where;
    const SetkeyCommand& later = swap ? b : a;
    const SetkeyCommand& earlier = swap ? a : b;
    if (&a == &b || !spd::overlap(a.policy.selector, b.policy.selector)) return;
    if (!told_.emplace(&later, &earlier).second) return;
    sink_.warning("W2413", later.where, "an overlapping policy has the same priority: either may win")
        .note(earlier.where, "this one")
        .with_hint("give the more specific one a better priority, such as 'prio def + 100'");
  }

  const SetkeyFile& file_;
  DiagSink& sink_;
  std::map<Key, const SetkeyCommand*> policies_;
  std::map<SaKey, Range> sas_;
  std::set<std::pair<const SetkeyCommand*, const SetkeyCommand*>> told_;
};

}  // namespace

void judge_setkey(const SetkeyFile& file, DiagSink& sink) { SetkeyJudge(file, sink).run(); }

}  // namespace meshctl::racoon
