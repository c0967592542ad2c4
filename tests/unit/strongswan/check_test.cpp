// Wishes that the back end cannot meet.
#include <doctest/doctest.h>

#include "backend/strongswan/strongswan.hpp"

using namespace meshctl;

namespace {

/// Codes for one link between a and b, as told on a's and on b's side.
std::string codes(const Terms& terms, BackendKind a = BackendKind::Strongswan) {
  Mesh mesh;
  mesh.hosts.resize(2);
  mesh.hosts[0].name = "a";
  mesh.hosts[0].backend = a;
  mesh.hosts[1].name = "b";
  mesh.hosts[1].backend = BackendKind::Strongswan;
  mesh.terms = {terms};
  mesh.links = {{0, 1, 0, {}}};
  mesh.links_of = {{0}, {0}};
  DiagSink sink;
  if (a == BackendKind::Strongswan) strongswan::check_host(mesh, 0, sink);
  strongswan::check_host(mesh, 1, sink);
  std::string out;
  for (const auto& diag : sink.take()) {
    CHECK(diag.text.find("link a-b") != std::string::npos);
    CHECK(!diag.hint.empty());
    out += diag.code;
  }
  return out;
}

}  // namespace

TEST_CASE("each wish that cannot be met is told once") {
  Terms terms;
  CHECK(codes(terms) == "");
  terms.auth = Auth::X509;
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
}
