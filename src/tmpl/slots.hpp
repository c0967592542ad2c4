// Which bytes each slot type may write.
#pragma once
#include <cstdint>
#include <string_view>

#include "tmpl/template.hpp"

namespace meshctl::tmpl {

/// True when every byte of `value` is allowed in a slot of `type`. An empty value is allowed: it cannot end anything.
bool fits(SlotType type, std::string_view value);

}  // namespace meshctl::tmpl
