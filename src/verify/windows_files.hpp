// The scripts of a Windows host -> what they make of it, each form by its own strict parser.
#pragma once
#include <optional>

#include "backend/windows/machine.hpp"
#include "verify/host_view.hpp"
#include "verify/tree.hpp"

namespace meshctl::verify {

inline constexpr std::string_view kWindowsFolder = "/ProgramData/meshctl/";

/// nullopt: not a Windows host. Marks files that hold keys, and sets view.policy_file.
std::optional<windows::Machine> windows_machine(const HostTree& tree, HostView& view, DiagSink& sink);

}  // namespace meshctl::verify
