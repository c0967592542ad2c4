// Exact bytes of the emitted files. MESHCTL_ACCEPT=1 rewrites them and fails, so that it never passes unseen.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "backend/strongswan/strongswan.hpp"
#include "unit/strongswan/random_mesh.hpp"

using namespace meshctl;
namespace fs = std::filesystem;

namespace {

Address address(std::string_view text) { return *Address::parse(text); }

Host host(std::string name, BackendKind kind, std::vector<Address> addresses) {
  Host out;
  out.name = out.id = std::move(name);
  out.backend = kind;
  out.addresses = std::move(addresses);
  return out;
}

Mesh mesh_of(std::vector<Host> hosts, std::vector<Terms> terms, const std::vector<Link>& links) {
  Mesh mesh;
  mesh.name = "golden";
  mesh.hosts = std::move(hosts);
  mesh.terms = std::move(terms);
  mesh.links_of.resize(mesh.hosts.size());
  for (const Link& link : links) {
    mesh.links_of[link.a].push_back(static_cast<LinkIndex>(mesh.links.size()));
    mesh.links_of[link.b].push_back(static_cast<LinkIndex>(mesh.links.size()));
    mesh.links.push_back(link);
  }
  mesh.bypasses = {{BypassWord::Nd, 0, 0, {}}, {BypassWord::IcmpErrors, 0, 0, {}}, {BypassWord::Ike, 0, 0, {}}};
  return mesh;
}

/// Two strongSwan hosts, both families, IKEv2.
Mesh pair_mesh() {
  Terms terms;
  terms.selectors = {{}};
  return mesh_of({host("alice", BackendKind::Strongswan, {address("10.77.0.1"), address("fd77::1")}),
                  host("bob", BackendKind::Strongswan, {address("10.77.0.2"), address("fd77::2")})},
                 {terms}, {{0, 1, 0, {}}});
}

Host with_inner(Host host, std::string_view subnet, std::string_view inner) {
  if (!subnet.empty()) host.subnets = {*Prefix::parse(subnet)};
  host.inner_addresses = {address(inner)};
  return host;
}

/// Two sites by raw RSA keys, one flow in clear and one dropped; a road warrior by certificate.
Mesh sites_mesh() {
  Terms sites;
  sites.mode = Mode::Tunnel;
  sites.auth = Auth::Rsa;
  sites.nat_traversal = NatTraversal::Force;
  sites.child_bytes = 1ULL << 40;
  Selector telnet;
  telnet.protocol = 6;
  telnet.b_port = 23;
  telnet.action = FlowAction::Discard;
  Selector echo;
  echo.protocol = 1;
  echo.icmp_type = 8;
  echo.action = FlowAction::None;
  sites.selectors = {telnet, echo, {}};
  Terms road;
  road.mode = Mode::Tunnel;
  road.auth = Auth::X509;
  road.ipcomp = true;
  road.selectors = {{}};
  Host east = with_inner(host("east", BackendKind::Strongswan, {address("192.0.2.1")}), "10.1.0.0/24", "10.1.0.1");
  Host west = with_inner(host("west", BackendKind::Strongswan, {address("192.0.2.2")}), "10.2.0.0/24", "10.2.0.1");
  west.daemon.log = LogLevel::Debug;
  west.daemon.boot = Boot::Systemd;
  west.daemon.boot_fail = BootFail::Closed;
  west.daemon.firewall = Firewall::Nftables;
  Host laptop = with_inner(host("laptop", BackendKind::Strongswan, {}), "", "10.9.0.5");
  laptop.dynamic = true;
  laptop.daemon.boot = Boot::Ifupdown;
  laptop.daemon.boot_fail = BootFail::Closed;
  for (Host* each : {&east, &west, &laptop})
    each->subject_identity = {IdentityKind::Asn1Dn, "O=office, CN=" + each->name};
  return mesh_of({east, laptop, west}, {sites, road}, {{0, 1, 1, {}}, {0, 2, 0, {}}});
}

/// A road warrior without an address inside: its end of each flow is the address of the moment.
Mesh phone_mesh() {
  Terms road;
  road.auth = Auth::X509;
  road.selectors = {{}};
  Host gate = host("gate", BackendKind::Strongswan, {address("192.0.2.1"), address("2001:db8::1")});
  Host phone = host("phone", BackendKind::Strongswan, {});
  phone.dynamic = true;
  for (Host* each : {&gate, &phone}) each->subject_identity = {IdentityKind::Asn1Dn, "O=office, CN=" + each->name};
  return mesh_of({gate, phone}, {road}, {{0, 1, 0, {}}});
}

/// Manual keys: ESP and AH, transport and tunnel, two selectors on one SA.
Mesh manual_mesh() {
  Terms transport;
  transport.auth = Auth::Manual;
  transport.protect = Protect::EspAh;
  transport.proposals.esp.hash = Hash::Sha256;
  transport.ah_hash = Hash::Sha256;
  transport.selectors = {{6, 0, 5432}, {17, 53, 0}};
  Terms tunnel;
  tunnel.auth = Auth::Manual;
  tunnel.mode = Mode::Tunnel;
  tunnel.selectors = {{}};
  return mesh_of({host("alice", BackendKind::Strongswan, {address("192.0.2.1")}),
                  host("bob", BackendKind::Racoon, {address("192.0.2.2")}),
                  host("carol", BackendKind::Strongswan, {address("192.0.2.3")})},
                 {transport, tunnel}, {{0, 1, 0, {}}, {0, 2, 1, {}}});
}

/// IKEv1 with racoon at the other end, selectors, a name with dots, a tunnel, level use, every bypass.
Mesh mixed_mesh() {
  Terms racoon;
  racoon.ike_version = IkeVersion::V1;
  racoon.proposals.esp.hash = Hash::Sha256;
  racoon.selectors = {{6, 0, 5432}, {6, 22, 0}, {17, 53, 0}, {1, 0, 0}};
  Terms tunnel;
  tunnel.mode = Mode::Tunnel;
  tunnel.selectors = {{}};
  tunnel.dpd_delay = 0;
  Terms use;
  use.level = Level::Use;
  use.selectors = {{}};
  Mesh mesh = mesh_of({host("a.example.com", BackendKind::Strongswan, {address("192.0.2.1"), address("2001:db8::1")}),
                       host("b_racoon", BackendKind::Racoon, {address("192.0.2.2")}),
                       host("c-tunnel", BackendKind::Strongswan, {address("192.0.2.3"), address("198.51.100.3")}),
                       host("d", BackendKind::Strongswan, {address("2001:db8::4")})},
                      {racoon, tunnel, use}, {{0, 1, 0, {}}, {0, 2, 1, {}}, {0, 3, 2, {}}});
  mesh.bypasses = {{BypassWord::Nd, 0, 0, {}},         {BypassWord::IcmpErrors, 0, 0, {}},
                   {BypassWord::Ike, 0, 0, {}},        {BypassWord::Icmp, 0, 0, {}},
                   {BypassWord::Dhcp, 0, 0, {}},       {BypassWord::SshController, 0, 0, {}},
                   {BypassWord::Selector, 17, 123, {}}};
  mesh.bypasses.push_back(
      {BypassWord::SshController, 0, 0, {}, BypassRole::Server, {Prefix::host(address("192.0.2.2"))}});
  mesh.bypasses.push_back({BypassWord::Selector, 17, 53, {}, BypassRole::Client, {Prefix::host(address("192.0.2.2"))}});
  return mesh;
}

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void check_golden(const std::string& name, const Mesh& mesh, HostIndex index) {
  Sources sources;
  const auto backend = strongswan::make_backend(TemplateSet::embedded(), sources);
  REQUIRE(backend);
  std::vector<Artefact> artefacts;
  const test::FakePsks psks;
  (*backend)->emit(test::view(mesh, index), psks, artefacts);
  REQUIRE(artefacts.size() >= 3);
  const bool accept = std::getenv("MESHCTL_ACCEPT") != nullptr;
  for (const auto& artefact : artefacts) {
    const fs::path path = fs::path(MESHCTL_SOURCE_DIR) / "tests/golden/strongswan" / name / artefact.path.substr(1);
    if (read(path) == artefact.content) continue;
    if (accept) {
      fs::create_directories(path.parent_path());
      std::ofstream(path, std::ios::binary) << artefact.content;
    }
    INFO("rewrite it with MESHCTL_ACCEPT=1, look at the difference, run again: ", path.string());
    CHECK(read(path) == artefact.content);
    if (accept) FAIL_CHECK("accepted");
  }
}

}  // namespace

TEST_CASE("golden: two strongSwan hosts, IKEv2") {
  check_golden("pair/alice", pair_mesh(), 0);
  check_golden("pair/bob", pair_mesh(), 1);
}

TEST_CASE("golden: IKEv1 with racoon, selectors, tunnel, level use, every bypass") {
  check_golden("mixed", mixed_mesh(), 0);
}

TEST_CASE("golden: two sites, a road warrior, and both ends of it; boot, firewall and log") {
  check_golden("sites/east", sites_mesh(), 0);
  check_golden("sites/laptop", sites_mesh(), 1);
  check_golden("sites/west", sites_mesh(), 2);
}

TEST_CASE("golden: a road warrior without an address inside") { check_golden("phone", phone_mesh(), 1); }

TEST_CASE("golden: manual keys") { check_golden("manual", manual_mesh(), 0); }

TEST_CASE("modes and secrecy of the files") {
  Sources sources;
  const auto backend = strongswan::make_backend(TemplateSet::embedded(), sources);
  REQUIRE(backend);
  std::vector<Artefact> artefacts;
  for (const Mesh& mesh : {pair_mesh(), sites_mesh(), manual_mesh()}) {
    (*backend)->emit(test::view(mesh, 0), test::FakePsks(), artefacts);
    for (const auto& artefact : artefacts) {
      const bool holds_key = artefact.content.find("mk1-") != std::string::npos ||
                             artefact.content.find("PRIVATE KEY") != std::string::npos ||
                             artefact.content.find(" enc ") != std::string::npos;
      CHECK((artefact.secret == holds_key || artefact.path == strongswan::kSecretsPath));
      if (artefact.secret) CHECK(artefact.mode == 0600);
    }
  }
}
