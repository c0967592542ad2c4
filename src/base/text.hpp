// Small things about text that more than one reader needs.
#pragma once
#include <string>
#include <string_view>

namespace meshctl {

/// ASCII alone, whatever the locale.
std::string lower(std::string_view text);

}  // namespace meshctl
