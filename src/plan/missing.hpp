// What a host's kernel and daemon lack of the generation that its files say.
#pragma once
#include <cstddef>

namespace meshctl {

struct MissingParts {
  std::size_t policies = 0;  // missing in the kernel, or others
  std::size_t sas = 0;       // keyed by hand, likewise
  bool daemon = false;       // it does not run
  bool connections = false;  // it runs, and has not loaded all of them
  [[nodiscard]] bool any() const { return policies > 0 || sas > 0 || daemon || connections; }
  friend bool operator==(const MissingParts&, const MissingParts&) = default;
};

}  // namespace meshctl
