#include "cli/dns.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "ssh/resolve.hpp"

namespace meshctl {

Result<std::vector<Address>> look_up(const std::string& name, ssh::Bound& bound) {
  const auto resolved = ssh::resolve(name, "", 0, bound);
  if (!resolved && bound.stopped()) return bound.gave_up("E5020", name);
  if (!resolved) {
    return fail("E5020", fmt::format("cannot resolve '{}': no answer for {}", name, bound.silence()), {},
                "look at this machine's resolver, or write the addresses into the inventory");
  }
  if (resolved->error != 0) {
    return fail("E5020", fmt::format("cannot resolve '{}': {}", name, gai_strerror(resolved->error)), {},
                "correct the name, or write its addresses into the inventory");
  }
  std::vector<Address> out;
  for (const ssh::Endpoint& at : resolved->endpoints) {
    if (const auto address = Address::parse(ssh::address_text(at.address, at.size))) out.push_back(*address);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  if (out.empty()) return fail("E5020", fmt::format("'{}' has no address that a peer could have", name));
  return out;
}

}  // namespace meshctl
