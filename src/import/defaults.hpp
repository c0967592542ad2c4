// The most common values go to `defaults:`, and what the language has anyway is left out.
#pragma once
#include "inventory/inventory.hpp"

namespace meshctl::importer {

/// Every link has all of its values on entry; on return only those that `defaults` do not give it.
void factor_defaults(Inventory& inventory);

}  // namespace meshctl::importer
