// Random resolved meshes for the property tests: every mode, way of authentication and kind of selector.
#pragma once
#include <fmt/format.h>
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
  project(mesh, host, plan);
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
    terms.auth = *rc::gen::element(Auth::Psk, Auth::Rsa, Auth::X509, Auth::Manual);
    terms.protect = *rc::gen::element(Protect::Esp, Protect::Esp, Protect::Ah, Protect::EspAh);
    if (terms.uses_ike() && terms.protect == Protect::EspAh) terms.protect = Protect::Esp;
    terms.ah_hash = *rc::gen::element(Hash::Sha1, Hash::Sha256, Hash::Sha512);
    terms.ipcomp = terms.auth != Auth::Manual && *rc::gen::weightedElement<bool>({{4, false}, {1, true}});
    terms.child_bytes = *rc::gen::element<std::uint64_t>(0, 0, 1048576, 1ULL << 62);
    terms.dpd_retry = *rc::gen::inRange(1u, 600u);
    terms.nat_traversal = *rc::gen::element(NatTraversal::Off, NatTraversal::On, NatTraversal::Force);
    terms.fragmentation = *rc::gen::element(Fragmentation::Off, Fragmentation::On, Fragmentation::Force);
    terms.exchange_mode = *rc::gen::element(ExchangeMode::Main, ExchangeMode::Main, ExchangeMode::Aggressive);
    terms.verify_identifier = *rc::gen::arbitrary<bool>();
    terms.send_cert = *rc::gen::arbitrary<bool>();
    terms.send_cr = *rc::gen::arbitrary<bool>();
    terms.rekey = *rc::gen::element(Rekey::On, Rekey::On, Rekey::Off, Rekey::Force);
    terms.passive = *rc::gen::arbitrary<bool>();
    terms.priority = *rc::gen::element(0, 0, 100, -100, 7);
    if (*rc::gen::weightedElement<bool>({{4, false}, {1, true}})) terms.outer = Family::V4;
    if (*rc::gen::arbitrary<bool>()) {
      terms.a_identity = Identity{*rc::gen::element(IdentityKind::Fqdn, IdentityKind::UserFqdn, IdentityKind::KeyId),
                                  *rc::gen::element<std::string>("a.example", "a@example", "x y#{};=%")};
    }
    if (*rc::gen::arbitrary<bool>()) terms.b_identity = Identity{IdentityKind::Asn1Dn, "C=DE, O=Ex (1), CN=b"};
    std::set<Selector> selectors;
    const auto count = *rc::gen::inRange(0, 4);
    for (int i = 0; i < count; ++i) {
      const auto protocol = *rc::gen::element<std::uint8_t>(0, 1, 6, 17, 58, 132, 255);
      const bool ports = protocol == 6 || protocol == 17 || protocol == 132;
      const auto port = [ports] {
        return ports ? *rc::gen::element<std::uint16_t>(0, 1, 22, 65535) : std::uint16_t{0};
      };
      Selector selector;
      selector.protocol = protocol;
      selector.a_port = port();
      selector.b_port = port();
      if ((protocol == 1 || protocol == 58) && *rc::gen::arbitrary<bool>()) {
        selector.icmp_type = *rc::gen::element<std::int16_t>(0, 3, 8, 255);
        selector.icmp_code = *rc::gen::element<std::int16_t>(-1, 0, 255);
      }
      selector.action =
          *rc::gen::element(FlowAction::Protect, FlowAction::Protect, FlowAction::None, FlowAction::Discard);
      const bool told = std::any_of(selectors.begin(), selectors.end(), [selector](Selector other) {
        other.action = selector.action;
        return other == selector;
      });
      if (!told) selectors.insert(selector);  // one traffic, one action: resolve() sees to it
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
      host.address_identity = {IdentityKind::Address, ""};
      host.subject_identity = {IdentityKind::Asn1Dn, "O=test, CN=" + host.name};
      if (*rc::gen::arbitrary<bool>()) host.subnets.push_back(*Prefix::parse(fmt::format("10.1.{}.0/24", number)));
      if (*rc::gen::arbitrary<bool>()) {
        host.inner_addresses.push_back(Address::v4(0x0a020001u + number));
        if (host.backend == BackendKind::Strongswan && *rc::gen::weightedElement<bool>({{3, false}, {1, true}})) {
          host.dynamic = true;
          host.addresses.clear();
          if (*rc::gen::arbitrary<bool>()) host.inner_addresses.clear();
        }
      }
      mesh.hosts.push_back(host);
    }
    mesh.terms = *rc::gen::container<std::vector<Terms>>(3, terms_gen());
    mesh.links_of.resize(mesh.hosts.size());
    for (HostIndex a = 0; a < mesh.hosts.size(); ++a) {
      for (HostIndex b = a + 1; b < mesh.hosts.size(); ++b) {
        if (!*rc::gen::weightedElement<bool>({{4, true}, {1, false}})) continue;
        if (mesh.hosts[a].dynamic && mesh.hosts[b].dynamic) continue;
        const auto index = static_cast<LinkIndex>(mesh.links.size());
        const auto terms = *rc::gen::inRange<std::uint32_t>(0, static_cast<std::uint32_t>(mesh.terms.size()));
        const bool dynamic = mesh.hosts[a].dynamic || mesh.hosts[b].dynamic;
        if (dynamic && mesh.terms[terms].auth == Auth::Manual) continue;
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
