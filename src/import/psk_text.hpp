// Pre-shared keys as a file of `psk_file` takes them: plain text, or 0x and hex digits.
#pragma once
#include <optional>
#include <string_view>

#include "base/secret.hpp"

namespace meshctl::importer {

/// Means the same in every file that holds keys.
bool plain_psk(std::string_view key);
Secret hex_psk(const Secret& bytes);

/// swanctl.conf has 0x and 0s with base64. nullopt: broken base64.
std::optional<Secret> psk_text_of_swanctl(const Secret& written);
/// To Windows a key is always text.
Secret psk_text_of_windows(const Secret& written);

}  // namespace meshctl::importer
