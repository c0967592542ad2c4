// PSKs that users give in files, brought into the one text that every back end's file takes.
#pragma once
#include <string_view>

#include "base/diag.hpp"
#include "base/secret.hpp"

namespace meshctl {

/// Plain text (A-Z a-z 0-9 _ = + / -) stays as it is, and so does "0x" with an even number of hex digits, which
/// racoon and strongSwan both read as bytes; any other text becomes that form. E3010: empty, longer than 480 bytes, or
/// a leading "0x" or "0s" that daemons would read in different ways. `name` says where it came from.
Result<Secret> psk_text(Secret key, std::string_view name);

/// How many bytes of secret a psk_text() has.
std::size_t psk_bytes(const Secret& text);

}  // namespace meshctl
