// Random resolved meshes for the property tests, and a projection of one host's view that is written apart from the
// product's own, so that the tests do not stand on what they might be testing.
#pragma once
#include <rapidcheck.h>

#include <algorithm>
#include <set>
#include <string>

#include "backend/backend.hpp"
#include "mesh/hostplan.hpp"
#include "unit/fake_keys.hpp"

namespace meshctl::test {

/// A key for each link: text that depends on the link alone.
class FakePsks final : public FakeKeys {
 public:
  void append(LinkIndex link, std::string& out) const override { out += "mk1-test" + std::to_string(link) + "_-x"; }
  [[nodiscard]] unsigned epoch(LinkIndex) const override { return 1; }
};

inline HostPlan view(const Mesh& mesh, HostIndex host) {
  HostPlan plan;
  plan.mesh = &mesh;
  plan.host = host;
  for (const LinkIndex index : mesh.links_of[host]) {
    const Link& link = mesh.links[index];
    const bool is_a = link.a == host;
    PeerPlan peer;
    peer.link = index;
    peer.peer = is_a ? link.b : link.a;
    peer.terms = &mesh.terms[link.terms];
    peer.initiator = is_a;
    peer.first_pair = static_cast<std::uint32_t>(plan.pairs.size());
    for (const auto& local : mesh.hosts[host].addresses) {
      for (const auto& remote : mesh.hosts[peer.peer].addresses) {
        if (local.family() == remote.family()) plan.pairs.push_back({local, remote});
      }
    }
    peer.pair_count = static_cast<std::uint32_t>(plan.pairs.size()) - peer.first_pair;
    peer.first_selector = static_cast<std::uint32_t>(plan.selectors.size());
    for (const auto& selector : peer.terms->selectors) {
      plan.selectors.push_back(
          {selector.protocol, is_a ? selector.a_port : selector.b_port, is_a ? selector.b_port : selector.a_port});
    }
    peer.selector_count = static_cast<std::uint32_t>(plan.selectors.size()) - peer.first_selector;
    plan.peers.push_back(peer);
  }
  return plan;
}

inline rc::Gen<Terms> terms_gen() {
  return rc::gen::exec([] {
    Terms terms;
    terms.mode = *rc::gen::element(Mode::Transport, Mode::Tunnel);
    terms.level = terms.mode == Mode::Tunnel ? Level::Require : *rc::gen::element(Level::Require, Level::Use);
    terms.ike_version = *rc::gen::element(IkeVersion::V1, IkeVersion::V2);
    terms.proposals.ike.hash = *rc::gen::element(Hash::Sha1, Hash::Sha256, Hash::Sha384, Hash::Sha512);
    terms.proposals.ike.group = *rc::gen::element(DhGroup::Modp2048, DhGroup::Modp3072, DhGroup::Ecp384);
    terms.proposals.esp.hash = *rc::gen::element(Hash::Sha1, Hash::Sha256, Hash::Sha384, Hash::Sha512);
    terms.proposals.esp.pfs = *rc::gen::element(DhGroup::None, DhGroup::Modp2048, DhGroup::Ecp256);
    terms.ike_lifetime = *rc::gen::inRange(300u, 86401u);
    terms.child_lifetime = *rc::gen::inRange(300u, 86401u);
    terms.dpd_delay = *rc::gen::inRange(0u, 3601u);
    std::set<Selector> selectors;
    const auto count = *rc::gen::inRange(0, 4);
    for (int i = 0; i < count; ++i) {
      const auto protocol = *rc::gen::element<std::uint8_t>(0, 1, 6, 17, 58, 132, 255);
      const bool ports = protocol == 6 || protocol == 17 || protocol == 132;
      const auto port = [ports] {
        return ports ? *rc::gen::element<std::uint16_t>(0, 1, 22, 65535) : std::uint16_t{0};
      };
      const auto a = port();
      selectors.insert(Selector{protocol, a, port()});
    }
    terms.selectors.assign(selectors.begin(), selectors.end());
    if (terms.selectors.empty()) terms.selectors.push_back({});
    return terms;
  });
}

inline rc::Gen<Mesh> mesh_gen() {
  return rc::gen::exec([] {
    Mesh mesh;
    mesh.name = "test";
    const auto count = *rc::gen::inRange<std::uint32_t>(1, 7);
    std::uint32_t number = 0;
    for (; number < count; ++number) {
      Host host;
      host.name =
          "h" + *rc::gen::element<std::string>("", "a", "-1", "_b", ".example.com", "A.b_c-d") + std::to_string(number);
      host.id = host.name;
      host.backend = *rc::gen::element(BackendKind::Strongswan, BackendKind::Racoon);
      host.addresses.push_back(Address::v4(0x0a000001u + number));
      if (*rc::gen::arbitrary<bool>()) host.addresses.push_back(Address::v4(0xac100001u + number));
      if (*rc::gen::arbitrary<bool>()) {
        std::array<std::uint8_t, 16> bytes = {0xfd, 0x77};
        bytes[15] = static_cast<std::uint8_t>(number + 1);
        host.addresses.push_back(Address::v6(bytes));
      }
      mesh.hosts.push_back(host);
    }
    mesh.terms = *rc::gen::container<std::vector<Terms>>(3, terms_gen());
    mesh.links_of.resize(mesh.hosts.size());
    for (HostIndex a = 0; a < mesh.hosts.size(); ++a) {
      for (HostIndex b = a + 1; b < mesh.hosts.size(); ++b) {
        if (!*rc::gen::weightedElement<bool>({{4, true}, {1, false}})) continue;
        const auto index = static_cast<LinkIndex>(mesh.links.size());
        const auto terms = *rc::gen::inRange<std::uint32_t>(0, static_cast<std::uint32_t>(mesh.terms.size()));
        mesh.links.push_back({a, b, terms, {}});
        mesh.links_of[a].push_back(index);
        mesh.links_of[b].push_back(index);
      }
    }
    for (const auto word : {BypassWord::Nd, BypassWord::IcmpErrors, BypassWord::Ike, BypassWord::Icmp, BypassWord::Dhcp,
                            BypassWord::SshController}) {
      if (*rc::gen::arbitrary<bool>()) mesh.bypasses.push_back({word, 0, 0, {}});
    }
    mesh.bypasses.push_back({BypassWord::Selector, 17, *rc::gen::inRange<std::uint16_t>(6000, 7000), {}});
    if (*rc::gen::arbitrary<bool>()) mesh.bypasses.push_back({BypassWord::Selector, 6, 22, {}});  // as ssh-controller
    return mesh;
  });
}

}  // namespace meshctl::test
