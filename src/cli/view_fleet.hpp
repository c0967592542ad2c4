// Two views of one run: lines (and a status line on a terminal) for people, one JSON object a line for machines.
#pragma once
#include <memory>

#include "apply/fleet.hpp"
#include "cli/output.hpp"
#include "cli/project.hpp"

namespace meshctl {

std::unique_ptr<FleetEvents> make_fleet_view(const Output& output, const Mesh& mesh);

/// The end of a run: what each host came to, errors, the way out; returns the exit code.
ExitCode show_report(const Output& output, const Project& project, const FleetReport& report);

}  // namespace meshctl
