// Numbers and keys written as hex digits or base64.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace meshctl::racoon {

/// 0 to 15, or -1.
int hex_value(char c);

/// An odd first digit counts as a byte of its own; leading zero bytes are dropped. Only hex digits may stand in
/// `digits`.
std::string decode_hex_number(std::string_view digits);
std::string_view without_zeros(std::string_view bytes);

/// Groups of four with '=' at the end; nullopt for anything else.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace meshctl::racoon
