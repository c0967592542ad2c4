// A host's policies -> what it does with which traffic: pairs of policies, out and in, as one flow each.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "import/source.hpp"
#include "inventory/vocabulary.hpp"
#include "mesh/hostplan.hpp"

namespace meshctl::importer {

/// One flow as the old host has it. `shape` has all but the pair, selector and rank.
struct FlowSeen {
  Flow shape;
  Mode mode = Mode::Transport;
  Level level = Level::Require;
  Protect protect = Protect::Esp;
  bool ipcomp = false;
  int priority = 0;                 // as `priority:` says it; 0 for what setkey's own words say
  AddressPair outer;                // unspecified for flows without IPsec
  const HeldPolicy* out = nullptr;  // owned by the HostSource
};

/// `none` between everywhere, or the host itself, and everywhere or one net, in both directions.
struct HoleSeen {
  Family family = Family::V4;
  std::uint8_t protocol = 0;
  std::uint16_t source_port = 0;  // of packets that go out; ICMP: type and code
  std::uint16_t destination_port = 0;
  Range where;
  std::optional<Prefix> remote = std::nullopt;  // nullopt: everywhere
  friend bool operator<(const HoleSeen& x, const HoleSeen& y);
  friend bool operator==(const HoleSeen& x, const HoleSeen& y);
};

struct HostFlows {
  std::vector<FlowSeen> flows;  // in the order of the files
  std::vector<HoleSeen> holes;  // sorted
  /// No such pair, or of a form that the language does not have. They are carried.
  std::vector<const HeldPolicy*> foreign;
};

HostFlows flows_of(const HostSource& source, DiagSink& sink);

/// W8002, and the policy as a command in the host's raw text.
void carry_policy(const HeldPolicy& held, std::string_view why, HostSource& source, DiagSink& sink);

}  // namespace meshctl::importer
