// The policies.xfrm reader takes any bytes; what it accepts without an error is exactly what would be written again.
#include <cstdint>

#include "backend/strongswan/xfrm.hpp"

namespace {
/// The text's lines without comments and empty ones.
std::string plain(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    const std::string_view row = text.substr(at, end - at);
    if (!row.empty() && row.front() != '#') out.append(row).push_back('\n');
    if (end == std::string_view::npos) break;
    at = end + 1;
  }
  return out;
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace meshctl;
  Sources sources;
  DiagSink sink;
  const std::string text(data, data + size);
  const auto policies = strongswan::parse_xfrm("fuzz.xfrm", text, sources, sink);
  const bool good = sink.ok();
  for (const auto& diag : sink.take()) (void)render(diag, sources, false);
  if (!good) return 0;
  std::string again;
  for (const auto& policy : policies) {
    strongswan::append_line(policy, again);
    again += '\n';
  }
  if (again != plain(text)) __builtin_trap();
  return 0;
}
