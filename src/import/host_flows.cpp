#include "import/host_flows.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "backend/racoon/host_files.hpp"
#include "backend/racoon/setkey_file.hpp"
#include "mesh/flows.hpp"

namespace meshctl::importer {
namespace {

using spd::Direction;

auto key_of(const HoleSeen& h) { return std::tie(h.family, h.protocol, h.source_port, h.destination_port, h.remote); }

/// From a host (its link-local addresses too), or from anywhere, to everywhere.
bool to_everywhere(const spd::Selector& selector) {
  const Prefix& source = selector.source;
  return (source.length == 0 || source.is_host() || source.address.link_local()) && selector.destination.length == 0;
}

int strictness(Level level) { return level == Level::Use ? 0 : level == Level::Require ? 1 : 2; }

Level level_of(spd::RequestLevel level) {
  switch (level) {
    case spd::RequestLevel::Use: return Level::Use;
    case spd::RequestLevel::Unique: return Level::Unique;
    case spd::RequestLevel::Default:
    case spd::RequestLevel::Require: break;
  }
  return Level::Require;
}

/// `priority:` of a policy that meshctl numbered: each step of it moves by so much. What setkey's own words say without
/// an offset, or far from `def`, says nothing about other links.
int priority_of(std::uint32_t stored) {
  const std::uint32_t step = rank_of(Selector{}, 0, 0, 0) - rank_of(Selector{}, 1, 0, 0);
  const std::uint32_t base = stored < spd::kPrioHigh - kHoleRank / 2 ? racoon::kInnerPriority : spd::kPrioDef;
  const std::int64_t above = std::int64_t{base} - stored;  // `def + above`, or `high + 200000000 + above`
  if (above <= 0) {
    const auto steps = (-above + step) / step;
    return above == 0 || steps > 100 ? 0 : -static_cast<int>(steps);
  }
  const auto steps = (above - 1) / step;
  return steps > 100 ? 0 : static_cast<int>(steps);
}

class FlowReader {
 public:
  FlowReader(const HostSource& source, DiagSink& sink) : source_(source), sink_(sink) {
    for (const HeldPolicy& held : source.policies) by_key_[{held.policy.selector, held.policy.direction}] = &held;
  }

  HostFlows run() {
    for (const HeldPolicy& held : source_.policies) {
      if (used_.contains(&held)) continue;
      if (held.policy.direction == Direction::Fwd) {
        forwarded(held);
      } else if (held.policy.direction == Direction::Out) {
        outward(held);
      }
    }
    for (const HeldPolicy& held : source_.policies) {
      if (!used_.contains(&held)) out_.foreign.push_back(&held);
    }
    // A gateway has one for each of its own addresses.
    std::sort(out_.holes.begin(), out_.holes.end());
    out_.holes.erase(std::unique(out_.holes.begin(), out_.holes.end()), out_.holes.end());
    return std::move(out_);
  }

 private:
  const HeldPolicy* find(const spd::Policy& policy) const {
    const auto found = by_key_.find({policy.selector, policy.direction});
    return found == by_key_.end() ? nullptr : found->second;
  }

  /// Linux makes one of each `in` by itself.
  void forwarded(const HeldPolicy& held) {
    spd::Policy in = held.policy;
    in.direction = Direction::In;
    const HeldPolicy* found = find(in);
    if (found != nullptr && found->policy.action == held.policy.action) used_.insert(&held);
  }

  void outward(const HeldPolicy& out) {
    const HeldPolicy* in = find(spd::reversed(out.policy));
    if (in == nullptr || in->policy.action != out.policy.action) return;
    if (to_everywhere(out.policy.selector)) {
      if (out.policy.action != spd::Action::None) return;
      const spd::Selector& s = out.policy.selector;
      out_.holes.push_back({s.source.family(), s.protocol, s.source_port, s.destination_port, out.where});
    } else if (!flow(out, *in)) {
      return;
    }
    used_.insert(&out);
    used_.insert(in);
  }

  bool flow(const HeldPolicy& out, const HeldPolicy& in) {
    const spd::Policy& policy = out.policy;
    const spd::Selector& selector = policy.selector;
    FlowSeen seen;
    seen.out = &out;
    seen.shape.local = selector.source;
    seen.shape.remote = selector.destination;
    seen.shape.protocol = selector.protocol;
    if (selector.has_icmp_type()) {
      // To setkey a type of 0 is every type.
      if (selector.source_port != 0) seen.shape.icmp_type = static_cast<std::int16_t>(selector.source_port);
      if (selector.source_port != 0 && selector.destination_port != 0)
        seen.shape.icmp_code = static_cast<std::int16_t>(selector.destination_port);
    } else {
      seen.shape.local_port = selector.source_port;
      seen.shape.remote_port = selector.destination_port;
    }
    seen.priority = priority_of(policy.priority);
    switch (policy.action) {
      case spd::Action::None: seen.shape.action = FlowAction::None; break;
      case spd::Action::Discard: seen.shape.action = FlowAction::Discard; break;
      case spd::Action::Ipsec:
        if (!protection(out, in, seen)) return false;
        break;
    }
    out_.flows.push_back(seen);
    return true;
  }

  /// [ipcomp] [esp] [ah], the first of them with the tunnel's ends if there is a tunnel; the same inwards.
  bool protection(const HeldPolicy& out, const HeldPolicy& in, FlowSeen& seen) {
    bool esp = false;
    bool ah = false;
    bool first = true;
    bool first_level = true;
    for (const spd::Request& request : out.policy.requests()) {
      const bool repeated = ah || (esp && request.transform != spd::Transform::Ah) ||
                            (seen.ipcomp && request.transform == spd::Transform::Ipcomp);
      if (repeated || (!first && request.encapsulation == spd::Encapsulation::Tunnel)) return false;
      (request.transform == spd::Transform::Esp  ? esp
       : request.transform == spd::Transform::Ah ? ah
                                                 : seen.ipcomp) = true;
      if (request.encapsulation == spd::Encapsulation::Tunnel) {
        seen.mode = Mode::Tunnel;
        seen.outer = {request.source, request.destination};
      }
      if (request.transform != spd::Transform::Ipcomp) stricter(request.level, first_level, seen.level);
      first = false;
    }
    if (!esp && !ah) return false;
    seen.protect = esp && ah ? Protect::EspAh : esp ? Protect::Esp : Protect::Ah;
    if (!mirrored(out, in, seen)) return false;
    if (seen.mode == Mode::Transport) {
      if (!seen.shape.local.is_host() || !seen.shape.remote.is_host()) return false;
      seen.outer = {seen.shape.local.address, seen.shape.remote.address};
    }
    return true;
  }

  static void stricter(spd::RequestLevel found, bool& first, Level& into) {
    if (first || strictness(level_of(found)) > strictness(into)) into = level_of(found);
    first = false;
  }

  bool mirrored(const HeldPolicy& out, const HeldPolicy& in, FlowSeen& seen) {
    const spd::Policy wanted = spd::reversed(out.policy);
    if (wanted.request_count != in.policy.request_count) return false;
    Level inward = Level::Use;
    bool first = true;
    for (std::size_t i = 0; i < wanted.request_count; ++i) {
      const spd::Request& want = wanted.request[i];
      const spd::Request& have = in.policy.request[i];
      if (std::tie(want.transform, want.encapsulation) != std::tie(have.transform, have.encapsulation)) return false;
      const bool tunnel = want.encapsulation == spd::Encapsulation::Tunnel;
      if (tunnel && std::tie(want.source, want.destination) != std::tie(have.source, have.destination)) return false;
      if (want.transform != spd::Transform::Ipcomp) stricter(have.level, first, inward);
    }
    if (inward == seen.level) return true;
    sink_
        .warning("W8010", in.where,
                 fmt::format("inwards this traffic has level {}, outwards {}: the stricter is taken", text(inward),
                             text(seen.level)))
        .note(out.where, "outwards it is here")
        .with_hint("write 'level: use' on the link while one of its ends has no IPsec yet");
    if (strictness(inward) > strictness(seen.level)) seen.level = inward;
    return true;
  }

  const HostSource& source_;
  DiagSink& sink_;
  HostFlows out_;
  std::map<std::pair<spd::Selector, Direction>, const HeldPolicy*> by_key_;
  std::set<const HeldPolicy*> used_;
};

}  // namespace

bool operator<(const HoleSeen& x, const HoleSeen& y) { return key_of(x) < key_of(y); }
bool operator==(const HoleSeen& x, const HoleSeen& y) { return key_of(x) == key_of(y); }

HostFlows flows_of(const HostSource& source, DiagSink& sink) { return FlowReader(source, sink).run(); }

void carry_policy(const HeldPolicy& held, std::string_view why, HostSource& source, DiagSink& sink) {
  sink.warning("W8002", held.where, fmt::format("{}: it is kept as raw text", why))
      .with_hint("look at 'raw: {setkey: …}' of the host, and take it out if it is not needed");
  racoon::append_line(held.policy, racoon::SetkeyVerb::SpdUpdate, source.raw_setkey);
  source.raw_setkey += '\n';
}

}  // namespace meshctl::importer
