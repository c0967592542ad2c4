// The strict reader of a netsh script takes any bytes, and its diagnostics can be shown.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "backend/windows/check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace meshctl;
  Sources sources;
  DiagSink sink;
  windows::check_netsh("rules.cmd", {reinterpret_cast<const char*>(data), size}, sources, sink);
  for (const Diag& diag : sink.take()) static_cast<void>(render(diag, sources, false));
  return 0;
}
