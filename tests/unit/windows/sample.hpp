// Meshes made by hand for the emitters' tests.
#pragma once
#include <string>
#include <vector>

#include "mesh/hostplan.hpp"
#include "unit/fake_keys.hpp"

namespace meshctl::windows_test {

class Keys final : public test::FakeKeys {
 public:
  void append(LinkIndex link, std::string& out) const override { out += "mk1-key-of-link-" + std::to_string(link); }
  [[nodiscard]] unsigned epoch(LinkIndex) const override { return 1; }
  [[nodiscard]] std::span<const CaCrl> crls() const override { return {&crl_, 1}; }

 private:
  CaCrl crl_{"no real CRL\n", "", "5ed36f99.r0", "00112233445566778899aabbccddeeff00112233"};
};

inline Host host(std::string name, const std::vector<std::string>& addresses, BackendKind backend) {
  Host out;
  out.name = out.id = std::move(name);
  out.backend = backend;
  for (const std::string& text : addresses) out.addresses.push_back(*Address::parse(text));
  return out;
}

inline Terms terms(Meeting meeting) {
  Terms out;
  out.ike_version = IkeVersion::V1;
  out.suite = "modern";
  out.proposals = *suite_for("modern", meeting);
  out.selectors = {Selector{}};
  return out;
}

inline void link(Mesh& mesh, HostIndex a, HostIndex b, Terms agreed) {
  const auto index = static_cast<LinkIndex>(mesh.links.size());
  mesh.terms.push_back(std::move(agreed));
  mesh.links.push_back({a, b, static_cast<std::uint32_t>(mesh.terms.size() - 1), {}});
  mesh.links_of.resize(mesh.hosts.size());
  mesh.links_of[a].push_back(index);
  mesh.links_of[b].push_back(index);
}

/// alice (racoon), bob (strongSwan), filesrv and win10 (Windows). filesrv has one main mode for all, win10 several.
inline Mesh sample() {
  Mesh mesh;
  mesh.name = "office";
  mesh.hosts = {host("alice", {"192.0.2.1", "2001:db8::1"}, BackendKind::Racoon),
                host("bob", {"192.0.2.2"}, BackendKind::Strongswan),
                host("filesrv", {"192.0.2.8", "2001:db8::8"}, BackendKind::Windows),
                host("win10", {"192.0.2.10", "2001:db8::10"}, BackendKind::Windows)};
  Terms smb = terms(Meeting::StrongswanWindows);
  smb.level = Level::Use;
  smb.selectors = {Selector{6, 0, 445}, Selector{17, 53, 0}, Selector{1, 0, 0}, Selector{6, 0, 22}};
  smb.selectors.back().action = FlowAction::None;
  Terms domain = terms(Meeting::WindowsOnly);
  domain.auth = Auth::Kerberos;
  domain.ike_lifetime = 3600;
  domain.child_lifetime = 1800;
  link(mesh, 0, 2, terms(Meeting::RacoonWindows));
  link(mesh, 1, 2, smb);
  link(mesh, 0, 3, terms(Meeting::RacoonWindows));
  link(mesh, 2, 3, domain);
  mesh.links_of[2].pop_back();  // filesrv keeps one main mode: the last link is seen from win10 only
  for (const BypassWord word :
       {BypassWord::Nd, BypassWord::IcmpErrors, BypassWord::Ike, BypassWord::Dhcp, BypassWord::SshController}) {
    mesh.bypasses.push_back({word, 0, 0, {}});
  }
  mesh.bypasses.push_back({BypassWord::Selector, 17, 123, {}});
  mesh.bypasses.push_back({BypassWord::Selector, 47, 0, {}});
  const std::vector<Prefix> first = {Prefix::host(mesh.hosts[0].addresses[0])};
  mesh.bypasses.push_back({BypassWord::SshController, 0, 0, {}, BypassRole::Server, first});
  mesh.bypasses.push_back({BypassWord::Selector, 17, 53, {}, BypassRole::Client, first});
  return mesh;
}

/// What the old guides clicked together: 3DES, SHA-1, group 14, no PFS.
inline Mesh old_guide() {
  Mesh mesh;
  mesh.name = "guide";
  mesh.hosts = {host("linux", {"192.0.2.31"}, BackendKind::Racoon), host("old", {"192.0.2.32"}, BackendKind::Windows)};
  mesh.hosts[1].windows_form = WindowsForm::IpsecStatic;
  Terms agreed = terms(Meeting::RacoonWindows);
  agreed.proposals = {{Cipher::TripleDes, 0, Hash::Sha1, DhGroup::Modp2048},
                      {Cipher::TripleDes, 0, Hash::Sha1, DhGroup::None}};
  agreed.selectors = {Selector{6, 0, 445}, Selector{1, 0, 0}};
  link(mesh, 0, 1, agreed);
  mesh.bypasses.push_back(
      {BypassWord::SshController, 0, 0, {}, BypassRole::Server, {Prefix::host(mesh.hosts[0].addresses[0])}});
  return mesh;
}

/// Windows in a mixed mesh with certificates: cert1 meets a strongSwan and another Windows.
inline Mesh certificates() {
  Mesh mesh;
  mesh.name = "lab";
  mesh.hosts = {host("cert1", {"192.0.2.21"}, BackendKind::Windows),
                host("cert2", {"192.0.2.22"}, BackendKind::Windows),
                host("swan", {"192.0.2.23"}, BackendKind::Strongswan)};
  Terms x509 = terms(Meeting::StrongswanWindows);
  x509.auth = Auth::X509;
  link(mesh, 0, 1, x509);
  link(mesh, 0, 2, x509);
  return mesh;
}

}  // namespace meshctl::windows_test
