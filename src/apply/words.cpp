// Enumerations as stable words.
#include "apply/events.hpp"
#include "apply/fleet.hpp"

namespace meshctl {

std::string_view text(Phase phase) {
  switch (phase) {
    case Phase::Connect: return "connect";
    case Phase::Probe: return "probe";
    case Phase::Stage: return "stage";
    case Phase::Check: return "check";
    case Phase::Arm: return "arm";
    case Phase::Activate: return "activate";
    case Phase::Links: return "links";
    case Phase::Reconnect: return "reconnect";
    case Phase::Confirm: return "confirm";
    case Phase::Revert: return "revert";
    case Phase::Return: return "return";
  }
  return "unknown";
}

std::string_view text(HostOutcome outcome) {
  switch (outcome) {
    case HostOutcome::Unchanged: return "unchanged";
    case HostOutcome::Staged: return "staged";
    case HostOutcome::Checked: return "checked";
    case HostOutcome::Applied: return "applied";
    case HostOutcome::Reverted: return "reverted";
    case HostOutcome::Refused: return "refused";
    case HostOutcome::Unreachable: return "unreachable";
    case HostOutcome::Failed: return "failed";
    case HostOutcome::Unknown: return "unknown";
    case HostOutcome::Pending: return "pending";
  }
  return "unknown";
}

}  // namespace meshctl
