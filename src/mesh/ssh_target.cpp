// How the controller reaches a host: defaults, paths, jump hosts.
#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "mesh/hosts.hpp"
#include "net/name.hpp"

namespace meshctl {
namespace {

template <class T>
const Opt<T>& given_or(const Opt<T>& own, const Opt<T>& fallback) {
  return own ? own : fallback;
}

template <class T>
T value_or(const Opt<T>& own, const Opt<T>& fallback, T last) {
  const Opt<T>& found = given_or(own, fallback);
  return found ? found->value : std::move(last);
}

bool is_port(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && value >= 1 && value <= 65535;
}

/// user@address, user@address:port, user@[v6]:port
bool is_external_jump(std::string_view text) {
  const auto at = text.find('@');
  if (at == 0 || at == std::string_view::npos) return false;
  std::string_view rest = text.substr(at + 1);
  if (rest.starts_with('[')) {
    const auto close = rest.find(']');
    if (close == std::string_view::npos) return false;
    const auto address = Address::parse(rest.substr(1, close - 1));
    if (!address || address->family() != Family::V6) return false;
    rest.remove_prefix(close + 1);
    return rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)));
  }
  const auto colon = rest.find(':');
  if (colon != std::string_view::npos && !is_port(rest.substr(colon + 1))) return false;
  const auto address = rest.substr(0, colon);
  return is_dns_name(address) || Address::parse(address).has_value();
}

}  // namespace

std::string absolute_path(const std::filesystem::path& base, const std::string& path) {
  if (path.empty() || path.front() == '~') return path;
  return (base / path).lexically_normal().string();
}

SshTarget resolve_ssh(const HostEntry& entry, const Host& host, const SshSpec& defaults,
                      const std::filesystem::path& base) {
  const SshSpec& own = entry.ssh;
  SshTarget target;
  if (own.address) {
    target.address = own.address->value;
  } else if (!entry.addresses.empty()) {
    // A DNS name stays one here: known_hosts usually has the key under the name.
    const auto& first = entry.addresses.front().value;
    const auto literal = Address::parse(first);
    target.address = literal ? literal->text() : first;
  }
  target.port = static_cast<std::uint16_t>(value_or(own.port, defaults.port, 22U));
  target.user = value_or(own.user, defaults.user, std::string("root"));
  target.key_file = absolute_path(base, value_or(own.key_file, defaults.key_file, {}));
  target.known_hosts = absolute_path(base, value_or(own.known_hosts, defaults.known_hosts, {}));
  target.host_key = value_or(own.host_key, defaults.host_key, {});
  target.jump = value_or(own.jump, defaults.jump, {});
  // A default jump host is itself reached directly.
  if (!own.jump && target.jump == host.name) target.jump.clear();
  target.sudo = value_or(own.sudo, defaults.sudo, target.user != "root");
  return target;
}

void check_jumps(const HostList& list, const SshSpec& defaults, DiagSink& sink) {
  std::unordered_map<std::string_view, HostIndex> index;
  std::vector<std::string_view> names;
  for (HostIndex i = 0; i < list.hosts.size(); ++i) {
    index.emplace(list.hosts[i].name, i);
    names.push_back(list.hosts[i].name);
  }
  const auto where_of = [&](HostIndex i) {
    const auto& jump = given_or(list.entries[i]->ssh.jump, defaults.jump);
    return jump ? jump->where : list.entries[i]->name.where;
  };
  constexpr HostIndex none = ~HostIndex{0};
  std::vector<HostIndex> next(list.hosts.size(), none);
  Range reported;  // one wrong default concerns every host, and is one fault
  for (HostIndex i = 0; i < list.hosts.size(); ++i) {
    const std::string& jump = list.hosts[i].ssh.jump;
    if (jump.empty() || is_external_jump(jump)) continue;
    const auto found = index.find(jump);
    if (found != index.end() && list.hosts[found->second].managed) {
      next[i] = found->second;
      continue;
    }
    if (reported == where_of(i) && reported.known()) continue;
    reported = where_of(i);
    if (found != index.end()) {
      sink.error("E1011", reported,
                 fmt::format("the jump host '{}' is not managed: meshctl does not log in there", jump))
          .note(list.entries[found->second]->name.where, "the host is here")
          .with_hint("write user@address:port to jump through a machine that meshctl does not manage");
      continue;
    }
    const auto near = nearest(jump, names);
    sink.error("E1011", reported, fmt::format("there is no host '{}' to jump through", jump))
        .with_hint(near.empty() ? "name a host of this inventory, or write user@address:port"
                                : fmt::format("did you mean '{}'?", near));
  }
  // Each host has one jump at most, so a walk from each host, marking what it saw, finds every circle once.
  std::vector<HostIndex> walk_of(list.hosts.size(), none);
  for (HostIndex start = 0; start < list.hosts.size(); ++start) {
    HostIndex at = start;
    while (at != none && walk_of[at] == none) {
      walk_of[at] = start;
      at = next[at];
    }
    if (at == none || walk_of[at] != start) continue;
    std::string circle = list.hosts[at].name;
    HostIndex step = next[at];
    for (; step != at; step = next[step]) circle += " -> " + list.hosts[step].name;
    circle += " -> " + list.hosts[at].name;
    sink.error("E1012", where_of(at), "jump hosts lead in a circle: " + circle)
        .with_hint("one of them must be reached directly: take its 'jump' out");
  }
}

}  // namespace meshctl
