#include "import/host_extras.hpp"

#include <algorithm>
#include <optional>
#include <sstream>

#include "io/file.hpp"

namespace meshctl::importer {
namespace {

namespace fs = std::filesystem;

/// Where a live path may be below `dir`.
std::vector<fs::path> places(const fs::path& dir, std::string_view live_path) {
  std::vector<fs::path> out;
  for (const std::string_view above : {"/", "/etc/", "/etc/racoon/", "/etc/swanctl/", "/ProgramData/meshctl/"}) {
    if (!live_path.starts_with(above)) continue;
    for (const fs::path& root : {dir / "files", dir}) out.push_back(root / live_path.substr(above.size()));
  }
  return out;
}

/// The file's content if it is there and ours.
std::optional<std::string> ours(const fs::path& dir, const char* live_path) {
  for (const fs::path& root : {dir, dir / "files"}) {
    std::error_code error;
    const fs::path path = root / live_path;
    if (!fs::is_regular_file(fs::symlink_status(path, error))) continue;
    auto text = read_file(path);
    if (text && made_by_meshctl(*text)) return *std::move(text);
  }
  return std::nullopt;
}

/// racoon's script: `route NET SOURCE PEER [INTERFACE]`; strongSwan's list: `NET SOURCE PEER INTERFACE`, `-` for none.
void read_routes(const std::string& text, bool script, HostSource& out) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string verb = "route", net, source, peer, interface;
    if (script) words >> verb;
    words >> net >> source >> peer >> interface;
    if (verb != "route" || peer.empty()) continue;
    if (interface == "-") interface.clear();
    const auto address = Address::parse(source);
    if (!address) continue;
    if (std::find(out.inner.begin(), out.inner.end(), *address) == out.inner.end()) out.inner.push_back(*address);
    out.interface = interface;
  }
  std::sort(out.inner.begin(), out.inner.end());
}

}  // namespace

std::optional<Secret> live_file(const fs::path& dir, const std::string& live_path) {
  for (const fs::path& path : places(dir, live_path)) {
    std::error_code error;
    if (!fs::is_regular_file(fs::symlink_status(path, error))) continue;
    if (auto text = read_file(path)) return Secret::take(*text);
  }
  return std::nullopt;
}

std::vector<std::string> live_files_in(const fs::path& dir, const std::string& live_folder) {
  std::vector<std::string> out;
  for (const fs::path& folder : places(dir, live_folder)) {
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
      out.push_back(live_folder + "/" + at->path().filename().native());
    }
    if (!out.empty()) break;
  }
  std::sort(out.begin(), out.end());
  return out;
}

bool made_by_meshctl(std::string_view content) {
  constexpr std::size_t head = 300;
  const std::string_view start = content.substr(0, head);
  return start.find("ade by meshctl") != std::string_view::npos || start.find(" of meshctl") != std::string_view::npos;
}

void read_extras(const fs::path& dir, HostSource& out) {
  if (const auto script = ours(dir, "etc/racoon/routes.sh")) read_routes(*script, true, out);
  if (const auto list = ours(dir, "etc/meshctl/routes.list")) read_routes(*list, false, out);
  if (ours(dir, "etc/systemd/system/meshctl-policies.service")) out.boot = Boot::Systemd;
  bool closed = false;
  if (const auto hook = ours(dir, "etc/network/if-pre-up.d/meshctl-policies")) {
    out.boot = Boot::Ifupdown;
    closed = hook->find("exit 1") != std::string::npos;
  }
  if (ours(dir, "etc/rcS.d/S11meshctl-policies")) out.boot = Boot::Rc;
  closed = closed || ours(dir, "etc/systemd/system/networking.service.d/50-meshctl-policies.conf");
  if (closed) out.boot_fail = BootFail::Closed;
  for (const std::string folder : {"etc/racoon/", "etc/meshctl/"}) {
    if (ours(dir, (folder + "firewall.nftables").c_str())) out.firewall = Firewall::Nftables;
    if (ours(dir, (folder + "firewall.iptables").c_str())) out.firewall = Firewall::Iptables;
  }
}

}  // namespace meshctl::importer
