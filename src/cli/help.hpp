// What --help prints, from what a verb says of itself (cli/args.hpp).
#pragma once
#include <string>

#include "cli/args.hpp"

namespace meshctl {

/// `path`: the words that lead to the verb, "meshctl keys ca".
std::string help_text(const VerbInfo& verb, const std::string& path);

/// "seconds of silence (default 15; 1 to 600)": an option's help with what holds without it.
std::string help_with_limits(const OptionInfo& option);

}  // namespace meshctl
