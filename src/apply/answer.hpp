// What hosts answer, as values. The protocol is docs/transaction.md, "Calls".
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plan/missing.hpp"

namespace meshctl {

/// Stands for a generation: what was on a host before meshctl first changed it.
inline constexpr std::string_view kOriginal = "original";

/// Answer of `probe`. An empty string stands for the protocol's "-".
struct HostProbe {
  std::string boot_id;
  std::string current;             // confirmed generation
  std::string confirmed;           // transaction that brought it; empty also where the host does not know
  std::string previous;            // confirmed before it
  std::string trial;               // running, not yet confirmed
  std::string lock;                // id of the transaction that holds the host
  std::string client;              // our address as the host's sshd sees it
  std::vector<std::string> drift;  // live files that differ from `current`
  MissingParts missing;            // of `current`, in kernel and daemon
  [[nodiscard]] bool has(std::string_view generation) const {
    return generation == kOriginal ? current.empty() : current == generation;
  }
  [[nodiscard]] bool as_confirmed() const { return drift.empty() && !missing.any(); }
};

/// One line of `facts`.
struct HostFact {
  std::string key;
  std::string value;
};

/// One line of `links` or `status`.
struct LinkState {
  enum class State : std::uint8_t { Up, Down, Idle, Open };  // Open: policies are missing, it may be in clear
  std::string peer;
  std::string local;
  std::string remote;
  State state = State::Down;
  std::string detail{};  // the reason of a `down` or `open`; may be empty
};

/// One `health` line of `status`: WORD is a stable token, TEXT is for people.
struct Health {
  std::string word;
  std::string text;
};

/// Answer of `status`. An empty string stands for the protocol's "-".
struct HostStatus {
  std::vector<LinkState> links;
  std::vector<Health> health;
  std::string current{};                // confirmed generation
  std::string trial{};                  // running, not yet confirmed: then `links` are of it
  std::string lock{};                   // transaction that has not ended
  bool armed = false;                   // its dead-man timer will revert it,
  std::optional<std::uint64_t> left{};  // in so many seconds, where the host knows
};

/// One line of a file on the host that is not ours but is included by what we load.
struct ForeignLine {
  std::string path;
  std::string text;
};

/// A file on the host, as `show` answers: what looks like a key is masked.
struct LiveFile {
  enum class State : std::uint8_t { There, Gone, TooLarge };
  std::string path;
  State state = State::There;
  std::string content;  // whole lines; for a diff, not yet printable
};

/// A finished transaction's `fail REASON TEXT`.
enum class FailReason : std::uint8_t {
  Locked,
  Space,
  Digest,
  Check,
  Activate,
  Probe,
  Expired,
  State,
  Missing,
  Internal,
};

}  // namespace meshctl
