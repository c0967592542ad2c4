#include "backend/racoon/setkey_judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "backend/racoon/cursor.hpp"

namespace meshctl::racoon {
namespace {

using Key = std::pair<spd::Direction, spd::Selector>;

class SetkeyJudge {
 public:
  SetkeyJudge(const SetkeyFile& file, DiagSink& sink) : file_(file), sink_(sink) {}

  void run() {
    for (const SetkeyCommand& command : file_.commands) {
      switch (command.verb) {
        case SetkeyVerb::SpdAdd:
        case SetkeyVerb::SpdUpdate: add(command); break;
        case SetkeyVerb::SpdDelete: remove(command); break;
        case SetkeyVerb::SpdFlush: policies_.clear(); break;
        case SetkeyVerb::Add: add_sa(command); break;
        case SetkeyVerb::Delete: remove_sa(command); break;
        case SetkeyVerb::DeleteAll: remove_all(file_.sas[command.sa]); break;
        case SetkeyVerb::Flush:
          std::erase_if(sas_, [&](const auto& sa) {
            return command.protocol.empty() || std::get<1>(sa.first) == kernel_protocol(command.protocol);
          });
          break;
        default: break;
      }
    }
    for (const SetkeyCommand& command : file_.commands) forwarded_alone(command);
    overlaps();
  }

 private:
  struct Held {
    const SetkeyCommand* command;
    bool copy;  // the fwd policy that the kernel's user makes of each 'in' policy (setkey.c, sendkeymsg_spd…)
  };

  static Key key_of_policy(const SetkeyCommand& command) { return {command.policy.direction, command.policy.selector}; }
  static Key copy_of(const SetkeyCommand& command) { return {spd::Direction::Fwd, command.policy.selector}; }

  void add(const SetkeyCommand& command) {
    if (!command.resolvable) return;
    if (spd::opens_all_ports(command.policy)) {
      sink_
          .warning("W2429", command.where,
                   fmt::format("whoever sends from port {} reaches every port of this host in clear",
                               command.policy.selector.source_port))
          .with_hint("name the addresses of those who serve, or the port of this host");
    }
    if (!put(key_of_policy(command), {&command, false})) return;
    if (command.policy.direction == spd::Direction::In) put(copy_of(command), {&command, true});
  }

  /// spdadd of what is there is refused, spdupdate replaces it.
  bool put(const Key& key, const Held& held) {
    const auto [first, fresh] = policies_.emplace(key, held);
    if (fresh) return true;
    const Held before = std::exchange(first->second, held);
    if (before.copy && held.copy) return true;  // of two 'in' policies, which are told of themselves
    const bool forwarded = before.copy || held.copy;
    if (held.command->verb == SetkeyVerb::SpdAdd) {
      first->second = before;
      sink_
          .error("E2404", held.command->where,
                 forwarded
                     ? "the kernel refuses this: setkey makes a fwd policy of every 'in' policy, and both have the "
                       "same packets"
                     : "the kernel refuses this: a policy for the same packets is there already")
          .note(before.command->where, "added here")
          .with_hint(forwarded ? "leave the fwd policy out" : "remove one, or write spdupdate to replace it");
      return false;
    }
    sink_
        .warning("W2414", held.command->where,
                 forwarded ? "setkey makes a fwd policy of every 'in' policy: the later of the two replaces the other"
                           : "replaces the policy for the same packets that this file has added")
        .note(before.command->where, "added here");
    return true;
  }

  void remove(const SetkeyCommand& command) {
    if (!command.resolvable) return;
    if (policies_.erase(key_of_policy(command)) == 0) {
      sink_.warning("W2415", command.where, "no command before this one has added the policy that it deletes")
          .with_hint("if nothing else adds it the kernel refuses this, and setkey goes on");
    }
    if (command.policy.direction == spd::Direction::In) policies_.erase(copy_of(command));
  }

  /// A fwd policy without the 'in' policy that would have made it.
  void forwarded_alone(const SetkeyCommand& command) {
    const bool adds = command.verb == SetkeyVerb::SpdAdd || command.verb == SetkeyVerb::SpdUpdate;
    if (!adds || !command.resolvable || command.policy.direction != spd::Direction::Fwd) return;
    const auto held = policies_.find(copy_of(command));
    if (held == policies_.end() || held->second.command != &command) return;
    if (policies_.contains({spd::Direction::In, command.policy.selector})) return;
    sink_
        .warning("W2411", command.where,
                 "a fwd policy without its 'in' policy is loaded, and only judges packets that this host forwards: "
                 "those for the host itself meet no policy")
        .with_hint("write the 'in' policy instead: setkey makes the fwd policy of it");
  }

  /// The kernel knows an SA by destination, protocol and SPI: the source does not count (xfrm_state.c,
  /// __xfrm_state_locate).
  using SaKey = std::tuple<Address, std::string_view, std::uint32_t>;
  static std::string_view kernel_protocol(std::string_view protocol) {
    if (protocol.starts_with("esp")) return "esp";  // esp-udp, esp-old
    return protocol.starts_with("ah") ? "ah" : protocol;
  }
  [[nodiscard]] SaKey key_of(const SetkeyCommand& command) const {
    const SetkeySa& sa = file_.sas[command.sa];
    return {sa.destination, kernel_protocol(sa.protocol), sa.spi};
  }

  void add_sa(const SetkeyCommand& command) {
    if (!command.resolvable) return;
    const auto [first, fresh] = sas_.emplace(key_of(command), &command);
    if (fresh) return;
    sink_
        .error("E2404", command.where,
               "the kernel refuses this: an SA with this destination, protocol and SPI is there already")
        .note(first->second->where, "added here")
        .with_hint("give it another SPI");
  }

  void remove_sa(const SetkeyCommand& command) {
    if (!command.resolvable || sas_.erase(key_of(command)) > 0) return;
    sink_.warning("W2415", command.where, "no command before this one has added the SA that it deletes")
        .with_hint("if nothing else adds it, setkey says 'No such process' and goes on");
  }

  /// deleteall SOURCE DESTINATION PROTOCOL
  void remove_all(const SetkeySa& wanted) {
    std::erase_if(sas_, [&](const auto& entry) {
      const SetkeySa& sa = file_.sas[entry.second->sa];
      return sa.source == wanted.source && sa.destination == wanted.destination &&
             kernel_protocol(sa.protocol) == kernel_protocol(wanted.protocol);
    });
  }

  /// Those for one pair of hosts can only meet their own kind and wide ones, so not all pairs need to be looked at.
  void overlaps() {
    struct Group {
      std::map<std::pair<Address, Address>, std::vector<const SetkeyCommand*>> hosts;
      std::vector<const SetkeyCommand*> wide;
      std::vector<const SetkeyCommand*> all;
    };
    std::map<std::pair<spd::Direction, std::uint32_t>, Group> groups;
    for (const auto& [key, held] : policies_) {
      if (held.copy) continue;  // it meets what its 'in' policy meets
      const SetkeyCommand* command = held.command;
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
  std::map<Key, Held> policies_;
  std::map<SaKey, const SetkeyCommand*> sas_;
  std::set<std::pair<const SetkeyCommand*, const SetkeyCommand*>> told_;
};

/// "# spdadd 10.0.0.1 …;"
bool holds_command(std::string_view comment) {
  const auto has = [comment](std::string_view text) { return comment.find(text) != std::string_view::npos; };
  if (!has(";")) return false;
  if (has("spdflush;") || ((has("spdadd ") || has("spdupdate ")) && has(" -P "))) return true;
  const std::size_t add = comment.find("add ");
  return add != std::string_view::npos && add + 4 < comment.size() && is_digit(comment[add + 4]);
}

}  // namespace

void judge_setkey(const SetkeyFile& file, DiagSink& sink) { SetkeyJudge(file, sink).run(); }

void judge_comments(FileId file, std::string_view text, DiagSink& sink) {
  std::uint32_t line = 1;
  for (; !text.empty(); ++line) {
    const std::string_view one = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(one.size() + 1, text.size()));
    if (!holds_command(one)) continue;
    const auto end = static_cast<std::uint32_t>(one.size() + 1);
    sink.warning("W2428", {file, line, 1, line, end}, "setkey loads nothing: all that this file holds is a comment")
        .with_hint("a comment goes on to the end of its line: put the commands on lines of their own");
    return;
  }
}

}  // namespace meshctl::racoon
