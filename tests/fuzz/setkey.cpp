#include <cstddef>
#include <cstdint>
#include <string_view>

#include "backend/racoon/setkey_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace meshctl;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  DiagSink sink;
  racoon::parse_setkey(FileId::None, text, sink);
  return 0;
}
