#include "import/people.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <utility>

namespace meshctl::importer {
namespace {

void add_once(std::vector<Address>& into, const Address& address) {
  if (address.usable_as_peer() && std::find(into.begin(), into.end(), address) == into.end()) into.push_back(address);
}

/// Names have no colons.
std::string made_up_name(const Address& address) {
  std::string out = "peer-" + address.text();
  std::replace(out.begin(), out.end(), ':', '-');
  return out;
}

std::vector<Address> own_addresses(const HostSource& source, const HostFlows& flows) {
  std::vector<Address> out;
  if (source.conf) {
    for (const racoon::Listen& listen : source.conf->listen) {
      if (listen.address) add_once(out, *listen.address);
    }
  }
  std::set<Address> more;
  for (const FlowSeen& flow : flows.flows) {
    if (flow.shape.action == FlowAction::Protect) more.insert(flow.outer.local);
  }
  for (const Address& address : more) add_once(out, address);
  if (!out.empty() || source.dynamic) return out;
  // A host that only lets pass or drops.
  for (const FlowSeen& flow : flows.flows) {
    if (flow.shape.local.is_host()) add_once(out, flow.shape.local.address);
  }
  return out;
}

class PeerFinder {
 public:
  PeerFinder(const std::vector<HostSource>& sources, const std::vector<HostFlows>& flows, DiagSink& sink)
      : sources_(sources), flows_(flows), sink_(sink) {}

  People run() {
    for (std::size_t i = 0; i < sources_.size(); ++i) known(sources_[i], flows_[i]);
    for (std::size_t i = 0; i < sources_.size(); ++i) strangers(sources_[i], flows_[i]);
    std::sort(out_.all.begin(), out_.all.end(), [](const auto& x, const auto& y) { return x.name < y.name; });
    out_.by_address.clear();
    for (std::uint32_t i = 0; i < out_.all.size(); ++i) {
      for (const Address& address : out_.all[i].addresses) out_.by_address[address] = i;
    }
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      subnets(flows_[i]);
      exceptions(sources_[i], flows_[i]);
    }
    return std::move(out_);
  }

 private:
  void known(const HostSource& source, const HostFlows& flows) {
    Person person;
    person.name = source.name;
    person.source = &source;
    person.addresses = own_addresses(source, flows);
    person.inner = source.inner;
    person.dynamic = source.dynamic && person.addresses.empty();
    if (person.dynamic) {
      sink_
          .warning(
              "W8018", {},
              fmt::format("host '{}' has no fixed address: its name stands for the one at which meshctl reaches it",
                          person.name))
          .with_hint("correct 'ssh: {address: …}' of the host");
    } else if (person.addresses.empty()) {
      sink_.warning("W8018", {}, fmt::format("host '{}' is left out: its files name no address of it", person.name))
          .with_hint("write it into the inventory by hand if it is needed");
      return;
    }
    const auto index = static_cast<std::uint32_t>(out_.all.size());
    for (const Address& address : person.addresses) {
      const auto [found, fresh] = out_.by_address.emplace(address, index);
      if (fresh) continue;
      sink_
          .error("E8005", {},
                 fmt::format("hosts '{}' and '{}' both have the address {}", out_.all[found->second].name, person.name,
                             address.text()))
          .with_hint("import hosts that can be told apart by their addresses");
    }
    out_.all.push_back(std::move(person));
  }

  void strangers(const HostSource& source, const HostFlows& flows) {
    for (const FlowSeen& flow : flows.flows) {
      if (flow.shape.action == FlowAction::Protect) stranger(source, flow);
    }
  }

  void stranger(const HostSource& source, const FlowSeen& flow) {
    const Address& address = flow.outer.remote;
    if (out_.by_address.contains(address)) return;
    const auto known = source.known_peers.find(address);
    const std::string name = known == source.known_peers.end() ? made_up_name(address) : known->second;
    auto found = std::find_if(out_.all.begin(), out_.all.end(), [&](const Person& p) { return p.name == name; });
    if (found == out_.all.end()) {
      if (known == source.known_peers.end()) {
        sink_
            .info("N8001", flow.out->where,
                  fmt::format("the other end, {1}, is not among the folders; it is named '{0}' here", name,
                              address.text()))
            .with_hint(
                "rename it in the inventory, and join the addresses of one host; 'managed: false' says that "
                "meshctl does not log in there");
      }
      Person person;
      person.name = name;
      found = out_.all.insert(out_.all.end(), std::move(person));
    }
    add_once(found->addresses, address);
    out_.by_address.emplace(address, static_cast<std::uint32_t>(found - out_.all.begin()));
  }

  /// What tunnels carry beside the ends' own addresses.
  void subnets(const HostFlows& flows) {
    for (const FlowSeen& flow : flows.flows) {
      if (flow.shape.action != FlowAction::Protect || flow.mode != Mode::Tunnel) continue;
      subnet(flow.outer.local, flow.shape.local);
      subnet(flow.outer.remote, flow.shape.remote);
    }
  }
  /// An exception may be of a net, or of a family, of which nothing is protected.
  void exceptions(const HostSource& source, const HostFlows& flows) {
    const auto self =
        std::find_if(out_.all.begin(), out_.all.end(), [&](const Person& p) { return p.source == &source; });
    if (self == out_.all.end()) return;
    for (const FlowSeen& flow : flows.flows) {
      if (flow.shape.action == FlowAction::Protect || !flow.shape.remote.is_host()) continue;
      if (out_.owner(flow.shape.remote.address)) add_subnet(*self, flow.shape.local);
    }
  }
  void subnet(const Address& gateway, const Prefix& net) {
    if (const auto index = out_.owner(gateway)) add_subnet(out_.all[*index], net);
  }
  static void add_subnet(Person& person, const Prefix& net) {
    if (net.length == 0) return;
    for (const auto* own : {&person.addresses, &person.inner}) {
      if (net.is_host() && std::find(own->begin(), own->end(), net.address) != own->end()) return;
    }
    const auto at = std::lower_bound(person.subnets.begin(), person.subnets.end(), net);
    if (at == person.subnets.end() || *at != net) person.subnets.insert(at, net);
  }

  const std::vector<HostSource>& sources_;
  const std::vector<HostFlows>& flows_;
  DiagSink& sink_;
  People out_;
};

}  // namespace

std::optional<std::uint32_t> People::owner(const Address& address) const {
  const auto found = by_address.find(address);
  return found == by_address.end() ? std::nullopt : std::optional(found->second);
}

People find_people(const std::vector<HostSource>& sources, const std::vector<HostFlows>& flows, DiagSink& sink) {
  return PeerFinder(sources, flows, sink).run();
}

}  // namespace meshctl::importer
