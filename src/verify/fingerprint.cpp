#include "verify/fingerprint.hpp"

#include <algorithm>

namespace meshctl::verify {

Fingerprint Fingerprinter::of(const Secret& key) {
  std::uint8_t digest[32];
  hmac_.digest(key.reveal(), digest);
  Fingerprint out;
  std::copy_n(digest, out.size(), out.begin());
  return out;
}

}  // namespace meshctl::verify
