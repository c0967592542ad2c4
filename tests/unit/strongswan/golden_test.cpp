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
  REQUIRE(artefacts.size() == 3);
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

TEST_CASE("modes and secrecy of the files") {
  Sources sources;
  const auto backend = strongswan::make_backend(TemplateSet::embedded(), sources);
  REQUIRE(backend);
  std::vector<Artefact> artefacts;
  const Mesh mesh = pair_mesh();
  (*backend)->emit(test::view(mesh, 0), test::FakePsks(), artefacts);
  for (const auto& artefact : artefacts) {
    const bool holds_key = artefact.content.find("mk1-") != std::string::npos;
    CHECK(artefact.secret == holds_key);
    CHECK(artefact.secret == (artefact.path == strongswan::kSecretsPath));
    if (artefact.secret) CHECK(artefact.mode == 0600);
  }
}
