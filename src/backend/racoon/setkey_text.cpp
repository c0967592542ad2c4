// Policies -> setkey's text.
#include <charconv>
#include <cstdlib>
#include <iterator>

#include "backend/racoon/setkey_file.hpp"

namespace meshctl::racoon {

std::string_view text(SetkeyVerb verb) {
  constexpr std::string_view words[] = {"spdadd", "spdupdate", "spddelete", "spdflush", "spddump", "add", "get",
                                        "getspi", "delete",    "deleteall", "flush",    "dump",    "exit"};
  return words[static_cast<std::size_t>(verb)];
}

void append_number(std::uint64_t value, std::string& out) {
  char digits[20];
  out.append(std::begin(digits), std::to_chars(std::begin(digits), std::end(digits), value).ptr);
}

void append_range(const Prefix& prefix, const spd::Selector& selector, std::uint16_t port, std::string& out) {
  prefix.append_to(out);
  if (port == 0 || selector.has_icmp_type()) return;
  out += '[';
  append_number(port, out);
  out += ']';
}

// Only words that setkey itself knows; all others as numbers, since a host may lack /etc/protocols.
void append_protocol(const spd::Selector& selector, std::string& out) {
  switch (selector.protocol) {
    case spd::kAnyProtocol: out += "any"; return;
    case kTcp: out += "tcp"; return;
    case kIcmp6: out += "icmp6"; break;
    default: append_number(selector.protocol, out);
  }
  if (!selector.has_icmp_type() || (selector.source_port == 0 && selector.destination_port == 0)) return;
  out += ' ';
  append_number(selector.source_port, out);
  out += ',';
  append_number(selector.destination_port, out);
}

void append_priority(std::uint32_t priority, std::string& out) {
  // Borders half way between the bases, as `setkey -DP` prints.
  std::uint32_t base = spd::kPrioDef;
  std::string_view word = "def";
  if (priority < 0x60000000) {
    base = spd::kPrioHigh;
    word = "high";
  } else if (priority >= 0xa0000000) {
    base = spd::kPrioLow;
    word = "low";
  }
  out += word;
  if (priority == base) return;
  out += priority < base ? " + " : " - ";
  append_number(priority < base ? base - priority : priority - base, out);
}

void append_request(const spd::Request& request, std::string& out) {
  out += spd::text(request.transform);
  out += '/';
  out += spd::text(request.encapsulation);
  out += '/';
  if (request.has_endpoints) {
    request.source.append_to(out);
    out += '-';
    request.destination.append_to(out);
  }
  out += '/';
  out += spd::text(request.level);
  if (request.unique != 0) {
    out += ':';
    append_number(request.unique, out);
  }
}

void append_line(const spd::Policy& policy, SetkeyVerb verb, std::string& out) {
  const spd::Selector& selector = policy.selector;
  out += text(verb);
  out += ' ';
  append_range(selector.source, selector, selector.source_port, out);
  out += ' ';
  append_range(selector.destination, selector, selector.destination_port, out);
  out += ' ';
  append_protocol(selector, out);
  out += " -P ";
  out += spd::text(policy.direction);
  if (verb != SetkeyVerb::SpdDelete) {
    out += " prio ";
    append_priority(policy.priority, out);
    out += ' ';
    out += spd::text(policy.action);
    for (const spd::Request& request : policy.requests()) {
      out += ' ';
      append_request(request, out);
    }
  }
  out += ';';
}

}  // namespace meshctl::racoon
