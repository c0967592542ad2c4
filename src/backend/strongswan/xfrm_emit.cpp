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

void append_ports(const spd::Selector& selector, std::string& out) {
  if (selector.has_icmp_type()) {
    if (selector.source_port == 0) return;
    out += " type ";
    append_number(selector.source_port, out);
    return;
  }
  if (selector.source_port != 0) {
    out += " sport ";
    append_number(selector.source_port, out);
  }
  if (selector.destination_port != 0) {
    out += " dport ";
    append_number(selector.destination_port, out);
  }
}

void append_request(const spd::Request& request, std::uint32_t reqid, std::string& out) {
  out += " tmpl";
  if (request.has_endpoints) {
    out += " src ";
    request.source.append_to(out);
    out += " dst ";
    request.destination.append_to(out);
  }
  out += " proto esp reqid ";
  append_number(reqid, out);
  out += " mode ";
  out += spd::text(request.encapsulation);
  out += " level ";
  out += level_word(request.level);
}

}  // namespace

// The key (selector and direction) comes first, so that a deletion is the line up to " priority".
void append_line(const XfrmPolicy& policy, std::string& out) {
  const auto& selector = policy.policy.selector;
  out += "xfrm policy update src ";
  append_prefix(selector.source, out);
  out += " dst ";
  append_prefix(selector.destination, out);
  if (selector.protocol != spd::kAnyProtocol) {
    out += " proto ";
    append_number(selector.protocol, out);
    append_ports(selector, out);
  }
  out += " dir ";
  out += spd::text(policy.policy.direction);
  out += " priority ";
  append_number(policy.policy.priority, out);
  if (policy.policy.action == spd::Action::Discard) out += " action block";
  if (policy.policy.action == spd::Action::None) out += " action allow";
  for (const auto& request : policy.policy.requests()) append_request(request, policy.reqid, out);
}

}  // namespace meshctl::strongswan
