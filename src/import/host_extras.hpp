// What of a host only meshctl's own files tell: addresses inside tunnels, what loads it all at boot, the firewall.
#pragma once
#include <filesystem>

#include "import/source.hpp"

namespace meshctl::importer {

/// Looks below `dir` and `dir`/files. Files of other makers with these names say nothing.
void read_extras(const std::filesystem::path& dir, HostSource& out);

/// A file of a host by its path there, from a copy of / or /etc, `meshctl compile`'s folder, or files side by side.
std::optional<Secret> live_file(const std::filesystem::path& dir, const std::string& live_path);
/// Live paths of what lies in a folder of the host, sorted.
std::vector<std::string> live_files_in(const std::filesystem::path& dir, const std::string& live_folder);

/// A file that meshctl wrote says so in its first lines.
bool made_by_meshctl(std::string_view content);

}  // namespace meshctl::importer
