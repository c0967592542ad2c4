// The files that a racoon.conf names. Relative names are below `path include` and `path certificate` (cfparse.y,
// getpathname).
#include "backend/racoon/conf_file.hpp"

namespace meshctl::racoon {
namespace {

std::string below(std::string_view folder, std::string_view name) {
  if (name.starts_with('/') || folder.empty()) return std::string(name);
  return std::string(folder) + "/" + std::string(name);
}

}  // namespace

std::string include_path(const Paths& paths, std::string_view pattern) { return below(paths.include, pattern); }
std::string certificate_path(const Paths& paths, std::string_view name) { return below(paths.certificate, name); }

std::vector<NamedFile> named_files(const ConfFile& file) {
  std::vector<NamedFile> out;
  for (const ConfInclude& one : file.includes) {
    out.push_back({include_path(file.paths, one.pattern), one.where, true});
  }
  if (!file.paths.pre_shared_key.empty()) {
    out.push_back({file.paths.pre_shared_key, file.paths.pre_shared_key_at, false});
  }
  for (const Remote& remote : file.remotes) {
    const auto add = [&](const std::string& name) {
      if (!name.empty()) out.push_back({certificate_path(file.paths, name), remote.where, false});
    };
    add(remote.certificate.certificate);
    add(remote.certificate.key);
    for (const PeerCertificate& peer : remote.peers_certfiles) add(peer.file);
    add(remote.ca_file);
  }
  return out;
}

}  // namespace meshctl::racoon
