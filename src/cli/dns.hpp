#pragma once
#include <string>
#include <vector>

#include "base/diag.hpp"
#include "net/address.hpp"
#include "ssh/bound.hpp"

namespace meshctl {

/// Addresses of a DNS name by the system's resolver, sorted, without duplicates. E5020 when it has none, or when there
/// is no answer within the bound; E5009 when stopped.
Result<std::vector<Address>> look_up(const std::string& name, ssh::Bound& bound);

}  // namespace meshctl
