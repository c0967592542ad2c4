// What hosts answer, as values. The protocol is docs/transaction.md, "Calls".
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace meshctl {

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
};

/// One line of `facts`.
struct HostFact {
  std::string key;
  std::string value;
};

/// One line of `links` or `status`.
struct LinkState {
  enum class State : std::uint8_t { Up, Down, Idle };
  std::string peer;
  std::string local;
  std::string remote;
  State state = State::Down;
  std::string detail;  // the reason of a `down`; may be empty
};

/// One `health` line of `status`: WORD is a stable token, TEXT is for people.
struct Health {
  std::string word;
  std::string text;
};

struct HostStatus {
  std::vector<LinkState> links;
  std::vector<Health> health;
};

/// One line of a file on the host that is not ours but is included by what we load.
struct ForeignLine {
  std::string path;
  std::string text;
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
