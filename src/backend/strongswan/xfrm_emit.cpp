#include <fmt/format.h>

#include "backend/strongswan/names.hpp"
#include "backend/strongswan/xfrm.hpp"

namespace meshctl::strongswan {
namespace {

// ip-xfrm's word for a level; what is not `use` blocks until there is an SA.
std::string_view level_word(spd::RequestLevel level) { return level == spd::RequestLevel::Use ? "use" : "required"; }

// ip(8) prints and takes host prefixes with their length; writing it makes the line comparable with what is read back.
void append_prefix(const Prefix& prefix, std::string& out) {
  prefix.address.append_to(out);
  out += '/';
  append_number(prefix.length, out);
}

void append_ports(const XfrmPolicy& policy, std::string& out) {
  const auto put = [&out](std::string_view word, std::uint32_t number) {
    out += word;
    append_number(number, out);
  };
  const auto& selector = policy.policy.selector;
  if (policy.icmp_type != kAnyIcmp) put(" type ", static_cast<std::uint32_t>(policy.icmp_type));
  if (policy.icmp_code != kAnyIcmp) put(" code ", static_cast<std::uint32_t>(policy.icmp_code));
  if (selector.source_port != 0) put(" sport ", selector.source_port);
  if (selector.destination_port != 0) put(" dport ", selector.destination_port);
}

// ip's word where it is not the one of the RFCs.
std::string_view protocol_word(spd::Transform transform) {
  return transform == spd::Transform::Ipcomp ? std::string_view("comp") : spd::text(transform);
}

void append_request(const spd::Request& request, std::uint32_t reqid, std::string& out) {
  out += " tmpl";
  if (request.has_endpoints) {
    out += " src ";
    request.source.append_to(out);
    out += " dst ";
    request.destination.append_to(out);
  }
  out += " proto ";
  out += protocol_word(request.transform);
  out += " reqid ";
  append_number(reqid, out);
  out += " mode ";
  out += spd::text(request.encapsulation);
  out += " level ";
  out += level_word(request.level);
}

}  // namespace

// The key (selector, direction and mark) comes first, so that a deletion is the line up to " priority".
void append_line(const XfrmPolicy& policy, std::string& out) {
  const auto& selector = policy.policy.selector;
  out += "xfrm policy update src ";
  append_prefix(selector.source, out);
  out += " dst ";
  append_prefix(selector.destination, out);
  if (selector.protocol != spd::kAnyProtocol) {
    out += " proto ";
    append_number(selector.protocol, out);
    append_ports(policy, out);
  }
  out += " dir ";
  out += spd::text(policy.policy.direction);
  if (policy.mark.mask != 0) {
    out += policy.mark.value == 0 ? " mark 0 mask 0x" : " mark 0x";
    if (policy.mark.value != 0) out += fmt::format("{:x} mask 0x", policy.mark.value);
    out += fmt::format("{:x}", policy.mark.mask);
  }
  out += " priority ";
  append_number(policy.policy.priority, out);
  if (policy.policy.action == spd::Action::Discard) out += " action block";
  if (policy.policy.action == spd::Action::None) out += " action allow";
  for (const auto& request : policy.policy.requests()) append_request(request, policy.reqid, out);
}

}  // namespace meshctl::strongswan
