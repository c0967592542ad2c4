// The files that a swanctl.conf names. Relative names are below the folder of their kind (swanctl.conf(5), "certs", …).
#include "backend/strongswan/model.hpp"
#include "backend/strongswan/traffic_selectors.hpp"

namespace meshctl::strongswan {

std::vector<std::string> paths_below(std::string_view names, std::string_view folder) {
  std::vector<std::string> out;
  for (const std::string_view name : comma_list(names)) {
    out.push_back(name.starts_with('/') ? std::string(name) : std::string(folder) + std::string(name));
  }
  return out;
}

std::vector<NamedFile> named_files(const SwanFile& file, std::string_view folder) {
  std::vector<NamedFile> out;
  for (const SwanInclude& one : file.includes) {
    for (std::string& path : paths_below(one.pattern, folder)) out.push_back({std::move(path), one.where.range, true});
  }
  for (const SwanConnection& connection : file.connections) {
    const auto add = [&](std::string_view names, std::string_view kind) {
      for (std::string& path : paths_below(names, kind)) {
        out.push_back({std::move(path), connection.where.range, false});
      }
    };
    for (const std::vector<SwanAuth>* end : {&connection.local, &connection.remote}) {
      for (const SwanAuth& auth : *end) {
        add(auth.certs, kCertificateFolder);
        add(auth.pubkeys, kPublicKeyFolder);
        add(auth.cacerts, kCaFolder);
      }
    }
  }
  return out;
}

}  // namespace meshctl::strongswan
