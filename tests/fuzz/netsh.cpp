// The strict reader of a netsh script takes any bytes, its diagnostics can be shown, and rules come of it.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "backend/windows/check.hpp"
#include "backend/windows/machine.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace meshctl;
  Sources sources;
  DiagSink sink;
  windows::check_netsh("rules.cmd", {reinterpret_cast<const char*>(data), size}, sources, sink);
  for (const Diag& diag : sink.take()) static_cast<void>(render(diag, sources, false));
  // What verify and import make of it, broken or not.
  DiagSink ignored;
  windows::MachineReader reader;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  reader.add(windows::parse_netsh(FileId::None, text, windows::script_kind("rules.cmd", text), ignored));
  const windows::Machine machine = reader.take();
  static_cast<void>(windows::by_pair(machine, {}));
  return 0;
}
