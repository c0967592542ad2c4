// Wishes that the back end cannot meet.
#include <doctest/doctest.h>

#include "backend/strongswan/strongswan.hpp"

using namespace meshctl;

namespace {

constexpr auto kOurs = BackendKind::Strongswan;

/// Codes for one link between a and b, as told on a's and on b's side.
std::string codes(Mesh mesh) {
  DiagSink sink;
  if (mesh.hosts[0].backend == kOurs) strongswan::check_host(mesh, 0, sink);
  strongswan::check_host(mesh, 1, sink);
  std::string out;
  for (const auto& diag : sink.take()) {
    CHECK((diag.text.find("link a-b") != std::string::npos || diag.text.find("host ") != std::string::npos));
    CHECK(!diag.hint.empty());
    out += diag.code;
  }
  return out;
}

Mesh mesh_of(const Terms& terms, BackendKind a = kOurs) {
  Mesh mesh;
  mesh.hosts.resize(2);
  mesh.hosts[0].name = "a";
  mesh.hosts[0].backend = a;
  mesh.hosts[1].name = "b";
  mesh.hosts[1].backend = kOurs;
  mesh.terms = {terms};
  if (mesh.terms[0].selectors.empty()) mesh.terms[0].selectors = {{}};
  mesh.links = {{0, 1, 0, {}}};
  mesh.links_of = {{0}, {0}};
  return mesh;
}

std::string codes(const Terms& terms, BackendKind a = kOurs) { return codes(mesh_of(terms, a)); }

}  // namespace

TEST_CASE("each wish that cannot be met is told once") {
  Terms terms;
  CHECK(codes(terms) == "");
  for (const Auth auth : {Auth::Rsa, Auth::X509, Auth::Manual}) {
    terms.auth = auth;
    CHECK(codes(terms) == "");
  }
  terms.auth = Auth::Kerberos;
  CHECK(codes(terms) == "E2201");
  CHECK(codes(terms, BackendKind::Racoon) == "E2201");
  terms = {};
  terms.level = Level::Use;
  CHECK(codes(terms) == "");
  terms.mode = Mode::Tunnel;
  CHECK(codes(terms) == "E2202");
  terms = {};
  terms.ike_version = IkeVersion::V1;
  CHECK(codes(terms) == "");
  terms.proposals.ike.cipher = Cipher::AesGcm16;
  CHECK(codes(terms) == "E2203");
  terms = {};
  terms.protect = Protect::EspAh;
  CHECK(codes(terms) == "E2204");
  terms.auth = Auth::Manual;
  CHECK(codes(terms) == "");
  terms.proposals.esp = {Cipher::AesGcm16, 256, Hash::None, DhGroup::None};
  terms.ipcomp = true;
  CHECK(codes(terms) == "E2209E2209");
  terms = {};
  terms.exchange_mode = ExchangeMode::Base;
  CHECK(codes(terms) == "E2205");
  terms.exchange_mode = ExchangeMode::Aggressive;
  CHECK(codes(terms) == "E2205");
  terms.auth = Auth::X509;
  CHECK(codes(terms) == "");
  terms = {};
  terms.ike_version = IkeVersion::V1;
  Selector echo;
  echo.protocol = 1;
  echo.icmp_type = 8;
  terms.selectors = {echo};
  CHECK(codes(terms) == "E2206");
  terms.ike_version = IkeVersion::V2;
  CHECK(codes(terms) == "");
}

TEST_CASE("a peer of unknown address") {
  Terms terms;
  terms.auth = Auth::X509;
  Mesh mesh = mesh_of(terms);
  mesh.hosts[1].dynamic = true;
  mesh.hosts[1].subject_identity = {IdentityKind::Asn1Dn, "CN=b"};
  CHECK(codes(mesh) == "");
  mesh.terms[0].level = Level::Use;
  CHECK(codes(mesh) == "E2208");
  mesh.terms[0].level = Level::Require;
  Selector echo;
  echo.protocol = 1;
  echo.action = FlowAction::None;
  mesh.terms[0].selectors.push_back(echo);
  CHECK(codes(mesh) == "E2207");
  mesh.terms[0].mode = Mode::Tunnel;
  mesh.hosts[1].inner_addresses = {Address::v4(7)};
  CHECK(codes(mesh) == "");
}

TEST_CASE("text that would break swanctl.conf, and what is not in it") {
  Terms terms;
  terms.raw_child = "inactivity = 10m\n";
  terms.raw_connection = "rand_time = 1h\ninclude = x }\n";
  CHECK(codes(terms) == "E2210");
  terms = {};
  terms.a_identity = Identity{IdentityKind::KeyId, "a\"b"};
  CHECK(codes(terms) == "E2211");
  Mesh mesh = mesh_of({});
  mesh.hosts[0].daemon.port = 501;
  mesh.hosts[1].daemon.raw_swanctl = "pools { x { }\n";
  mesh.hosts[1].daemon.listen = {Address::v4(1)};
  CHECK(codes(mesh) == "E2210E2212E2212");
}
