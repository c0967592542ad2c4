// Which live paths a bundle may name: what cannot leave its folder, and needs no quoting in lists, shells or tar.
#pragma once
#include <string_view>

namespace meshctl {

/// Absolute, at least one component, each 1 or more of [A-Za-z0-9._+@-] and neither "." nor ".."; at most 240 bytes.
bool good_live_path(std::string_view path);

/// Names, and fields of the line lists (peers, addresses, owners): 1 to 255 of [A-Za-z0-9._:-].
bool good_field(std::string_view text);

}  // namespace meshctl
