// Holes of the old hosts -> `bypass:`.
#pragma once
#include <optional>
#include <vector>

#include "import/host_flows.hpp"
#include "inventory/inventory.hpp"

namespace meshctl::importer {

/// Exceptions for addresses of no host, and networks of no link, become holes of their hosts.
void take_bypass_peers(std::vector<HostFlows>& flows);

/// What all hosts let pass, since `bypass:` holds for all. Holes that only some have, or that the language cannot say,
/// are taken out of the hosts' holes and go to their foreign policies (W8014). nullopt: the language's default.
std::optional<std::vector<BypassEntry>> bypasses_of(const std::vector<HostSource>& sources,
                                                    std::vector<HostFlows>& flows, DiagSink& sink);

}  // namespace meshctl::importer
