// What a plan changes in the files' content, for `plan --diff`. Keys are in none of it: of files that hold some nothing
// is asked for, and what looks like a key of somebody else is masked on the host.
#pragma once
#include <string>
#include <vector>

#include "cli/fleet_session.hpp"
#include "plan/plan.hpp"

namespace meshctl {

struct FileDiff {
  std::string path;
  std::string note;  // why there is no text, or what it leaves out; may be empty
  std::string text;  // a unified diff
};

/// Of each of the plan's hosts, in their order. Asks the hosts whose files change for what they have now: a file that
/// somebody changed by hand is compared as it is. `faults`: hosts that did not answer; theirs are left out.
std::vector<std::vector<FileDiff>> diff_plan(const FleetSession& run, const Fleet& fleet, const Plan& plan,
                                             Diags& faults);

}  // namespace meshctl
