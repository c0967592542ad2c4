// The one namespace of the inventory: host names, tags and `all`.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/diag.hpp"
#include "mesh/hosts.hpp"

namespace meshctl {

class Names {
 public:
  /// A tag that is also a host's name is E1003. `list` must outlive the result.
  Names(const HostList& list, DiagSink& sink);

  [[nodiscard]] std::optional<HostIndex> host(std::string_view name) const;
  /// Hosts meant by a host name, a tag or `all`: sorted, no duplicates. nullptr for an unknown name.
  [[nodiscard]] const std::vector<HostIndex>* set(std::string_view name) const;
  [[nodiscard]] bool is_tag(std::string_view name) const;
  /// "did you mean 'x'?", or what else would help, with the tags that there are. `hosts_only`: tags and `all` would be
  /// wrong there.
  [[nodiscard]] std::string hint_for(std::string_view wrong, bool hosts_only) const;

 private:
  [[nodiscard]] std::string tags() const;  // "tags are: db, web", at most a dozen of them

  std::unordered_map<std::string_view, std::vector<HostIndex>> sets_;  // hosts, tags, all
  std::unordered_map<std::string_view, HostIndex> hosts_;
  std::vector<std::string_view> host_names_;  // sorted
  std::vector<std::string_view> all_names_;   // sorted
};

}  // namespace meshctl
