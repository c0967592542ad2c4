// A plan as a value: what apply would do on each host, why, and what state that was decided from. It alone drives
// apply.
//
//   Plan plan = make_plan("office", wanted, observed);   // or plan_host() for one host at a time, in parallel
//   for (const HostChange& host : plan.hosts)
//     for (const LinkChange& link : host.links) print(symbol(link.action), link.peer, describe(link));
//
// It names links, files and epochs, never a key: the manifests it is made from hold keyed digests only.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diag.hpp"
#include "bundle/bundle.hpp"
#include "plan/missing.hpp"

namespace meshctl {

enum class Action : std::uint8_t { None, Create, Update, Delete };

/// ' ' '+' '~' '-'
char symbol(Action action);
/// "none" "create" "update" "delete": stable words for JSON.
std::string_view text(Action action);

/// What a host answered. Empty strings: there is none.
struct RemoteState {
  std::string host;
  std::string current;               // confirmed generation
  std::string previous;              // confirmed before it
  std::string trial;                 // running, not yet confirmed
  std::string lock;                  // transaction that holds the host
  std::vector<std::string> drift;    // live files that differ from `current`
  MissingParts missing{};            // of `current`, in kernel and daemon
  std::optional<Manifest> manifest;  // of `current`; needed only where that is not what is wanted
  std::string manifest_fault;        // why there is none: "could not be read"
};

/// Takes a manifest that a host sent for its `current` generation into `state`, where it is that and of this host and
/// mesh; else says why not. A host tells about itself alone.
void take_manifest(std::string_view json, std::string_view mesh, RemoteState& state);

struct LinkChange {
  std::string peer;
  Action action = Action::None;      // never None in a plan
  std::string before;                // terms; empty for Create, or when the running manifest could not be read
  std::string after;                 // terms; empty for Delete
  std::vector<std::string> details;  // what else changes: addresses, who initiates
  friend bool operator==(const LinkChange&, const LinkChange&) = default;
};

struct FileChange {
  std::string path;
  Action action = Action::None;  // never None in a plan
  bool secret = false;
  std::vector<std::string> details;  // for Update: "content", "mode 0644 -> 0600", "owner a:b -> c:d"
  friend bool operator==(const FileChange&, const FileChange&) = default;
};

struct HostChange {
  std::string host;
  Action action = Action::None;
  std::string from;                 // generation, empty when the host is new to meshctl
  std::string to;                   // generation, empty for Delete
  std::vector<std::string> why;     // one reason a line; empty only for None
  std::vector<LinkChange> links;    // changed ones only, sorted by peer
  std::vector<FileChange> files;    // changed ones only, sorted by path
  std::vector<std::string> drift;   // live files that somebody changed; apply puts them back
  MissingParts missing{};           // what kernel and daemon lack; apply puts it back
  std::string trial;                // unconfirmed generation that runs there
  std::string lock;                 // transaction that holds the host: apply would be refused
  std::size_t unchanged_links = 0;  // kept without a disturbance
  friend bool operator==(const HostChange&, const HostChange&) = default;
};

struct Plan {
  static constexpr int kSchemaVersion = 1;
  std::string mesh;
  std::string state;              // 64 hex digits: digest of the states it was made from
  std::vector<HostChange> hosts;  // in the order of the states
  /// Anything to do on any host?
  [[nodiscard]] bool changes() const;
  friend bool operator==(const Plan&, const Plan&) = default;
};

/// One host; `wanted` is null when meshctl is to leave it. Pure, linear in the number of links.
HostChange plan_host(const Manifest* wanted, const RemoteState& state);

/// Digest over the generations, trials, locks, drift and missing parts of `states`, in their order: apply refuses when
/// it has moved.
std::string state_digest(std::span<const RemoteState> states);

/// wanted[i] belongs to states[i].
Plan make_plan(std::string mesh, std::span<const Manifest> wanted, std::span<const RemoteState> states);

/// One line for people: "psk epoch 1 -> 2", "new: transport require …", "addresses + 10.0.0.1 10.0.0.2".
std::string describe(const LinkChange& change);
std::string describe(const FileChange& change);
/// What somebody changed outside of meshctl, and what apply does about it, one a line: "/etc/… changed by hand: will be
/// put back", "2 policies are missing in the kernel: will be put back".
std::vector<std::string> describe_repairs(const HostChange& host);

/// JSON with stable bytes, for `plan -o json` and saved plans.
std::string write_plan(const Plan& plan);
/// Strict. E6040: not of this form; E6041: another schema version.
Result<Plan> parse_plan(std::string_view json, std::string_view name);

}  // namespace meshctl
