// The plain RSA reader takes any bytes, whatever the file is for; its diagnostics can be shown; numbers have no leading
// zero bytes, and the five of the CRT come together.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "backend/racoon/plainrsa_file.hpp"
#include "base/sources.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace meshctl;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto use : {racoon::PlainRsaUse::Unknown, racoon::PlainRsaUse::Private, racoon::PlainRsaUse::Public}) {
    Sources sources;
    DiagSink sink;
    const auto file = racoon::parse_plainrsa(sources.add("fuzz", ""), text, use, sink);
    for (const racoon::PlainRsaKey& key : file.keys) {
      if (key.modulus.empty() || key.modulus[0] == '\0' || key.public_exponent.empty()) std::abort();
      if (!key.has_private && !key.private_exponent.empty()) std::abort();
    }
    for (const Diag& diag : sink.take()) static_cast<void>(render(diag, sources, false));
  }
  return 0;
}
