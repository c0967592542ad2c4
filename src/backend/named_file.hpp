// Files that a configuration names: what it includes, and where its keys and certificates are.
#pragma once
#include <string>

#include "base/range.hpp"

namespace meshctl {

struct NamedFile {
  std::string path;  // the live path: "/etc/racoon/psk.txt"; of an include a pattern of glob(7)
  Range where;       // the place that names it
  bool include = false;
};

}  // namespace meshctl
