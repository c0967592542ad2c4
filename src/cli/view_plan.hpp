// A plan for people (+ ~ - as Terraform's users know them) and for machines.
#pragma once
#include "cli/output.hpp"
#include "plan/plan.hpp"

namespace meshctl {

void show_plan(const Output& output, const Plan& plan);

/// The end of a run that had nothing to do.
ExitCode show_unchanged(const Output& output);

}  // namespace meshctl
