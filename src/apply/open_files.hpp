// A thousand open sessions need more descriptors than a shell gives by default.
#pragma once
#include <cstddef>

namespace meshctl {

/// Raises the soft limit of open files to what `sessions` sessions need (each may run through jump hosts), as far as
/// the hard limit allows.
void allow_open_files(std::size_t sessions);

}  // namespace meshctl
