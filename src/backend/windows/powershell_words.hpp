// The values of NetSecurity parameters that have another name than netsh's.
#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "backend/windows/netsh_rule.hpp"

namespace meshctl::windows {

std::string_view powershell(KeyExchange exchange);   // "DH14"
std::string_view powershell(Pfs pfs);                // "DH19"
std::string_view powershell(Encryption encryption);  // "AES256"
/// For -Hash, -AHHash and -ESPHash: with AES-GCM it is the GMAC of the same size.
std::string_view powershell(Integrity integrity);  // "SHA1", "AESGMAC256"

/// The value that has this name, in lower case; nullopt: none.
template <class T>
std::optional<T> from_powershell(std::span<const NetshWord<T>> words, std::string_view lower_case) {
  for (const NetshWord<T>& word : words) {
    if (lower(powershell(word.value)) == lower_case) return word.value;
  }
  return std::nullopt;
}

/// A proposal of quick mode by its parameters in lower case, "" where they are left out; without lifetimes. Words that
/// there are not are None.
using PsGet = std::function<std::string(const char* parameter)>;
QuickProposal quick_from_powershell(const PsGet& get);

}  // namespace meshctl::windows
