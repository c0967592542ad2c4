#include "plan/plan.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "keys/keys.hpp"

namespace meshctl {
namespace {

/// Walks two lists sorted by `key` side by side: left(a), both(a, b), right(b).
template <class Record, class Left, class Both, class Right>
void merge(const std::vector<Record>& before, const std::vector<Record>& after, std::string Record::*key, Left left,
           Both both, Right right) {
  auto a = before.begin();
  auto b = after.begin();
  while (a != before.end() || b != after.end()) {
    if (b == after.end() || (a != before.end() && (*a).*key < (*b).*key)) {
      left(*a++);
    } else if (a == before.end() || (*b).*key < (*a).*key) {
      right(*b++);
    } else {
      both(*a++, *b++);
    }
  }
}

std::vector<std::string> link_details(const LinkRecord& before, const LinkRecord& after) {
  std::vector<std::string> out;
  const auto has = [](const std::vector<std::string>& pairs, const std::string& pair) {
    return std::find(pairs.begin(), pairs.end(), pair) != pairs.end();  // a handful of addresses each
  };
  for (const std::string& pair : before.pairs) {
    if (!has(after.pairs, pair)) out.push_back("addresses - " + pair);
  }
  for (const std::string& pair : after.pairs) {
    if (!has(before.pairs, pair)) out.push_back("addresses + " + pair);
  }
  if (before.initiator != after.initiator) {
    out.emplace_back(after.initiator ? "initiated from here" : "initiated by the peer");
  }
  if (before.answers != after.answers)
    out.emplace_back(after.answers ? "proved by pings" : "proved by SAs, and pings sent");
  if (before.level != after.level) out.push_back(fmt::format("level {} -> {}", before.level, after.level));
  if (out.empty() && before.pairs != after.pairs) out.emplace_back("addresses in another order");
  return out;
}

void compare_links(const Manifest& before, const Manifest& after, HostChange& change) {
  merge(
      before.links, after.links, &LinkRecord::peer,
      [&](const LinkRecord& gone) {
        change.links.push_back({gone.peer, Action::Delete, gone.terms, {}, {}});
      },
      [&](const LinkRecord& a, const LinkRecord& b) {
        if (a == b) {
          ++change.unchanged_links;
        } else {
          change.links.push_back({a.peer, Action::Update, a.terms, b.terms, link_details(a, b)});
        }
      },
      [&](const LinkRecord& added) {
        change.links.push_back({added.peer, Action::Create, {}, added.terms, {}});
      });
}

std::vector<std::string> file_details(const FileRecord& before, const FileRecord& after) {
  std::vector<std::string> out;
  // A file that becomes secret changes the kind of its digest, so that the two cannot be compared.
  if (before.digest != after.digest || before.size != after.size) out.emplace_back("content");
  if (before.mode != after.mode) out.push_back(fmt::format("mode {:04o} -> {:04o}", before.mode, after.mode));
  if (before.owner != after.owner) out.push_back(fmt::format("owner {} -> {}", before.owner, after.owner));
  return out;
}

void compare_files(const Manifest& before, const Manifest& after, HostChange& change) {
  merge(
      before.files, after.files, &FileRecord::path,
      [&](const FileRecord& gone) {
        change.files.push_back({gone.path, Action::Delete, gone.secret, {}});
      },
      [&](const FileRecord& a, const FileRecord& b) {
        auto details = file_details(a, b);
        if (!details.empty()) change.files.push_back({b.path, Action::Update, b.secret, std::move(details)});
      },
      [&](const FileRecord& added) {
        change.files.push_back({added.path, Action::Create, added.secret, {}});
      });
}

/// All that is wanted, against a generation whose manifest nobody could read: nothing can be said to be unchanged.
void assume_all_changed(const Manifest& after, HostChange& change) {
  for (const LinkRecord& link : after.links) change.links.push_back({link.peer, Action::Update, {}, link.terms, {}});
  for (const FileRecord& file : after.files)
    change.files.push_back({file.path, Action::Update, file.secret, {"content"}});
}

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

void explain_drift(const RemoteState& state, HostChange& change) {
  if (state.missing.any()) change.why.emplace_back("the kernel or the IKE daemon does not have all that was confirmed");
  if (state.drift.empty()) return;
  change.why.push_back(counted(state.drift.size(), "live file was changed by hand", "live files were changed by hand"));
}

void explain_update(const Manifest& wanted, const RemoteState& state, HostChange& change) {
  if (!state.manifest) {
    change.why.push_back(fmt::format("the manifest of the running generation {}",
                                     state.manifest_fault.empty() ? "could not be read" : state.manifest_fault));
    return;
  }
  if (state.manifest->backend != wanted.backend) {
    change.why.push_back(fmt::format("back end {} -> {}", state.manifest->backend, wanted.backend));
  }
  if (!change.links.empty()) change.why.push_back(counted(change.links.size(), "link differs", "links differ"));
  if (!change.files.empty()) change.why.push_back(counted(change.files.size(), "file differs", "files differ"));
  if (change.why.empty()) change.why.emplace_back("the inventory names the host or mesh otherwise");
}

void append_field(std::string_view field, std::string& out) {
  out += field.empty() ? "-" : field;
  out += ' ';
}

}  // namespace

char symbol(Action action) { return " +~-"[static_cast<std::size_t>(action)]; }

std::string_view text(Action action) {
  constexpr std::string_view words[] = {"none", "create", "update", "delete"};
  return words[static_cast<std::size_t>(action)];
}

bool Plan::changes() const {
  return std::any_of(hosts.begin(), hosts.end(), [](const HostChange& host) { return host.action != Action::None; });
}

void take_manifest(std::string_view json, std::string_view mesh, RemoteState& state) {
  auto manifest = parse_manifest(json, state.host + ": manifest.json");
  if (!manifest) {
    state.manifest_fault = "could not be read";  // an older schema, a damaged file
  } else if (manifest->generation != state.current) {
    state.manifest_fault = fmt::format("is that of generation {}", manifest->generation);
  } else if (manifest->mesh != mesh || manifest->host != state.host) {
    state.manifest_fault = fmt::format("is that of host '{}' in mesh '{}'", manifest->host, manifest->mesh);
  } else {
    state.manifest = std::move(*manifest);
  }
}

HostChange plan_host(const Manifest* wanted, const RemoteState& state) {
  static const Manifest nothing;
  HostChange change;
  change.host = state.host;
  change.from = state.current;
  change.trial = state.trial;
  change.lock = state.lock;
  change.drift = state.drift;
  change.missing = state.missing;
  const Manifest& before = state.manifest ? *state.manifest : nothing;
  if (wanted == nullptr) {
    if (state.current.empty()) return change;
    change.action = Action::Delete;
    change.why.emplace_back("the inventory does not name this host any more");
    compare_links(before, nothing, change);
    compare_files(before, nothing, change);
    return change;
  }
  change.to = wanted->generation;
  if (state.current == wanted->generation) {
    change.unchanged_links = wanted->links.size();
    if (state.drift.empty() && !state.missing.any()) return change;
    change.action = Action::Update;
    explain_drift(state, change);
    return change;
  }
  if (state.current.empty()) {
    change.action = Action::Create;
    change.why.emplace_back("meshctl has not set up this host yet");
    compare_links(nothing, *wanted, change);
    compare_files(nothing, *wanted, change);
    return change;
  }
  change.action = Action::Update;
  if (state.manifest) {
    compare_links(before, *wanted, change);
    compare_files(before, *wanted, change);
  } else {
    assume_all_changed(*wanted, change);
  }
  explain_update(*wanted, state, change);
  explain_drift(state, change);
  return change;
}

std::string state_digest(std::span<const RemoteState> states) {
  std::string line;
  for (const RemoteState& state : states) {
    for (const std::string_view field : {std::string_view(state.host), std::string_view(state.current),
                                         std::string_view(state.trial), std::string_view(state.lock)}) {
      append_field(field, line);
    }
    for (const std::string& path : state.drift) append_field(path, line);
    if (state.missing.any()) {
      line += fmt::format("lacks {} {} {} {}", state.missing.policies, state.missing.sas, state.missing.daemon,
                          state.missing.connections);
    }
    line += '\n';
  }
  return sha256_hex(line);
}

Plan make_plan(std::string mesh, std::span<const Manifest> wanted, std::span<const RemoteState> states) {
  Plan plan;
  plan.mesh = std::move(mesh);
  plan.state = state_digest(states);
  plan.hosts.reserve(states.size());
  for (std::size_t i = 0; i < states.size(); ++i) {
    plan.hosts.push_back(plan_host(i < wanted.size() ? &wanted[i] : nullptr, states[i]));
  }
  return plan;
}

}  // namespace meshctl
