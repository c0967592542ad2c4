// What in the vault ends by itself, and when: for warnings before links go down.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/diag.hpp"
#include "keys/keys.hpp"

namespace meshctl {

struct Expiry {
  enum class Kind : std::uint8_t { Certificate, Authority, Crl } kind = Kind::Certificate;
  std::string name;       // host id, or the CA's subject
  std::int64_t when = 0;  // seconds since 1970
  std::int64_t days = 0;  // whole days left from `now`; negative: over
};

/// Everything that ends, soonest first.
std::vector<Expiry> expiries(const KeyStore& store, std::int64_t now);

inline constexpr unsigned kExpiryWarnDays = 30;

/// W3030: ends within `days`; W3031: is over. Each with the command that renews it.
void lint_expiry(const KeyStore& store, std::int64_t now, unsigned days, DiagSink& sink);

}  // namespace meshctl
