// Two texts as a unified diff, for `plan --diff`.
//
//   unified_diff("a\nb\n", "a\nc\n") == "@@ -1,2 +1,2 @@\n a\n-b\n+c\n"
#pragma once
#include <string>
#include <string_view>

namespace meshctl {

/// Three lines of context around each change, no file names; empty for equal texts. A last line without a line end
/// counts as one with it.
std::string unified_diff(std::string_view before, std::string_view after);

}  // namespace meshctl
