// The psk.txt reader takes any bytes; its diagnostics can be shown, without a line of the file.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "backend/racoon/psk_file.hpp"
#include "base/sources.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace meshctl;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Sources sources;
  DiagSink sink;
  static_cast<void>(racoon::parse_psk(sources.add("fuzz", ""), text, sink));
  for (const Diag& diag : sink.take()) static_cast<void>(render(diag, sources, false));
  return 0;
}
