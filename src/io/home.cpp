#include "io/home.hpp"

#include <pwd.h>
#include <unistd.h>

#include <vector>

namespace meshctl {

std::string home_folder() {
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> buffer(16384);
  if (getpwuid_r(geteuid(), &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) return {};
  return entry.pw_dir == nullptr ? std::string() : std::string(entry.pw_dir);
}

std::string expand_home(const std::string& path) {
  return path.starts_with("~/") ? home_folder() + path.substr(1) : path;
}

}  // namespace meshctl
