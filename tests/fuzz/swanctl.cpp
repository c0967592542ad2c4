// The strict swanctl.conf reader must take any bytes, and its diagnostics must be printable.
#include <cstdint>

#include "backend/strongswan/model.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace meshctl;
  Sources sources;
  DiagSink sink;
  const std::string text(data, data + size);
  const auto first = strongswan::parse_swanctl("fuzz.conf", text, sources, sink);
  for (const auto& diag : sink.take()) (void)render(diag, sources, false);
  const auto second = strongswan::parse_swanctl("fuzz.conf", text, sources, sink);
  if (!(first == second)) __builtin_trap();
  return 0;
}
