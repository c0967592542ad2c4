// `windows:` of a host or of `defaults:`: what a Windows end is, and in which form its files are written.
#pragma once
#include <cstdint>
#include <string_view>

namespace meshctl {

enum class WindowsForm : std::uint8_t {
  Netsh,        // netsh advfirewall; every Windows since Vista
  Powershell,   // the NetSecurity module; Windows 8 and Server 2012 or later
  IpsecStatic,  // netsh ipsec static, the IP Security Policies of old guides: 3DES and SHA-1 at best
};

/// By what the rules can say; a server counts as the client of its time (docs/windows.md).
enum class WindowsVersion : std::uint8_t {
  Vista,
  VistaSp1,   // vista-sp1, 2008
  Seven,      // 7, 2008r2
  Eight,      // 8, 2012
  EightOne,   // 8.1, 2012r2
  Ten,        // 10, 2016, 2019
  Eleven,     // 11, 2022
  Eleven24h2  // 11-24h2, 2025
};

std::string_view text(WindowsForm form);
/// The client's name: "8.1".
std::string_view text(WindowsVersion version);

}  // namespace meshctl
