// swanctl.conf's values: identities, secrets.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "backend/strongswan/traffic_selectors.hpp"
#include "base/secret.hpp"
#include "verify/view.hpp"

namespace meshctl::verify {

using strongswan::read_addresses;
using strongswan::read_traffic_selectors;
using strongswan::TrafficSelector;
using strongswan::TrafficSelectors;

/// "192.0.2.1", "fqdn:a.example", "a@b.example", "C=DE, CN=a", "keyid:x", "%any".
Id read_id(std::string_view text);

/// The bytes of "0x…" and "0s…", else the text itself. nullopt: not hex, not base64.
std::optional<Secret> secret_bytes(const Secret& written);

}  // namespace meshctl::verify
