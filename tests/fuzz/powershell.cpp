// The strict reader of a PowerShell script takes any bytes, and its diagnostics can be shown.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "backend/windows/check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace meshctl;
  Sources sources;
  DiagSink sink;
  windows::check_powershell("rules.ps1", {reinterpret_cast<const char*>(data), size}, sources, sink);
  for (const Diag& diag : sink.take()) static_cast<void>(render(diag, sources, false));
  return 0;
}
