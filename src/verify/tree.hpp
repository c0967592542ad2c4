// The files of hosts, one host at a time: from folders, or from memory as compile makes them.
//
//   DIR/HOST/files/etc/racoon/…   what `meshctl compile --out DIR` writes; also DIR/HOST itself
//   DIR/etc/racoon/…              a copy of a host's files from the root, from /etc, or from /etc/racoon alone
#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/diag.hpp"

namespace meshctl::verify {

struct TreeFile {
  std::string path;  // live path: "/etc/racoon/racoon.conf"
  std::string name;  // as shown to people
  std::string content;
};

/// Contents may be keys: they are wiped when the tree goes. The order of files is that of their live paths.
struct HostTree {
  std::string host;
  std::vector<TreeFile> files;

  HostTree() = default;
  HostTree(const HostTree&) = delete;
  HostTree& operator=(const HostTree&) = delete;
  HostTree(HostTree&&) noexcept = default;
  HostTree& operator=(HostTree&&) noexcept = default;
  ~HostTree();
  /// Index, or npos.
  [[nodiscard]] std::size_t find(std::string_view path) const;
  static constexpr std::size_t npos = static_cast<std::size_t>(-1);
};

class HostSource {
 public:
  virtual ~HostSource() = default;
  [[nodiscard]] virtual std::size_t size() const = 0;
  /// Thread safe for different workers.
  virtual Result<HostTree> load(std::size_t index, unsigned worker) = 0;
};

/// E7001: not a folder or not readable; E7002: no host's files below it; E7003: two hosts of one name.
Result<std::unique_ptr<HostSource>> open_folders(const std::vector<std::filesystem::path>& folders);

}  // namespace meshctl::verify
