#include "verify/windows_holes.hpp"

namespace meshctl::verify {
namespace {

class Holes {
 public:
  explicit Holes(Family family) : family_(family) {}

  void settings(const windows::Exemptions& exempt) {
    where_ = place(exempt.where);
    const bool v6 = family_ == Family::V6;
    constexpr std::uint16_t kFirst = 133, kLast = 137;  // RFC 4861: router solicitation to redirect
    for (std::uint16_t type = kFirst; v6 && exempt.neighbor_discovery && type <= kLast; ++type)
      add(kIcmp6, type, 0, true);
    if (exempt.icmp) add(v6 ? kIcmp6 : kIcmp, 0, 0, false);
    if (!exempt.dhcp) return;
    const std::uint16_t client = v6 ? 546 : 68, server = v6 ? 547 : 67;
    add(kUdp, client, server, false);
    add(kUdp, server, client, false);
  }

  /// Ranges of ports do not come: they are many holes, and `bypass` has none.
  void rule(const windows::MachineRule& from) {
    where_ = place(from.where);
    const windows::Ports any{{0, 0}};
    for (const windows::PortSpan& one : from.rule.port1.empty() ? any : from.rule.port1) {
      for (const windows::PortSpan& other : from.rule.port2.empty() ? any : from.rule.port2) {
        if (one.low == one.high && other.low == other.high)
          add(from.rule.protocol.value_or(0), one.low, other.low, false);
      }
    }
  }

  Rules take() { return std::move(out_); }

 private:
  static Spot place(const Range& range) {
    return {static_cast<std::uint16_t>(range.file), static_cast<std::int32_t>(range.line)};
  }

  void add(std::uint8_t protocol, std::uint16_t source, std::uint16_t destination, bool typed) {
    Rule rule;
    rule.source = rule.destination = {Reach::Kind::Net, Prefix::all(family_)};
    rule.action = spd::Action::None;
    rule.protocol = protocol;
    rule.source_port = source;
    rule.destination_port = destination;
    rule.typed = typed;
    rule.where = where_;
    out_.list.push_back(rule);
    if (!typed) std::swap(rule.source_port, rule.destination_port);
    rule.direction = spd::Direction::In;
    out_.list.push_back(std::move(rule));
  }

  Family family_;
  Spot where_;
  Rules out_;
};

}  // namespace

Rules windows_holes(const windows::Machine& machine, const std::vector<const windows::MachineRule*>& everywhere,
                    Family family) {
  Holes holes(family);
  if (machine.exemptions) holes.settings(*machine.exemptions);
  for (const windows::MachineRule* rule : everywhere) holes.rule(*rule);
  Rules out = holes.take();
  out.unsaid = !machine.exemptions;
  return out;
}

}  // namespace meshctl::verify
