// Lower-case hex digits.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.hpp"

namespace meshctl {

/// Appends two digits a byte; reserves exactly, so that a caller with a secret can size `out` first.
void append_hex(std::string_view bytes, std::string& out);

/// nullopt unless `text` is an even number of [0-9a-f].
std::optional<Secret> parse_hex(std::string_view text);

}  // namespace meshctl
