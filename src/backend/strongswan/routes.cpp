#include "backend/strongswan/routes.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace meshctl::strongswan {
namespace {

/// An address of this host that lies within the near side of the flow.
std::optional<Address> source_in(const Host& self, const Prefix& local) {
  for (const auto* list : {&self.inner_addresses, &self.addresses}) {
    const auto found = std::find_if(list->begin(), list->end(), [&](const Address& a) { return local.contains(a); });
    if (found != list->end()) return *found;
  }
  return std::nullopt;
}

}  // namespace

std::vector<Route> routes_of(const HostPlan& plan) {
  std::vector<Route> out;
  for (const PeerPlan& peer : plan.peers) {
    if (peer.terms->mode != Mode::Tunnel) continue;
    for (const Flow& flow : plan.flows_of(peer)) {
      const Address& remote = plan.outer(peer, flow).remote;
      if (flow.action != FlowAction::Protect || flow.remote.length == 0) continue;
      if (remote.unspecified() || flow.remote.contains(remote)) continue;
      out.push_back({flow.remote, source_in(plan.self(), flow.local), remote, plan.self().interface});
    }
  }
  // Of two flows to one net, the one that this host has an address for.
  std::stable_sort(out.begin(), out.end(), [](const Route& x, const Route& y) {
    return std::pair(x.net, !x.source) < std::pair(y.net, !y.source);
  });
  out.erase(std::unique(out.begin(), out.end(), [](const Route& x, const Route& y) { return x.net == y.net; }),
            out.end());
  return out;
}

std::string route_line(const Route& route) {
  std::string net;
  route.net.address.append_to(net);
  return fmt::format("{}/{} {} {} {}", net, route.net.length, route.source ? route.source->text() : "-",
                     route.peer.text(), route.device.empty() ? "-" : route.device);
}

}  // namespace meshctl::strongswan
