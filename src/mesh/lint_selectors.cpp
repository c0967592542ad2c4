// A selector that a wider one of the same link covers does nothing of its own: usually one of the two is a mistake.
#include <fmt/core.h>

#include <algorithm>

#include "mesh/lint.hpp"

namespace meshctl {
namespace {

bool covers(const Selector& wide, const Selector& narrow) {
  // One for another purpose, or for another net, is not idle.
  if (wide.action != narrow.action) return false;
  if ((wide.a_net && wide.a_net != narrow.a_net) || (wide.b_net && wide.b_net != narrow.b_net)) return false;
  if ((wide.icmp_type != kAnyIcmp && wide.icmp_type != narrow.icmp_type) ||
      (wide.icmp_code != kAnyIcmp && wide.icmp_code != narrow.icmp_code)) {
    return false;
  }
  return wide != narrow && (wide.protocol == 0 || wide.protocol == narrow.protocol) &&
         (wide.a_port == 0 || wide.a_port == narrow.a_port) && (wide.b_port == 0 || wide.b_port == narrow.b_port);
}

std::string words(const Selector& s) {
  const std::string protocol = s.protocol == 0 ? "any protocol" : fmt::format("protocol {}", unsigned{s.protocol});
  const unsigned port = s.a_port != 0 ? s.a_port : s.b_port;
  return port == 0 ? protocol : fmt::format("{} port {}", protocol, port);
}

}  // namespace

void lint_selectors(const Mesh& mesh, DiagSink& sink) {
  std::uint32_t next = 0;
  for (const Link& link : mesh.links) {
    if (link.terms != next) continue;
    const auto& selectors = mesh.terms[next++].selectors;
    // Most specific first: what covers a selector stands after it.
    for (auto it = selectors.begin(); it != selectors.end(); ++it) {
      const auto wide = std::find_if(it + 1, selectors.end(), [&](const Selector& s) { return covers(s, *it); });
      if (wide == selectors.end()) continue;
      sink.warning("W1201", link.where,
                   fmt::format("the selector '{}' of '{}' and '{}' is covered by '{}'", words(*it),
                               mesh.hosts[link.a].name, mesh.hosts[link.b].name, words(*wide)))
          .with_hint("leave one of them out: the wider one, if only this traffic is meant");
      break;
    }
  }
}

}  // namespace meshctl
