// Pre-shared keys are compared by fingerprint: HMAC-SHA-256 under a key that lives as long as the run, cut to 16 bytes.
// So no key stays in memory after its file, and a fingerprint tells nothing about a guessable key.
#pragma once
#include "base/secret.hpp"
#include "keys/keys.hpp"
#include "verify/view.hpp"

namespace meshctl::verify {

class Fingerprinter {
 public:
  Fingerprinter() : hmac_(random_bytes(32)) {}
  /// For another thread: the same key.
  [[nodiscard]] Fingerprinter clone() const { return Fingerprinter(hmac_.clone()); }
  Fingerprint of(const Secret& key);

 private:
  explicit Fingerprinter(Hmac hmac) : hmac_(std::move(hmac)) {}
  Hmac hmac_;
};

}  // namespace meshctl::verify
