// swanctl.conf's values: traffic selectors, identities, secrets.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "base/secret.hpp"
#include "verify/view.hpp"

namespace meshctl::verify {

/// "dynamic[6/5432]", "10.1.0.0/16[tcp]": no net means dynamic, the connection's own address.
struct TrafficSelector {
  std::optional<Prefix> net;
  std::uint8_t protocol = 0;
  std::uint16_t port = 0;  // of ICMP type * 256 + code
};

/// The list between the commas; what cannot be read is left out and `whole` is false.
struct TrafficSelectors {
  std::vector<TrafficSelector> list;
  bool whole = true;
};
TrafficSelectors read_traffic_selectors(std::string_view text);

/// Addresses of local_addrs and remote_addrs; "%any" and names are left out.
std::vector<Address> read_addresses(std::string_view text);

/// "192.0.2.1", "fqdn:a.example", "a@b.example", "C=DE, CN=a", "keyid:x", "%any".
Id read_id(std::string_view text);

/// The bytes of "0x…" and "0s…", else the text itself. nullopt: not hex, not base64.
std::optional<Secret> secret_bytes(const Secret& written);

}  // namespace meshctl::verify
