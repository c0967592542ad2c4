#include "mesh/names.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <numeric>

#include "net/name.hpp"

namespace meshctl {
namespace {
constexpr std::string_view kAll = "all";
}

Names::Names(const HostList& list, DiagSink& sink) {
  for (HostIndex index = 0; index < list.hosts.size(); ++index) {
    const std::string_view name = list.hosts[index].name;
    hosts_.emplace(name, index);
    sets_[name] = {index};
    host_names_.push_back(name);
  }
  std::vector<HostIndex> everybody(list.hosts.size());
  std::iota(everybody.begin(), everybody.end(), HostIndex{0});
  sets_[kAll] = std::move(everybody);

  all_names_ = host_names_;
  all_names_.push_back(kAll);
  for (HostIndex index = 0; index < list.hosts.size(); ++index) {
    for (const auto& tag : list.entries[index]->tags) {
      if (const auto clash = hosts_.find(tag.value); clash != hosts_.end()) {
        sink.error("E1003", tag.where, fmt::format("the tag '{}' is also the name of a host", tag.value))
            .note(list.hosts[clash->second].where, "the host is here")
            .with_hint("rename the tag: hosts, tags and 'all' share one namespace");
        continue;
      }
      auto& members = sets_[tag.value];
      if (members.empty()) all_names_.push_back(tag.value);
      // Hosts come in order, so a tag written twice on one host is the last member.
      if (members.empty() || members.back() != index) members.push_back(index);
    }
  }
  std::sort(all_names_.begin(), all_names_.end());
}

std::optional<HostIndex> Names::host(std::string_view name) const {
  const auto it = hosts_.find(name);
  if (it == hosts_.end()) return std::nullopt;
  return it->second;
}

const std::vector<HostIndex>* Names::set(std::string_view name) const {
  const auto it = sets_.find(name);
  return it == sets_.end() ? nullptr : &it->second;
}

bool Names::is_tag(std::string_view name) const { return set(name) != nullptr && !host(name) && name != kAll; }

std::string Names::hint_for(std::string_view wrong, bool hosts_only) const {
  const auto near = nearest(wrong, hosts_only ? host_names_ : all_names_);
  if (hosts_only) {
    return near.empty() ? "name a host of the map 'hosts'" : fmt::format("did you mean '{}'?", near);
  }
  if (const std::string all = tags(); !all.empty()) {
    return near.empty() ? fmt::format("name a host, a tag or 'all'; {}", all)
                        : fmt::format("did you mean '{}'? {}", near, all);
  }
  const std::string give = fmt::format("no host has a tag: give hosts 'tags: [{}]'", wrong);
  return near.empty() ? give : fmt::format("did you mean '{}'? {}", near, give);
}

std::string Names::tags() const {
  constexpr std::size_t kShown = 12;
  std::string out;
  std::size_t count = 0;
  for (const std::string_view name : all_names_) {
    if (!is_tag(name)) continue;
    if (++count <= kShown) out += fmt::format("{}{}", out.empty() ? "tags are: " : ", ", name);
  }
  return count > kShown ? fmt::format("{} and {} more", out, count - kShown) : out;
}

}  // namespace meshctl
