// What can be refused by looking at the bytes only, before a parser spends memory on them.
#pragma once
#include <string_view>

#include "base/diag.hpp"
#include "base/range.hpp"

namespace meshctl::yaml {

/// Size, encoding, control characters, nesting and amount of structure. False, with one error in the sink, when the
/// text must not be parsed. One pass, no allocation.
bool prescan(FileId file, std::string_view text, DiagSink& sink);

}  // namespace meshctl::yaml
