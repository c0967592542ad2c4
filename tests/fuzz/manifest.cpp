// Manifests and plans come from hosts and files: whatever they hold, parsing ends in a value or an error, and what was
// taken is written back byte for byte.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "bundle/bundle.hpp"
#include "bundle/pack.hpp"
#include "plan/plan.hpp"

using namespace meshctl;

// The name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto manifest = parse_manifest(text, "fuzz")) {
    const std::string written = write_manifest(*manifest);
    if (written != text && written.substr(0, written.size() - 1) != text) std::abort();
    // Beyond the parser nothing can be unfit for a line list.
    if (!files_list(*manifest) || !links_list(*manifest)) std::abort();
  }
  if (const auto plan = parse_plan(text, "fuzz")) {
    const auto again = parse_plan(write_plan(*plan), "fuzz");
    if (!again || !(*again == *plan)) std::abort();
  }
  return 0;
}
