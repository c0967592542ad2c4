// /etc/strongswan.d/meshctl.conf: what charon takes from strongswan.conf alone, and not from a connection.
#pragma once
#include <string>

#include "mesh/hostplan.hpp"
#include "tmpl/template.hpp"

namespace meshctl::strongswan {

/// Whether the host has any such setting: charon's own defaults need no file.
[[nodiscard]] bool sets_charon(const DaemonSettings& daemon);

/// charon's level, 0 to 4, for a word of the inventory.
[[nodiscard]] unsigned charon_level(LogLevel level);

const Vocabulary& charon_vocabulary();
[[nodiscard]] bool render_charon(const Template& compiled, const HostPlan& plan, std::string& out);

}  // namespace meshctl::strongswan
