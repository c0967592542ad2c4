// Manual SAs: SPIs and keys without IKE, allocated once and kept in the vault.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "keys/keys.hpp"

namespace meshctl {

/// One SA that the mesh calls for: direction, protocol, and how long its algorithms' keys are.
struct ManualWish {
  std::string link;  // link_key()
  std::string source;
  std::string destination;
  std::string protocol;  // "esp" or "ah"
  std::size_t encryption_bytes = 0;
  std::size_t authentication_bytes = 0;
};

struct ManualChange {
  std::size_t kept = 0;
  std::size_t made = 0;  // new, or anew because an algorithm's key length changed
  std::size_t dropped = 0;
};

/// Brings `keys` to exactly these SAs: what is there with the right lengths stays. E3040: the SPIs are used up.
Result<ManualChange> allocate_manual(ManualKeys& keys, const std::vector<ManualWish>& wishes);

/// Forgets the SAs of a link ("" : of all), so that the next allocate_manual() makes them anew. How many.
std::size_t forget_manual(ManualKeys& keys, std::string_view link);

}  // namespace meshctl
