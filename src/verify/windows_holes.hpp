// What a Windows host lets pass in clear beside the rules of its links: settings of the machine, and exemptions between
// any and any.
#pragma once
#include <vector>

#include "backend/windows/machine.hpp"
#include "verify/view.hpp"

namespace meshctl::verify {

/// Of one family. Unsaid where the scripts do not set the machine's exemptions.
Rules windows_holes(const windows::Machine& machine, const std::vector<const windows::MachineRule*>& everywhere,
                    Family family);

}  // namespace meshctl::verify
