// KeyStore <-> the JSON inside the vault; docs/keys.md describes the fields. Internal to src/keys/.
#pragma once
#include <string_view>

#include "keys/keys.hpp"

namespace meshctl {

/// One line, keys in a fixed order. Every buffer that a secret goes through is wiped.
Secret write_store(const KeyStore& store);

/// Strict: unknown, missing or doubled keys are E3004, a newer schema version E3005. `name` is for the texts, which
/// never quote the content.
Result<KeyStore> parse_store(Secret text, std::string_view name);

}  // namespace meshctl
