// The values of NetSecurity parameters that have another name than netsh's.
#pragma once
#include <string_view>

#include "backend/windows/netsh_words.hpp"

namespace meshctl::windows {

std::string_view powershell(KeyExchange exchange);   // "DH14"
std::string_view powershell(Pfs pfs);                // "DH19"
std::string_view powershell(Encryption encryption);  // "AES256"
/// For -Hash, -AHHash and -ESPHash: with AES-GCM it is the GMAC of the same size.
std::string_view powershell(Integrity integrity);  // "SHA1", "AESGMAC256"

}  // namespace meshctl::windows
