// The new inventory against the old policies: does it do the same?
#pragma once
#include <vector>

#include "import/host_flows.hpp"
#include "inventory/inventory.hpp"

namespace meshctl::importer {

/// Resolves the inventory and compares the policies that racoon's back end makes of it with those that the hosts had,
/// except for priorities and what was carried as raw text. W8016: one is missing or new. W8017: resolve() or a back end
/// refuses it.
void prove(const Inventory& inventory, const std::vector<HostSource>& sources, const std::vector<HostFlows>& flows,
           DiagSink& sink);

}  // namespace meshctl::importer
