// The JSON Schema as a second opinion on what the reader accepts, so that editors and meshctl never disagree.
#pragma once
#include "base/diag.hpp"
#include "yaml/doc.hpp"

namespace meshctl::inventory {

/// E0220 at the first node that the schema refuses. A `fragment` (an included file) need not have the mandatory keys.
/// Call it only on a tree whose texts the reader has bounded: the regular expressions recurse over their input.
bool check_schema(const yaml::Node& root, bool fragment, DiagSink& sink);

}  // namespace meshctl::inventory
