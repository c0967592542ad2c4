#include "cli/dns.hpp"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <memory>

namespace meshctl {
namespace {

std::optional<Address> address_of(const addrinfo& info) {
  char text[INET6_ADDRSTRLEN + 16] = {};
  const int bad = getnameinfo(info.ai_addr, info.ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST);
  return bad != 0 ? std::nullopt : Address::parse(text);
}

}  // namespace

Result<std::vector<Address>> look_up(const std::string& name) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;  // else each address comes once for each socket type
  addrinfo* found = nullptr;
  const int bad = getaddrinfo(name.c_str(), nullptr, &hints, &found);
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, freeaddrinfo);
  if (bad != 0) {
    return fail("E5020", fmt::format("cannot resolve '{}': {}", name, gai_strerror(bad)), {},
                "correct the name, or write its addresses into the inventory");
  }
  std::vector<Address> out;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    if (const auto address = address_of(*at)) out.push_back(*address);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  if (out.empty()) return fail("E5020", fmt::format("'{}' has no address that a peer could have", name));
  return out;
}

}  // namespace meshctl
