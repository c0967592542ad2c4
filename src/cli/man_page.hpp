// The manual page: what docs/meshctl.1.in says, with every verb and option as the program itself describes them.
#pragma once
#include <string>
#include <string_view>

#include "cli/args.hpp"

namespace meshctl {

/// `frame`: a page in which "@VERSION@" stands for the version, and lines "@VERBS@" and "@OPTIONS@" for what follows
/// from `program`: each verb with its own options, and once those that several verbs share.
std::string man_page(std::string_view frame, const VerbInfo& program, std::string_view version);

}  // namespace meshctl
