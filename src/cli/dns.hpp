#pragma once
#include <string>
#include <vector>

#include "base/diag.hpp"
#include "net/address.hpp"

namespace meshctl {

/// Addresses of a DNS name by the system's resolver, sorted, without duplicates. E5020 when it has none. May block for
/// as long as the resolver does.
Result<std::vector<Address>> look_up(const std::string& name);

}  // namespace meshctl
