#include "backend/policy/policy.hpp"

#include <utility>

namespace meshctl::spd {

std::string_view text(Direction direction) {
  constexpr std::string_view words[] = {"in", "out", "fwd"};
  return words[static_cast<std::size_t>(direction)];
}
std::string_view text(Action action) {
  constexpr std::string_view words[] = {"discard", "none", "ipsec"};
  return words[static_cast<std::size_t>(action)];
}
std::string_view text(Transform transform) {
  constexpr std::string_view words[] = {"esp", "ah", "ipcomp"};
  return words[static_cast<std::size_t>(transform)];
}
std::string_view text(Encapsulation encapsulation) {
  return encapsulation == Encapsulation::Transport ? "transport" : "tunnel";
}
std::string_view text(RequestLevel level) {
  constexpr std::string_view words[] = {"default", "use", "require", "unique"};
  return words[static_cast<std::size_t>(level)];
}

bool Selector::has_icmp_type() const { return protocol == kIcmp || protocol == kIcmp6 || protocol == kMobility; }

void Policy::add(const Request& wanted) {
  if (request_count < kMaxRequests) request[request_count++] = wanted;
}

Policy other_end(const Policy& policy) {
  Policy out = policy;
  if (policy.direction == Direction::In) out.direction = Direction::Out;
  if (policy.direction == Direction::Out) out.direction = Direction::In;
  return out;
}

Policy reversed(const Policy& policy) {
  Policy out = other_end(policy);
  std::swap(out.selector.source, out.selector.destination);
  if (!policy.selector.has_icmp_type()) std::swap(out.selector.source_port, out.selector.destination_port);
  for (Request& request : out.request) std::swap(request.source, request.destination);
  return out;
}

namespace {
bool overlap(const Prefix& a, const Prefix& b) { return a.contains(b.address) || b.contains(a.address); }
bool overlap(std::uint16_t a, std::uint16_t b) { return a == 0 || b == 0 || a == b; }
}  // namespace

bool overlap(const Selector& a, const Selector& b) {
  if (a.source.family() != b.source.family()) return false;
  const bool protocols = a.protocol == kAnyProtocol || b.protocol == kAnyProtocol || a.protocol == b.protocol;
  return protocols && overlap(a.source, b.source) && overlap(a.destination, b.destination) &&
         overlap(a.source_port, b.source_port) && overlap(a.destination_port, b.destination_port);
}

bool opens_all_ports(const Policy& policy) {
  const Selector& s = policy.selector;
  const bool clear = policy.action == Action::None || (policy.action == Action::Ipsec && policy.request_count == 0);
  // No narrower than the inventory's E0222.
  const bool anybody = s.source.length < (s.source.family() == Family::V4 ? 8 : 16);
  return clear && policy.direction != Direction::Out && !s.has_icmp_type() && anybody && s.source_port != 0 &&
         s.destination_port == 0;
}

bool same_key(const Policy& a, const Policy& b) { return a.direction == b.direction && a.selector == b.selector; }

}  // namespace meshctl::spd
