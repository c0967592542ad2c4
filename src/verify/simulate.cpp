// Packets through both ends' policies.
//
// One packet for each pair of policies, one of the sender's and one of the receiver's, with what neither speaks of left
// to values that no policy names. These packets are enough: let some packet fare differently at the two ends, P being
// the policy that decides at the sender and Q at the receiver. The sample of P and Q lies in both, and in no policy
// that the packet does not lie in, so P and Q decide about it as well, and it shows the same difference. Where one end
// has no policy for the packet, the sample of the other's alone does the same.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "verify/compare.hpp"

namespace meshctl::verify {
namespace {

using spd::Action;
using spd::Direction;

struct Packet {
  Reach source, destination;  // Net: the network's own address stands for a packet from it
  std::uint8_t protocol = 0;
  std::uint16_t source_port = 0, destination_port = 0;
};

/// A policy of one end, in the sender's words, with the table it is from.
struct Candidate {
  const Rule* rule = nullptr;
  bool direct = false;
  Reach source, destination;
};

std::vector<Candidate> candidates(const Traffic& traffic, Direction direction, bool turn) {
  std::vector<Candidate> out;
  for (const bool direct : {true, false}) {
    for (const Rule& rule : (direct ? traffic.direct : traffic.general)->list) {
      if (rule.direction != direction) continue;
      out.push_back({&rule, direct, turn ? turned(rule.source) : rule.source,
                     turn ? turned(rule.destination) : rule.destination});
    }
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const Candidate& a, const Candidate& b) { return a.rule->priority < b.rule->priority; });
  return out;
}

/// `inner` as a whole lies in `outer`.
bool covers(const Reach& outer, const Reach& inner) {
  if (outer.kind != Reach::Kind::Net) return outer == inner;
  if (inner.kind != Reach::Kind::Net) return outer.net.length == 0;  // others were put into words as Local and Remote
  return outer.net.length <= inner.net.length && outer.net.contains(inner.net.address);
}

std::optional<Reach> narrower(const Reach& a, const Reach& b) {
  if (covers(a, b)) return b;
  return covers(b, a) ? std::optional(a) : std::nullopt;
}

bool matches(const Candidate& candidate, const Packet& packet) {
  const Rule& rule = *candidate.rule;
  if (rule.protocol != 0 && rule.protocol != packet.protocol) return false;
  if (rule.source_port != 0 && rule.source_port != packet.source_port) return false;
  if (rule.destination_port != 0 && rule.destination_port != packet.destination_port) return false;
  return covers(candidate.source, packet.source) && covers(candidate.destination, packet.destination);
}

const Candidate* winner(const std::vector<Candidate>& list, const Packet& packet) {
  const auto at =
      std::find_if(list.begin(), list.end(), [&](const Candidate& candidate) { return matches(candidate, packet); });
  return at == list.end() ? nullptr : &*at;
}

/// Numbers that no policy of either end names.
struct Fresh {
  std::uint8_t protocol = 253;  // RFC 3692: for experiments
  std::uint16_t port = 47001;
};

Fresh fresh_values(const std::vector<Candidate>& a, const std::vector<Candidate>& b) {
  std::set<unsigned> protocols, ports;
  for (const auto* list : {&a, &b}) {
    for (const Candidate& candidate : *list) {
      protocols.insert(candidate.rule->protocol);
      ports.insert({candidate.rule->source_port, candidate.rule->destination_port});
    }
  }
  Fresh out;
  while (protocols.contains(out.protocol)) --out.protocol;
  while (ports.contains(out.port)) ++out.port;
  return out;
}

/// Neighbour discovery is never forwarded (RFC 4861, 7.1: hop limit 255), so what policies between networks make of it
/// shows on no wire: it is compared between the two ends' own addresses.
bool is_discovery(unsigned protocol, unsigned type) { return protocol == kIcmp6 && type >= 133 && type <= 137; }

std::optional<Packet> sample(const Candidate& a, const Candidate& b, const Fresh& fresh) {
  const auto both = [](unsigned first, unsigned second, unsigned otherwise) -> std::optional<unsigned> {
    if (first != 0 && second != 0 && first != second) return std::nullopt;
    return first != 0 ? first : second != 0 ? second : otherwise;
  };
  const auto source = narrower(a.source, b.source), destination = narrower(a.destination, b.destination);
  const auto protocol = both(a.rule->protocol, b.rule->protocol, fresh.protocol);
  const auto source_port = both(a.rule->source_port, b.rule->source_port, fresh.port);
  const auto destination_port = both(a.rule->destination_port, b.rule->destination_port, fresh.port);
  if (!source || !destination || !protocol || !source_port || !destination_port) return std::nullopt;
  if (is_discovery(*protocol, *source_port) && !a.rule->ends && !b.rule->ends) return std::nullopt;
  return Packet{*source, *destination, static_cast<std::uint8_t>(*protocol), static_cast<std::uint16_t>(*source_port),
                static_cast<std::uint16_t>(*destination_port)};
}

bool protects(const Candidate* candidate) {
  return candidate != nullptr && candidate->rule->action == Action::Ipsec && !candidate->rule->steps.empty();
}

/// The tunnel's far end is neither of the two: these packets never come to the receiver.
bool leads_elsewhere(const Rule& rule) {
  return std::any_of(rule.steps.begin(), rule.steps.end(),
                     [](const Step& step) { return step.tunnel && step.to.kind == Reach::Kind::Net; });
}

bool takes_clear(const Rule& rule) {
  return std::all_of(rule.steps.begin(), rule.steps.end(), [](const Step& step) {
    return step.transform == spd::Transform::Ipcomp || step.level == spd::RequestLevel::Use;
  });
}

std::string words(const Packet& packet, const Fresh& fresh) {
  std::string out = packet.protocol == fresh.protocol ? "packets of any protocol"
                                                      : fmt::format("packets of protocol {}", packet.protocol);
  const auto add = [&](std::uint16_t port, const char* side) {
    if (port != fresh.port) out += fmt::format(" {} port {}", side, port);
  };
  if (packet.protocol == kIcmp || packet.protocol == kIcmp6) {
    return packet.source_port == fresh.port ? out : out + fmt::format(" type {}", packet.source_port);
  }
  add(packet.source_port, "from");
  add(packet.destination_port, "to");
  return out;
}

Mark mark_of(const Candidate* candidate) {
  if (candidate == nullptr) return ike();
  return candidate->direct ? policy(candidate->rule->where) : whole(candidate->rule->where);
}

bool same_steps(const Rule& out, const Rule& in) {
  return std::equal(out.steps.begin(), out.steps.end(), in.steps.begin(), in.steps.end(),
                    [](const Step& a, const Step& b) {
                      return a.transform == b.transform && a.tunnel == b.tunnel &&
                             (!a.tunnel || (a.from == turned(b.from) && a.to == turned(b.to)));
                    });
}

/// What becomes of a packet, as long as both ends do as their policies say.
std::optional<Finding> judge(const Candidate* sent, const Candidate* received, const std::string& packets) {
  const Action action = sent == nullptr ? Action::None : sent->rule->action;
  if (action == Action::Discard)
    return std::nullopt;  // blocked on purpose; the other direction shows whether it is meant
  if (protects(sent) && leads_elsewhere(*sent->rule)) return std::nullopt;
  const bool expects = protects(received);
  const auto fault = [&](std::string_view code, std::string text, std::string hint) {
    return Finding{
        Severity::Error, code, std::move(text), mark_of(sent), mark_of(received), "what the other end has for them",
        std::move(hint)};
  };
  if (!protects(sent)) {
    if (received != nullptr && received->rule->action == Action::Discard) return std::nullopt;
    if (!expects || takes_clear(*received->rule)) return std::nullopt;
    return fault("E7150", fmt::format("{} leave {} in clear, {} drops them", packets, kHere, kThere),
                 "write the same bypasses at both ends");
  }
  if (!expects) {
    return fault("E7151",
                 fmt::format("{} leave {} protected, {} has no such protection for them", packets, kHere, kThere),
                 "write the same bypasses at both ends");
  }
  if (same_steps(*sent->rule, *received->rule)) return std::nullopt;
  return fault("E7152", fmt::format("{} are protected one way at {}, another at {}", packets, kHere, kThere),
               "let the same policies decide at both ends: compare their priorities");
}

/// A protecting policy that no packet ever reaches.
void find_shadows(const std::vector<Candidate>& list, const Fresh& fresh, Findings& out) {
  for (const Candidate& candidate : list) {
    if (!candidate.direct || !protects(&candidate)) continue;
    const auto packet = sample(candidate, candidate, fresh);
    const Candidate* first = packet ? winner(list, *packet) : nullptr;
    if (first == nullptr || first == &candidate || first->rule->priority == candidate.rule->priority) continue;
    if (first->rule->action == Action::Ipsec && first->rule->steps == candidate.rule->steps) continue;
    const bool hole = first->rule->action != Action::Ipsec;
    out.push_back(
        {hole ? Severity::Warning : Severity::Error,
         hole ? "W7154" : "E7153",
         fmt::format("this policy of {} never decides: {} takes all of its packets", kHere,
                     hole ? "a bypass" : "another one with a better priority"),
         policy(candidate.rule->where),
         {},
         {},
         hole ? "narrow the bypass, or leave the policy out" : "give the more specific policy the better priority"});
  }
}

/// Both directions, and the IPsec SAs that they ask for.
Findings compare_policies(const Traffic& a, const Traffic& b) {
  Findings out, back;
  compare_mirrors(a, b, out);
  compare_mirrors(b, a, back);
  for (Finding& finding : back) {
    finding = turned(std::move(finding));
    const auto same = std::find_if(out.begin(), out.end(), [&](const Finding& other) {
      return other.code == finding.code && other.here.spot == finding.here.spot &&
             other.there.spot == finding.there.spot;
    });
    if (same == out.end()) out.push_back(std::move(finding));
  }
  return out;
}

/// IKE passes on Windows whatever its rules say, as it does between daemons. Kinds of ICMP Windows cannot tell apart,
/// so it protects errors that the other end takes either way, and loses those that come in clear: that is known.
bool beyond_windows(const Packet& packet) {
  const auto type = packet.source_port;
  if (packet.protocol == kIcmp) return type == 3 || type == 11 || type == 12;
  if (packet.protocol == kIcmp6) return type >= 1 && type <= 4;
  return packet.protocol == kUdp && type == packet.destination_port && (type == 500 || type == 4500);
}

/// `packet`, as far as the two ends can send it to each other: once for each address or network of a road warrior's.
std::vector<Packet> possible(const std::optional<Packet>& packet, const Traffic& here, const Traffic& there) {
  if (!packet) return {};
  std::vector<Packet> out{*packet};
  const auto narrow = [&](const std::vector<Prefix>& owned, Reach Packet::*side) {
    if (owned.empty()) return;
    std::vector<Packet> narrowed;
    for (const Packet& whole : out) {
      for (const Prefix& net : owned) {
        const auto part = narrower(whole.*side, {Reach::Kind::Net, net});
        if (part) narrowed.emplace_back(whole).*side = *part;
      }
    }
    out = std::move(narrowed);
  };
  narrow(here.owned, &Packet::source);
  narrow(there.owned, &Packet::destination);
  return out;
}

}  // namespace

void simulate_packets(const Traffic& here, const Traffic& there, Findings& out) {
  const bool windows = here.check == Check::Windows || there.check == Check::Windows;
  const auto sender = candidates(here, Direction::Out, false);
  const auto receiver = candidates(there, Direction::In, true);
  const Fresh fresh = fresh_values(sender, receiver);
  find_shadows(sender, fresh, out);
  std::set<std::array<const Rule*, 2>> seen;
  const auto send_one = [&](const Packet& packet) {
    if (windows && beyond_windows(packet)) return;
    const Candidate* sent = winner(sender, packet);
    const Candidate* received = winner(receiver, packet);
    const std::array<const Rule*, 2> rules{sent != nullptr ? sent->rule : nullptr,
                                           received != nullptr ? received->rule : nullptr};
    if (!seen.insert(rules).second) return;
    if (auto fault = judge(sent, received, words(packet, fresh))) out.push_back(std::move(*fault));
  };
  const auto send = [&](const std::optional<Packet>& packet) {
    for (const Packet& one : possible(packet, here, there)) send_one(one);
  };
  for (const Candidate& a : sender) {
    for (const Candidate& b : receiver) send(sample(a, b, fresh));
    send(sample(a, a, fresh));
  }
  for (const Candidate& b : receiver) send(sample(b, b, fresh));
}

Findings compare_traffic(const Traffic& a, const Traffic& b) {
  Findings out = compare_policies(a, b);
  if (!out.empty()) return out;  // packets would only show the same once more
  if (a.general->unsaid || b.general->unsaid) return out;
  Findings back;
  simulate_packets(a, b, out);
  simulate_packets(b, a, back);
  for (Finding& finding : back) out.push_back(turned(std::move(finding)));
  return out;
}

}  // namespace meshctl::verify
