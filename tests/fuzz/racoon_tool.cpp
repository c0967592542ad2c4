// The racoon-tool.conf reader takes any bytes, says the same about them twice, and what it read can be completed.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "backend/racoon/racoon_tool_file.hpp"
#include "base/sources.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace meshctl;
  const std::string text(reinterpret_cast<const char*>(data), size);
  Sources sources;
  const FileId file = sources.add("fuzz", text);
  DiagSink sink;
  const auto first = racoon::parse_racoon_tool(file, text, sink);
  for (const Diag& diag : sink.take()) static_cast<void>(render(diag, sources, false));
  if (!(first == racoon::parse_racoon_tool(file, text, sink))) std::abort();
  for (const auto& one : racoon::expand_racoon_tool(first).connections) {
    if (one.level.empty() || !one.pfs_group || !one.admin_status) std::abort();
  }
  return 0;
}
