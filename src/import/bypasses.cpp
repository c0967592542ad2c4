#include "import/bypasses.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>

#include "import/people.hpp"
#include "inventory/words.hpp"

namespace meshctl::importer {
namespace {

struct Ports {
  std::uint8_t protocol = 0;
  std::uint16_t source = 0;
  std::uint16_t destination = 0;
};

/// The holes of a word in one family, as racoon's back end makes them (docs/backend-racoon.md).
std::vector<Ports> holes_of(BypassWord word, Family family) {
  const bool v4 = family == Family::V4;
  const std::uint8_t icmp = v4 ? spd::kIcmp : spd::kIcmp6;
  std::vector<Ports> out;
  switch (word) {
    case BypassWord::Nd:
      for (std::uint16_t type = 133; !v4 && type <= 137; ++type) out.push_back({icmp, type, 0});
      break;
    case BypassWord::IcmpErrors:
      for (const int type : v4 ? std::vector<int>{3, 11, 12} : std::vector<int>{1, 2, 3, 4})
        out.push_back({icmp, static_cast<std::uint16_t>(type), 0});
      break;
    case BypassWord::Ike: out = {{spd::kUdp, 500, 500}, {spd::kUdp, 4500, 4500}}; break;
    case BypassWord::Icmp: out = {{icmp, 0, 0}}; break;
    case BypassWord::Dhcp:
      out = v4 ? std::vector<Ports>{{spd::kUdp, 68, 67}, {spd::kUdp, 67, 68}}
               : std::vector<Ports>{{spd::kUdp, 546, 547}, {spd::kUdp, 547, 546}};
      break;
    case BypassWord::SshController: out = {{spd::kTcp, 22, 0}, {spd::kTcp, 0, 22}}; break;
    case BypassWord::Selector: break;
  }
  return out;
}

HoleSeen hole(Family family, const Ports& ports) {
  return {family, ports.protocol, ports.source, ports.destination, {}};
}

/// What a Windows host says of a word: IKE always passes, kinds of ICMP it cannot tell apart, so that it has nothing
/// against icmp-errors. nullopt: nothing, or its rules say it as racoon's policies would.
std::optional<bool> exempt(const WindowsSource& windows, BypassWord word) {
  if (word == BypassWord::Ike || word == BypassWord::IcmpErrors) return true;
  if (!windows.exemptions) return std::nullopt;
  switch (word) {
    case BypassWord::Nd: return windows.exemptions->neighbor_discovery;
    case BypassWord::Icmp: return windows.exemptions->icmp;
    case BypassWord::Dhcp: return windows.exemptions->dhcp;
    default: return std::nullopt;
  }
}

bool is_setting(BypassWord word) { return word != BypassWord::SshController && word != BypassWord::Selector; }

class Bypasses {
 public:
  Bypasses(const std::vector<HostSource>& sources, std::vector<HostFlows>& flows, DiagSink& sink)
      : sources_(sources), flows_(flows), sink_(sink) {
    for (std::size_t index = 0; index < flows.size(); ++index) {
      const HostFlows& host = flows[index];
      families_.push_back({});
      if (sources[index].backend == BackendKind::Strongswan && host.holes.empty())
        continue;  // charon exempts its own packets, and nothing else
      for (const HoleSeen& seen : host.holes) families_.back().insert(seen.family);
      // A gateway's holes are of its own addresses.
      for (const FlowSeen& flow : host.flows) {
        const bool own = flow.shape.action == FlowAction::Protect;
        if (own || flow.shape.local.is_host())
          families_.back().insert(own ? flow.outer.local.family() : flow.shape.local.family());
      }
    }
  }

  std::optional<std::vector<BypassEntry>> run() {
    std::vector<BypassEntry> out;
    for (const auto& word : inventory::bypass_words()) {
      if (word.value != BypassWord::Nd && all_have(word.value)) {
        out.push_back({word.value, {}, {}});
        take(word.value);
      }
    }
    const bool v6 = std::any_of(families_.begin(), families_.end(),
                                [](const auto& families) { return families.contains(Family::V6); });
    // On hosts with IPv4 alone it says nothing, and the default has it.
    const bool default_rest =
        out.size() == 2 && out[0].word == BypassWord::IcmpErrors && out[1].word == BypassWord::Ike;
    const bool said = std::any_of(sources_.begin(), sources_.end(), [](const HostSource& source) {
      return source.windows && source.windows->exemptions;
    });
    if (v6 || said ? all_have(BypassWord::Nd) : default_rest) {
      out.insert(out.begin(), {BypassWord::Nd, {}, {}});
      take(BypassWord::Nd);
    }
    const bool is_default = out.size() == 3 && out[0].word == BypassWord::Nd && default_words(out);
    const std::size_t words = out.size();
    ports(out);
    left_over();
    if (is_default && out.size() == words) return std::nullopt;
    return out;
  }

 private:
  static bool default_words(const std::vector<BypassEntry>& out) {
    return out[1].word == BypassWord::IcmpErrors && out[2].word == BypassWord::Ike;
  }
  [[nodiscard]] bool has(std::size_t host, const HoleSeen& wanted) const {
    const auto& holes = flows_[host].holes;
    return std::binary_search(holes.begin(), holes.end(), wanted);
  }

  /// In each family that a host uses. A word that has no hole in any of them says nothing.
  [[nodiscard]] bool all_have(BypassWord word) const {
    bool any = false;
    for (std::size_t host = 0; host < flows_.size(); ++host) {
      if (const auto& windows = sources_[host].windows; windows && is_setting(word)) {
        const auto has_it = exempt(*windows, word);
        if (has_it && !*has_it) return false;
        any = any || has_it;
        continue;
      }
      for (const Family family : families_[host]) {
        for (const Ports& ports : holes_of(word, family)) {
          if (!has(host, hole(family, ports))) return false;
          any = true;
        }
      }
    }
    return any;
  }

  void take(BypassWord word) {
    words_.insert(word);
    for (std::size_t host = 0; host < flows_.size(); ++host) {
      for (const Family family : families_[host]) {
        for (const Ports& ports : holes_of(word, family)) used_.insert({host, hole(family, ports)});
      }
    }
  }

  /// {protocol, port} of either end, or a whole protocol, on all hosts and in all their families.
  void ports(std::vector<BypassEntry>& out) {
    std::set<std::pair<std::uint8_t, std::uint16_t>> candidates;
    for (std::size_t host = 0; host < flows_.size(); ++host) {
      for (const HoleSeen& seen : flows_[host].holes) {
        if (seen.protocol == 0 || used_.contains({host, seen}) || seen.source_port != 0) continue;
        candidates.insert({seen.protocol, seen.destination_port});
      }
    }
    for (const auto& [protocol, port] : candidates) {
      if (port != 0 && !inventory::has_ports(protocol)) continue;
      const std::vector<Ports> wanted = port == 0 ? std::vector<Ports>{{protocol, 0, 0}}
                                                  : std::vector<Ports>{{protocol, port, 0}, {protocol, 0, port}};
      bool all = true;
      for (std::size_t host = 0; host < flows_.size(); ++host) {
        for (const Family family : families_[host]) {
          for (const Ports& one : wanted) all = all && has(host, hole(family, one));
        }
      }
      if (!all) continue;
      out.push_back({BypassWord::Selector, selector(protocol, port), {}});
      for (std::size_t host = 0; host < flows_.size(); ++host) {
        for (const Family family : families_[host]) {
          for (const Ports& one : wanted) used_.insert({host, hole(family, one)});
        }
      }
    }
  }

  static SelectorSpec selector(std::uint8_t protocol, std::uint16_t port) {
    SelectorSpec out;
    out.protocol_number = protocol;
    out.protocol = std::to_string(protocol);
    out.port = port;
    for (const auto& word : inventory::protocol_words()) {
      if (word.value == protocol) out.protocol = word.text;
    }
    return out;
  }

  void left_over() {
    for (std::size_t host = 0; host < flows_.size(); ++host) {
      if (sources_[host].windows) {
        windows_left_over(host);
        continue;
      }
      for (const HoleSeen& seen : flows_[host].holes) {
        if (used_.contains({host, seen})) continue;
        sink_
            .warning("W8014", seen.where,
                     fmt::format("this lets traffic of '{}' pass in clear in a way that not all hosts have, or that "
                                 "'bypass' cannot say",
                                 sources_[host].name))
            .with_hint("it stays on this host as raw text; add it to 'bypass' if it is meant for all hosts");
        for (const HeldPolicy& held : sources_[host].policies) {
          const spd::Selector& s = held.policy.selector;
          const bool out = held.policy.direction == spd::Direction::Out;
          const HoleSeen here{s.source.family(), s.protocol, s.source_port, s.destination_port, {}};
          if (out && held.policy.action == spd::Action::None && s.destination.length == 0 && here == seen) {
            flows_[host].foreign.push_back(&held);
            answer(host, held);
          }
        }
      }
    }
  }
  /// There is no raw text for it.
  void windows_left_over(std::size_t host) {
    const auto tell = [&](Range where, std::string_view what) {
      sink_
          .warning("W8014", where,
                   fmt::format("{} on '{}' is left out: not all hosts let it pass in clear", what, sources_[host].name))
          .with_hint("add it to 'bypass' if it is meant for all hosts");
    };
    for (const auto& word : inventory::bypass_words()) {
      const bool there = sources_[host].windows->exemptions && is_setting(word.value) &&
                         exempt(*sources_[host].windows, word.value).value_or(false);
      if (there && word.value != BypassWord::Ike && word.value != BypassWord::IcmpErrors &&
          !words_.contains(word.value))
        tell(sources_[host].windows->exemptions->where, fmt::format("the exemption of '{}'", word.text));
    }
    Range last;  // a rule is two holes with IPv6
    for (const HoleSeen& seen : flows_[host].holes) {
      if (used_.contains({host, seen}) || seen.where == last) continue;
      last = seen.where;
      tell(seen.where, "this exemption");
    }
  }

  void answer(std::size_t host, const HeldPolicy& out) {
    const spd::Policy wanted = spd::reversed(out.policy);
    for (const HeldPolicy& held : sources_[host].policies) {
      if (spd::same_key(held.policy, wanted)) flows_[host].foreign.push_back(&held);
    }
  }

  const std::vector<HostSource>& sources_;
  std::vector<HostFlows>& flows_;
  DiagSink& sink_;
  std::vector<std::set<Family>> families_;  // by host
  std::set<BypassWord> words_;              // that stand in the answer
  std::set<std::pair<std::size_t, HoleSeen>> used_;
};

}  // namespace

std::optional<std::vector<BypassEntry>> bypasses_of(const std::vector<HostSource>& sources,
                                                    std::vector<HostFlows>& flows, DiagSink& sink) {
  return Bypasses(sources, flows, sink).run();
}

}  // namespace meshctl::importer
