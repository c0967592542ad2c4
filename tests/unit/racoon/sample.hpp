// Meshes made by hand, for the racoon tests.
#pragma once
#include <string>
#include <vector>

#include "backend/backend.hpp"
#include "mesh/hostplan.hpp"
#include "unit/fake_keys.hpp"

namespace meshctl::racoon_test {

/// "mk1-link0" …: enough to see which key went where.
class FakePsks final : public test::FakeKeys {
 public:
  void append(LinkIndex link, std::string& out) const override { out += "mk1-key-of-link-" + std::to_string(link); }
  [[nodiscard]] unsigned epoch(LinkIndex) const override { return 1; }
};

inline Terms terms() {
  Terms out;
  out.ike_version = IkeVersion::V1;
  out.suite = "modern";
  out.selectors = {Selector{}};
  return out;
}

inline Host host(std::string name, const std::vector<std::string>& addresses) {
  Host out;
  out.name = out.id = std::move(name);
  for (const std::string& text : addresses) out.addresses.push_back(*Address::parse(text));
  return out;
}

inline void link(Mesh& mesh, HostIndex a, HostIndex b, std::uint32_t terms_index) {
  const auto index = static_cast<LinkIndex>(mesh.links.size());
  mesh.links.push_back({a, b, terms_index, {}});
  mesh.links_of.resize(mesh.hosts.size());
  mesh.links_of[a].push_back(index);
  mesh.links_of[b].push_back(index);
}

/// Three hosts, both families, a link by selectors, a tunnel, every bypass word.
inline Mesh sample() {
  Mesh mesh;
  mesh.name = "office";
  mesh.hosts = {host("alpha", {"192.0.2.1", "2001:db8::1"}), host("beta", {"192.0.2.2", "2001:db8::2"}),
                host("gamma", {"192.0.2.3", "192.0.2.33"})};
  Terms web = terms();
  web.level = Level::Use;
  web.dpd_delay = 0;
  web.proposals.esp.pfs = DhGroup::None;
  web.selectors = {{6, 0, 443}, {6, 0, 80}, {17, 53, 53}, {1, 0, 0}};
  Terms tunnel = terms();
  tunnel.mode = Mode::Tunnel;
  mesh.terms = {terms(), web, tunnel};
  link(mesh, 0, 1, 0);
  link(mesh, 0, 2, 1);
  link(mesh, 1, 2, 2);
  for (const BypassWord word : {BypassWord::Nd, BypassWord::IcmpErrors, BypassWord::Ike, BypassWord::Icmp,
                                BypassWord::Dhcp, BypassWord::SshController}) {
    mesh.bypasses.push_back({word, 0, 0, {}});
  }
  mesh.bypasses.push_back({BypassWord::Selector, 6, 22, {}});
  mesh.bypasses.push_back({BypassWord::Selector, 17, 123, {}});
  return mesh;
}

}  // namespace meshctl::racoon_test
