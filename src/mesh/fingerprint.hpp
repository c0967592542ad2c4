// Texts that are equal for two sets of options exactly when they ask for the same, wherever they stand.
#pragma once
#include <string>

#include "mesh/mesh.hpp"

namespace meshctl {

std::string fingerprint(const LinkOptions& options);
std::string fingerprint(const Terms& terms);

}  // namespace meshctl
