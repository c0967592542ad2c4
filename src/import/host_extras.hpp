// What of a host only meshctl's own files tell: addresses inside tunnels, what loads it all at boot, the firewall.
#pragma once
#include <filesystem>

#include "import/source.hpp"

namespace meshctl::importer {

/// Looks below `dir` and `dir`/files. Files of other makers with these names say nothing.
void read_extras(const std::filesystem::path& dir, HostSource& out);

/// A file that meshctl wrote says so in its first lines.
bool made_by_meshctl(std::string_view content);

}  // namespace meshctl::importer
