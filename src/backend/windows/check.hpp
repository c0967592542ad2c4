// What `meshctl check` asks of the Windows back end.
#pragma once
#include <string_view>

#include "base/diag.hpp"
#include "base/sources.hpp"

namespace meshctl::windows {

/// A .cmd or .bat file, or text that begins as a netsh script does.
bool looks_like_netsh(std::string_view base_name, std::string_view content);
/// The same, with commands of `netsh ipsec static`.
bool looks_like_static(std::string_view base_name, std::string_view content);
/// Lines of a script that holds a pre-shared key are not kept in `sources`.
void check_netsh(std::string_view name, std::string_view content, Sources& sources, DiagSink& sink);
void check_static(std::string_view name, std::string_view content, Sources& sources, DiagSink& sink);
void check_powershell(std::string_view name, std::string_view content, Sources& sources, DiagSink& sink);

}  // namespace meshctl::windows
