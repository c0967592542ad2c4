// The one place where what is wanted meets what the hosts have.
#pragma once
#include "cli/fleet_session.hpp"
#include "plan/plan.hpp"

namespace meshctl {

/// Asks every host (one session each) and compares. The plan is about the hosts that answered; `faults` says what is
/// wrong with the others. It can be looked at then, not applied.
Plan survey_plan(const FleetSession& run, const Fleet& fleet, Diags& faults);

}  // namespace meshctl
