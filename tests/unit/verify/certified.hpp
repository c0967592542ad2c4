// A CA and certificates for the hosts a and b.
#pragma once
#include "keys/certify.hpp"
#include "keys/rsa.hpp"
#include "unit/verify/kit.hpp"

namespace meshctl::test {

inline constexpr std::int64_t kNow = 1800000000;  // 2027

inline KeyStore certified() {
  KeyStore store = sample_keys("m");
  REQUIRE(init_authority(store, CaKind::EcP384, {kNow, 3650}));
  for (const auto& [host, address] : {std::pair{"a", "IP:10.0.0.1"}, {"b", "IP:10.0.0.2"}}) {
    const HostSubject subject{std::string("CN=") + host, {address, std::string("DNS:") + host}};
    REQUIRE(issue_for(store, host, subject, {{kNow, 365}, false, 2048}));
  }
  return store;
}

}  // namespace meshctl::test
