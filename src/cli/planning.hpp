// The one place where what is wanted meets what the hosts have.
#pragma once
#include "cli/fleet_session.hpp"
#include "plan/plan.hpp"

namespace meshctl {

/// Asks every host (one session each) and compares. All unreachable hosts are reported, and then there is no plan.
Result<Plan> survey_plan(const FleetSession& run, const Fleet& fleet);

}  // namespace meshctl
