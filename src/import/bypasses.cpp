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
  const std::uint8_t icmp = v4 ? kIcmp : kIcmp6;
  std::vector<Ports> out;
  switch (word) {
    case BypassWord::Nd:
      for (std::uint16_t type = 133; !v4 && type <= 137; ++type) out.push_back({icmp, type, 0});
      break;
    case BypassWord::IcmpErrors:
      for (const int type : v4 ? std::vector<int>{3, 11, 12} : std::vector<int>{1, 2, 3, 4})
        out.push_back({icmp, static_cast<std::uint16_t>(type), 0});
      break;
    case BypassWord::Ike: out = {{kUdp, 500, 500}, {kUdp, 4500, 4500}}; break;
    case BypassWord::Icmp: out = {{icmp, 0, 0}}; break;
    case BypassWord::Dhcp:
      out = v4 ? std::vector<Ports>{{kUdp, 68, 67}, {kUdp, 67, 68}}
               : std::vector<Ports>{{kUdp, 546, 547}, {kUdp, 547, 546}};
      break;
    case BypassWord::SshController: out = {{kTcp, 22, 0}}; break;
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
    peers(out);
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
      if (sources_[host].windows && word == BypassWord::SshController) continue;  // as for ports()
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

  /// A port that all hosts serve, in all their families, or a whole protocol. A client of everybody cannot be said:
  /// whoever sends from that port reaches every port of it. A Windows host needs no rule for a port of everybody.
  void ports(std::vector<BypassEntry>& out) {
    std::set<std::pair<std::uint8_t, std::uint16_t>> candidates;
    for (std::size_t host = 0; host < flows_.size(); ++host) {
      for (const HoleSeen& seen : flows_[host].holes) {
        if (seen.protocol == 0 || used_.contains({host, seen}) || seen.destination_port != 0 || seen.remote) continue;
        candidates.insert({seen.protocol, seen.source_port});
      }
    }
    for (const auto& [protocol, port] : candidates) {
      if (port != 0 && !inventory::has_ports(protocol)) continue;
      const auto wanted = [&](Family family) { return hole(family, {protocol, port, 0}); };
      bool all = true;
      for (std::size_t host = 0; host < flows_.size(); ++host) {
        if (port != 0 && sources_[host].windows) continue;
        for (const Family family : families_[host]) all = all && has(host, wanted(family));
      }
      if (!all) continue;
      out.push_back({BypassWord::Selector, selector(protocol, port), {}});
      for (std::size_t host = 0; host < flows_.size(); ++host) {
        for (const Family family : families_[host]) used_.insert({host, wanted(family)});
      }
    }
  }

  /// One entry for what all hosts have towards the same addresses and networks.
  void peers(std::vector<BypassEntry>& out) {
    using Port = std::tuple<std::uint8_t, std::uint16_t, std::uint16_t>;
    std::map<Port, std::set<Prefix>> entries;
    for (const HostFlows& host : flows_) {
      for (const HoleSeen& seen : host.holes) {
        const bool one_port = seen.source_port == 0 || seen.destination_port == 0;
        const bool plain = seen.protocol != 0 && (one_port || inventory::has_ports(seen.protocol));
        if (!seen.remote || !one_port || !plain || !on_all(seen)) continue;
        entries[{seen.protocol, seen.source_port, seen.destination_port}].insert(*seen.remote);
      }
    }
    for (const auto& [port, nets] : entries) {
      const auto& [protocol, source, destination] = port;
      BypassEntry entry{BypassWord::Selector, selector(protocol, std::max(source, destination)), {}};
      if (protocol == kTcp && source == 22) entry = {BypassWord::SshController, {}, {}};
      if (destination != 0) entry.role = BypassRole::Client;
      entry.peers.assign(nets.begin(), nets.end());
      out.push_back(std::move(entry));
    }
    for (std::size_t host = 0; host < flows_.size(); ++host) {
      for (const HoleSeen& seen : flows_[host].holes) {
        const auto entry = entries.find({seen.protocol, seen.source_port, seen.destination_port});
        if (seen.remote && entry != entries.end() && entry->second.contains(*seen.remote)) used_.insert({host, seen});
      }
    }
  }

  /// On all that use the family; Windows has rules for its links alone.
  [[nodiscard]] bool on_all(const HoleSeen& wanted) const {
    for (std::size_t host = 0; host < flows_.size(); ++host) {
      if (!sources_[host].windows && families_[host].contains(wanted.family) && !has(host, wanted)) return false;
    }
    return true;
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
          HoleSeen here{s.source.family(), s.protocol, s.source_port, s.destination_port, {}};
          if (s.destination.length != 0) here.remote = s.destination;
          if (out && held.policy.action == spd::Action::None && here == seen) {
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

/// What a bypass can say: one port at most, and no type of ICMP, in clear. All else is a link's, and shows which nets
/// are.
bool could_be_hole(const Flow& shape) {
  return shape.action == FlowAction::None && shape.local.is_host() && shape.icmp_type == kAnyIcmp &&
         (shape.local_port == 0 || shape.remote_port == 0);
}

}  // namespace

void take_bypass_peers(std::vector<HostFlows>& flows) {
  std::set<Address> hosts;
  std::vector<Prefix> nets;  // of links
  for (const HostFlows& host : flows) {
    for (const FlowSeen& flow : host.flows) {
      hosts.insert(flow.shape.local.address);
      if (could_be_hole(flow.shape)) continue;
      nets.push_back(flow.shape.remote);
      if (flow.shape.action == FlowAction::Protect)
        hosts.insert({flow.outer.local, flow.outer.remote, flow.shape.remote.address});  // inner ones, too
    }
  }
  for (HostFlows& host : flows) {
    const auto is_hole = [&](const FlowSeen& flow) {
      const Flow& shape = flow.shape;
      if (!could_be_hole(shape)) return false;
      if (shape.remote.is_host() && hosts.contains(shape.remote.address)) return false;
      return std::none_of(nets.begin(), nets.end(), [&](const Prefix& net) {
        return !net.is_host() && net.length != 0 && net.overlaps(shape.remote);
      });
    };
    for (const FlowSeen& flow : host.flows) {
      if (!is_hole(flow)) continue;
      HoleSeen seen{flow.shape.local.family(), flow.shape.protocol, flow.shape.local_port, flow.shape.remote_port,
                    flow.out->where};
      seen.remote = flow.shape.remote;
      host.holes.push_back(seen);
    }
    std::erase_if(host.flows, is_hole);
    std::sort(host.holes.begin(), host.holes.end());
    host.holes.erase(std::unique(host.holes.begin(), host.holes.end()), host.holes.end());
  }
}

std::optional<std::vector<BypassEntry>> bypasses_of(const std::vector<HostSource>& sources,
                                                    std::vector<HostFlows>& flows, DiagSink& sink) {
  return Bypasses(sources, flows, sink).run();
}

}  // namespace meshctl::importer
