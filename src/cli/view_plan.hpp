// A plan for people (+ ~ - as Terraform's users know them) and for machines.
#pragma once
#include <vector>

#include "cli/output.hpp"
#include "cli/plan_diff.hpp"
#include "plan/plan.hpp"

namespace meshctl {

/// `diffs` belong to plan.hosts, or are none.
void show_plan(const Output& output, const Plan& plan, const std::vector<std::vector<FileDiff>>& diffs = {});

/// The end of a run that had nothing to do.
ExitCode show_unchanged(const Output& output);

}  // namespace meshctl
