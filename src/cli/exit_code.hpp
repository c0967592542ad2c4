// Exit codes are an interface: pipelines branch on them. docs/exit-codes.md is the table.
#pragma once

namespace meshctl {

enum class ExitCode : int {
  Done = 0,           // done, or nothing to do
  Failed = 1,         // failed, all rolled back
  Differences = 2,    // plan --detailed-exitcode, status: differences or ill health found
  NotRolledBack = 3,  // failed and not all rolled back
  BadInput = 4,       // bad input or usage
  Unreachable = 5,    // host(s) unreachable
  Refused = 6,        // locked, stale plan, needs --yes, would lock out
  Interrupted = 130,
};

}  // namespace meshctl
