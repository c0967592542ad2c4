// Does every policy that asks for IPsec have its counterpart, and does that ask for the same?
#include <fmt/core.h>

#include <algorithm>

#include "verify/compare.hpp"

namespace meshctl::verify {
namespace {

using spd::Action;
using spd::Direction;
using spd::RequestLevel;

bool protects(const Rule& rule) { return rule.action == Action::Ipsec && !rule.steps.empty(); }

/// out meets in; fwd is made from in by the kernel's tools, and checked with it.
bool opposite(Direction here, Direction there) {
  return here == Direction::Out ? there == Direction::In : here == Direction::In && there == Direction::Out;
}

bool same_packets(const Rule& here, const Rule& there) {
  return here.source == turned(there.source) && here.destination == turned(there.destination) &&
         here.protocol == there.protocol && here.source_port == there.source_port &&
         here.destination_port == there.destination_port;
}

bool nets_meet(const Reach& a, const Reach& b) {
  if (a.kind != Reach::Kind::Net || b.kind != Reach::Kind::Net)
    return a.kind == b.kind || a.kind == Reach::Kind::Net || b.kind == Reach::Kind::Net;
  return a.net.contains(b.net.address) || b.net.contains(a.net.address);
}

/// Meant to be about the same packets: the networks meet, and so do protocols and ports.
bool near(const Rule& here, const Rule& there) {
  const auto meet = [](unsigned a, unsigned b) { return a == 0 || b == 0 || a == b; };
  return nets_meet(here.source, turned(there.source)) && nets_meet(here.destination, turned(there.destination)) &&
         (meet(here.protocol, there.protocol) || here.steps == there.steps);
}

std::string net_text(const Reach& reach, std::string_view local, std::string_view remote) {
  if (reach.kind == Reach::Kind::Local) return std::string(local);
  return reach.kind == Reach::Kind::Remote ? std::string(remote) : reach.net.text();
}

std::string words(const Rule& rule, std::string_view local, std::string_view remote) {
  const auto port = [](std::uint16_t number) { return number == 0 ? std::string() : fmt::format("[{}]", number); };
  std::string service = rule.protocol == 0 ? "any protocol" : fmt::format("protocol {}", rule.protocol);
  if (rule.typed) service += fmt::format(" type {}, code {}", rule.source_port, rule.destination_port);
  return fmt::format("{}{} to {}{}, {}", net_text(rule.source, local, remote), rule.typed ? "" : port(rule.source_port),
                     net_text(rule.destination, local, remote), rule.typed ? "" : port(rule.destination_port), service);
}

std::string words(const std::vector<Step>& steps) {
  std::string out;
  for (const Step& step : steps) {
    out += fmt::format("{}{} in {} mode", out.empty() ? "" : " and ", spd::text(step.transform),
                       step.tunnel ? "tunnel" : "transport");
  }
  return out;
}

Finding about(std::string_view code, std::string text, const Rule& here, const Rule* there, std::string hint) {
  return {Severity::Error,
          code,
          std::move(text),
          policy(here.where),
          there != nullptr ? policy(there->where) : ike(),
          there != nullptr ? "the policy at the other end" : "the other end's IKE settings for this peer",
          std::move(hint)};
}

bool strict(RequestLevel level) { return level != RequestLevel::Use; }

/// The two policies are about the same packets: do they ask for the same?
void compare_steps(const Rule& here, const Rule& there, Findings& out) {
  if (there.action != Action::Ipsec || there.steps.empty()) {
    const char* fate = there.action == Action::Discard ? "discards them" : "passes them in clear";
    out.push_back(about("E7133", fmt::format("{} protects these packets, {} {}", kHere, kThere, fate), here, &there,
                        "make both policies `ipsec`"));
    return;
  }
  const auto transforms = [](const Rule& rule) {
    std::vector<std::pair<spd::Transform, bool>> list;
    for (const Step& step : rule.steps) list.emplace_back(step.transform, step.tunnel);
    return list;
  };
  if (transforms(here) != transforms(there)) {
    out.push_back(about("E7134",
                        fmt::format("{} asks for {}, {} for {}", kHere, words(here.steps), kThere, words(there.steps)),
                        here, &there, "ask for the same protocols and modes in the same order at both ends"));
    return;
  }
  for (std::size_t i = 0; i < here.steps.size(); ++i) {
    const Step& a = here.steps[i];
    const Step& b = there.steps[i];
    if (a.tunnel && (a.from != turned(b.from) || a.to != turned(b.to))) {
      out.push_back(about(
          "E7135",
          fmt::format("the tunnel's end points differ: {}-{} against {}-{}", net_text(a.from, kHere, kThere),
                      net_text(a.to, kHere, kThere), net_text(b.from, kThere, kHere), net_text(b.to, kThere, kHere)),
          here, &there, "the packet's own direction counts: sender's gateway first, at both ends"));
    }
    // Small packets are not compressed, so what comes in may always lack it.
    if (a.transform != spd::Transform::Ipcomp && strict(a.level) != strict(b.level)) {
      out.push_back(about("E7136",
                          fmt::format("the level differs: '{}' at {}, '{}' at {}: one end sends in clear what the "
                                      "other drops or need not accept",
                                      spd::text(a.level), kHere, spd::text(b.level), kThere),
                          here, &there, "write one level at both ends"));
    }
  }
}

void compare_forwarding(const Rule& rule, const Rule& there, Findings& out) {
  if (rule.forwarded == Forwarded::Same) return;
  const bool none = rule.forwarded == Forwarded::Nothing;
  out.push_back(about("E7137",
                      none ? fmt::format("{} takes in clear what claims to come from {} for the net behind it: it has "
                                         "no fwd policy beside this one",
                                         kHere, kThere)
                           : fmt::format("the fwd policy of {} for what comes from {} asks for something else than "
                                         "this one",
                                         kHere, kThere),
                      rule, &there, "write a fwd policy with the same selector and templates as the in policy"));
}

const Rule* mirror_of(const Rule& rule, const Traffic& there) {
  const auto at = std::find_if(there.direct->list.begin(), there.direct->list.end(),
                               [&](const Rule& other) { return mirrored(rule, other); });
  return at == there.direct->list.end() ? nullptr : &*at;
}

/// Nothing stands there for these packets. What stands there instead?
Finding missing(const Rule& rule, const Traffic& here, const Traffic& there) {
  const std::string packets = words(rule, kHere, kThere);
  for (const Rule& other : there.direct->list) {
    if (other.direction != rule.direction || !same_packets(rule, other)) continue;
    return about("E7131",
                 fmt::format("in and out are swapped: both ends have '{}' for {}", spd::text(rule.direction), packets),
                 rule, &other, "what one end sends `out` comes `in` at the other");
  }
  for (const Rule& other : there.direct->list) {
    if (!opposite(rule.direction, other.direction) || !near(rule, other) || mirror_of(other, here) != nullptr) continue;
    return about(
        "E7132",
        fmt::format("the selectors differ: {} at {}, {} at {}", packets, kHere, words(other, kThere, kHere), kThere),
        rule, &other, "write the same networks, protocol and ports at both ends");
  }
  for (const Rule& other : there.general->list) {
    if (!opposite(rule.direction, other.direction) || !protects(other) || other.protocol != rule.protocol) continue;
    if (!near(rule, other)) continue;
    Finding wide =
        about("E7132", fmt::format("{} has a policy for {}, {} only one for a whole network", kHere, packets, kThere),
              rule, &other, "write the same networks, protocol and ports at both ends");
    wide.there = whole(other.where);
    return wide;
  }
  return about("E7130",
               fmt::format("{} has no policy for {} ('{}' at {})", kThere, packets, spd::text(rule.direction), kHere),
               rule, nullptr, fmt::format("add the mirrored policy at {}, or delete this one", kThere));
}

}  // namespace

Reach turned(const Reach& reach) {
  switch (reach.kind) {
    case Reach::Kind::Local: return {Reach::Kind::Remote, {}};
    case Reach::Kind::Remote: return {Reach::Kind::Local, {}};
    case Reach::Kind::Net: return reach;
  }
  return reach;
}

bool mirrored(const Rule& here, const Rule& there) {
  return opposite(here.direction, there.direction) && same_packets(here, there);
}

void compare_mirrors(const Traffic& here, const Traffic& there, Findings& out) {
  for (const Rule& rule : here.direct->list) {
    if (!protects(rule) || rule.direction == Direction::Fwd) continue;
    const Rule* at = mirror_of(rule, there);
    if (at == nullptr) {
      out.push_back(missing(rule, here, there));
      continue;
    }
    compare_steps(rule, *at, out);
    compare_forwarding(rule, *at, out);
    if (rule.child == 0 || at->child == 0) continue;
    if (rule.direction != Direction::Out) continue;  // one SA pair serves both directions
    negotiate_child(here.children->list[rule.child - 1U], there.children->list[at->child - 1U], rule, there.check, out);
  }
}

}  // namespace meshctl::verify
