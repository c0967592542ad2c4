// How the simulated netsh says no.
#pragma once
#include <string>

namespace sim {

/// Thrown by whatever reads a command; main() prints it and exits with 1.
struct Refusal {
  std::string message;  // as netsh says it
  std::string why;      // for the reader of a test: the rule of docs/windows.md (W01 to W21), or what is wrong
};

[[noreturn]] inline void refuse(const std::string& why) { throw Refusal{"A specified value is not valid.", why}; }
[[noreturn]] inline void not_found(const std::string& command) {
  throw Refusal{"The following command was not found: " + command + ".", "no such command"};
}
[[noreturn]] inline void no_match() { throw Refusal{"No rules match the specified criteria.", "no match"}; }

}  // namespace sim
