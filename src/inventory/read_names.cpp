// Host names, tags and `all` share one namespace.
#include <set>
#include <unordered_map>

#include "inventory/read.hpp"

namespace meshctl::inventory {

void check_names(const Inventory& inventory, DiagSink& sink) {
  std::unordered_map<std::string_view, Range> hosts;
  for (const HostEntry& host : inventory.hosts) {
    const auto [first, fresh] = hosts.emplace(host.name.value, host.name.where);
    if (fresh) continue;
    sink.error("E0204", host.name.where, fmt::format("host '{}' is given in two files", host.name.value))
        .note(first->second, "first given here")
        .with_hint("rename one of them");
  }
  std::set<std::string_view> told;  // one error a tag, not one a host that bears it
  for (const HostEntry& host : inventory.hosts) {
    for (const Marked<std::string>& tag : host.tags) {
      const auto clash = hosts.find(tag.value);
      if (clash == hosts.end() || !told.insert(tag.value).second) continue;
      sink.error("E0206", tag.where, fmt::format("tag '{}' is also the name of a host", tag.value))
          .note(clash->second, "the host")
          .with_hint("rename one of them: a link could mean either");
    }
  }
}

}  // namespace meshctl::inventory
