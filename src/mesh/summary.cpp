#include <fmt/format.h>

#include "mesh/mesh.hpp"

namespace meshctl {
namespace {

void append_port(std::string& out, std::uint16_t port) { out += port == 0 ? "any" : fmt::format_int(port).str(); }

/// " 6[any-5432]": protocol number, then the ports of the end that sorts first and of the other.
void append_selector(std::string& out, const Selector& selector) {
  out += ' ';
  out += selector.protocol == 0 ? "any" : fmt::format_int(unsigned{selector.protocol}).str();
  if (selector.a_port == 0 && selector.b_port == 0) return;
  out += '[';
  append_port(out, selector.a_port);
  out += '-';
  append_port(out, selector.b_port);
  out += ']';
}

}  // namespace

std::string summary(const Terms& terms) {
  const Terms defaults;
  std::string out =
      fmt::format("{} {} esp {} ikev{} {} {}", text(terms.mode), text(terms.level), text(terms.proposals.esp),
                  static_cast<int>(terms.ike_version), text(terms.proposals.ike), text(terms.auth));
  // Only what differs from the defaults, so that the usual line stays short; yet every difference shows.
  if (!terms.psk_file.empty()) out += " psk-file";
  if (terms.ike_lifetime != defaults.ike_lifetime) out += fmt::format(" ike-lifetime {}s", terms.ike_lifetime);
  if (terms.child_lifetime != defaults.child_lifetime) out += fmt::format(" child-lifetime {}s", terms.child_lifetime);
  if (terms.dpd_delay != defaults.dpd_delay) out += fmt::format(" dpd {}s", terms.dpd_delay);
  if (terms.selectors != std::vector<Selector>{Selector{}}) {
    out += " select";
    for (const Selector& selector : terms.selectors) append_selector(out, selector);
  }
  return out;
}

}  // namespace meshctl
