// Base64 (RFC 4648, section 4), standard alphabet with padding.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.hpp"

namespace meshctl {

/// Appends without line ends; reserves exactly, so that a caller with a secret can size `out` first.
void append_base64(std::string_view bytes, std::string& out);

/// nullopt unless `text` is whole groups of the alphabet with padding only at the end.
std::optional<Secret> parse_base64(std::string_view text);

}  // namespace meshctl
