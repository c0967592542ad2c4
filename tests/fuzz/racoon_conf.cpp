// The strict racoon.conf reader takes any bytes, says the same about them twice, and its diagnostics can be shown.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "backend/racoon/conf_file.hpp"
#include "base/sources.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace meshctl;
  const std::string text(reinterpret_cast<const char*>(data), size);
  Sources sources;
  const FileId file = sources.add("fuzz", text);
  DiagSink sink;
  const auto first = racoon::parse_racoon_conf(file, text, sink);
  for (const Diag& diag : sink.take()) static_cast<void>(render(diag, sources, false));
  if (!(first == racoon::parse_racoon_conf(file, text, sink))) std::abort();
  return 0;
}
