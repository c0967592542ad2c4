// What racoon hosts discard while a road warrior has no policies (docs/backend-racoon.md, "Ends of unknown address"):
// its link makes these again.
#pragma once
#include <vector>

#include "import/host_flows.hpp"
#include "import/source.hpp"

namespace meshctl::importer {

/// Takes them out of `flows`, which belong to `hosts` one by one, where the road warrior's own files are there too.
void leave_out_road_blocks(const std::vector<HostSource>& hosts, std::vector<HostFlows>& flows);

}  // namespace meshctl::importer
