#include "verify/tree.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "io/file.hpp"

namespace meshctl::verify {
namespace {

namespace fs = std::filesystem;

/// Where in the live file system a folder of a host's files belongs, told by what lies in it.
std::string live_root(const fs::path& folder) {
  std::error_code none;
  if (fs::is_directory(folder / "etc", none) || fs::is_directory(folder / "ProgramData", none)) return "";
  for (const char* part : {"racoon", "swanctl", "ipsec-tools.conf", "ipsec-tools.d", "meshctl"}) {
    if (fs::exists(folder / part, none)) return "/etc";
  }
  if (fs::exists(folder / "swanctl.conf", none) || fs::is_directory(folder / "conf.d", none)) return "/etc/swanctl";
  for (const char* part : {"racoon.conf", "setkey.conf", "psk.txt"}) {
    if (fs::exists(folder / part, none)) return "/etc/racoon";
  }
  return "-";
}

/// What the IKE daemons and setkey may read; the rest of /etc is not ours to open.
bool wanted(std::string_view path) {
  for (const std::string_view part :
       {"/etc/racoon/", "/etc/swanctl/", "/etc/meshctl/", "/etc/ipsec-tools.d/", "/ProgramData/meshctl/"}) {
    if (path.starts_with(part)) return true;
  }
  for (const std::string_view part : {"/psk", "/cert"}) {  // where racoon's pages put them
    if (path.find(part) != std::string_view::npos) return true;
  }
  return path == "/etc/ipsec-tools.conf" || path == "/etc/setkey.conf";
}

struct HostFolder {
  std::string host;
  fs::path at;       // holds the live tree
  std::string root;  // what `at` is on the host: "", "/etc", "/etc/racoon"
};

void add_file(const HostFolder& folder, const fs::path& file, HostTree& tree, Diags& faults) {
  const std::string path = folder.root + "/" + file.lexically_relative(folder.at).generic_string();
  if (!wanted(path)) return;
  auto content = read_file(file);
  if (!content) {
    for (Diag& diag : content.error()) faults.push_back(std::move(diag));
    return;
  }
  tree.files.push_back({path, file.string(), std::move(*content)});
}

class Folders final : public HostSource {
 public:
  explicit Folders(std::vector<HostFolder> hosts) : hosts_(std::move(hosts)) {}
  [[nodiscard]] std::size_t size() const override { return hosts_.size(); }

  Result<HostTree> load(std::size_t index, unsigned) override {
    const HostFolder& folder = hosts_[index];
    HostTree tree;
    tree.host = folder.host;
    Diags faults;
    std::error_code error;
    for (fs::recursive_directory_iterator at(folder.at, error), end; !error && at != end; at.increment(error)) {
      std::error_code none;
      if (at->is_regular_file(none)) add_file(folder, at->path(), tree, faults);
    }
    if (error) return fail("E7001", fmt::format("cannot read '{}': {}", folder.at.string(), error.message()));
    if (!faults.empty()) return tl::unexpected(std::move(faults));
    std::sort(tree.files.begin(), tree.files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
    return tree;
  }

 private:
  std::vector<HostFolder> hosts_;
};

bool add_host(const fs::path& folder, std::vector<HostFolder>& hosts) {
  std::error_code none;
  const std::string name = fs::absolute(folder).lexically_normal().filename().string();
  if (fs::is_regular_file(folder / "manifest.json", none) && fs::is_directory(folder / "files", none)) {
    hosts.push_back({name, folder / "files", ""});
    return true;
  }
  const std::string root = live_root(folder);
  if (root == "-") return false;
  hosts.push_back({name, folder, root});
  return true;
}

Result<void> add_folder(const fs::path& given, std::vector<HostFolder>& hosts) {
  std::error_code error;
  const fs::path folder = (given / "").parent_path();  // without a slash at the end
  if (!fs::is_directory(folder, error)) {
    return fail("E7001", fmt::format("'{}' is not a folder", given.string()), {},
                "name folders that `meshctl compile -o` wrote, or copies of hosts' /etc");
  }
  if (add_host(folder, hosts)) return {};
  std::vector<fs::path> below;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.is_directory(error)) below.push_back(entry.path());
  }
  if (error) return fail("E7001", fmt::format("cannot read '{}': {}", given.string(), error.message()));
  std::sort(below.begin(), below.end());
  const std::size_t before = hosts.size();
  for (const fs::path& host : below) add_host(host, hosts);
  if (hosts.size() > before) return {};
  return fail("E7002", fmt::format("no host's files in '{}'", given.string()), {},
              "name a folder with racoon's or strongSwan's files, or one that holds such folders");
}

}  // namespace

HostTree::~HostTree() {
  for (TreeFile& file : files) wipe(file.content.data(), file.content.size());
}

std::size_t HostTree::find(std::string_view path) const {
  const auto at =
      std::lower_bound(files.begin(), files.end(), path,
                       [](const TreeFile& file, std::string_view wanted_path) { return file.path < wanted_path; });
  return at != files.end() && at->path == path ? static_cast<std::size_t>(at - files.begin()) : npos;
}

Result<std::unique_ptr<HostSource>> open_folders(const std::vector<fs::path>& folders) {
  std::vector<HostFolder> hosts;
  for (const fs::path& folder : folders) {
    if (auto added = add_folder(folder, hosts); !added) return tl::unexpected(std::move(added.error()));
  }
  std::set<std::string> names;
  for (const HostFolder& host : hosts) {
    if (names.insert(host.host).second) continue;
    return fail("E7003", fmt::format("two of the folders are called '{}'", host.host), {},
                "name each host's folder after the host, once");
  }
  return std::make_unique<Folders>(std::move(hosts));
}

}  // namespace meshctl::verify
