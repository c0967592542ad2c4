// Whatever mesh Windows accepts: each emitted file passes our own strict parsers, in each form and for each peer.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <filesystem>
#include <set>

#include "backend/check.hpp"
#include "backend/windows/backend.hpp"
#include "unit/windows/sample.hpp"

using namespace meshctl;

namespace {

Selector random_selector() {
  Selector out;
  out.protocol = *rc::gen::element<std::uint8_t>(0, 1, 6, 17, 47, 58, 132);
  const bool ports = out.protocol == 6 || out.protocol == 17;
  if (ports && *rc::gen::arbitrary<bool>()) out.a_port = *rc::gen::inRange<std::uint16_t>(1, 65535);
  if (ports && *rc::gen::arbitrary<bool>()) out.b_port = *rc::gen::inRange<std::uint16_t>(1, 65535);
  out.action = *rc::gen::element(FlowAction::Protect, FlowAction::Protect, FlowAction::None);
  return out;
}

Terms random_terms(Meeting meeting) {
  Terms out = windows_test::terms(meeting);
  out.suite = *rc::gen::element<std::string>("modern", "windows", "legacy-sha1", "legacy-3des");
  out.proposals = *suite_for(out.suite, meeting);
  out.level = *rc::gen::element(Level::Require, Level::Use, Level::Unique);
  out.auth = meeting == Meeting::WindowsOnly ? *rc::gen::element(Auth::Psk, Auth::X509, Auth::Kerberos)
                                             : *rc::gen::element(Auth::Psk, Auth::X509);
  out.ike_lifetime = *rc::gen::inRange(5U, 1440U) * 60;
  out.child_lifetime = *rc::gen::inRange(5U, 1440U) * 60;
  if (*rc::gen::arbitrary<bool>()) out.child_bytes = *rc::gen::inRange<std::uint64_t>(20480, 2147483648) * 1024;
  if (*rc::gen::arbitrary<bool>()) out.nat_traversal = NatTraversal::On;
  if (out.auth == Auth::X509) out.a_identity = out.b_identity = Identity{IdentityKind::Asn1Dn, "CN=a"};
  out.selectors =
      *rc::gen::container<std::vector<Selector>>(*rc::gen::inRange<std::size_t>(1, 5), rc::gen::exec(random_selector));
  std::sort(out.selectors.begin(), out.selectors.end());
  out.selectors.erase(std::unique(out.selectors.begin(), out.selectors.end()), out.selectors.end());
  return out;
}

/// One Windows host with up to four peers of all kinds.
Mesh random_mesh() {
  Mesh mesh;
  mesh.name = "m-1";
  const bool v6 = *rc::gen::arbitrary<bool>();
  const auto addresses = [&](unsigned last) {
    std::vector<std::string> out{"192.0.2." + std::to_string(last)};
    if (v6) out.push_back("2001:db8::" + std::to_string(last));
    return out;
  };
  mesh.hosts.push_back(windows_test::host("win", addresses(1), BackendKind::Windows));
  mesh.hosts[0].windows_form = *rc::gen::element(WindowsForm::Netsh, WindowsForm::Powershell);
  const auto peers = *rc::gen::inRange(1U, 5U);
  for (unsigned i = 0; i < peers; ++i) {
    const auto kind = *rc::gen::element(BackendKind::Racoon, BackendKind::Strongswan, BackendKind::Windows);
    mesh.hosts.push_back(windows_test::host("x" + std::to_string(i), addresses(10 + i), kind));
    windows_test::link(mesh, 0, i + 1,
                       random_terms(kind == BackendKind::Racoon       ? Meeting::RacoonWindows
                                    : kind == BackendKind::Strongswan ? Meeting::StrongswanWindows
                                                                      : Meeting::WindowsOnly));
  }
  for (const BypassWord word : {BypassWord::Nd, BypassWord::Icmp, BypassWord::Dhcp, BypassWord::SshController}) {
    if (*rc::gen::arbitrary<bool>()) mesh.bypasses.push_back({word, 0, 0, {}});
  }
  return mesh;
}

}  // namespace

TEST_CASE("what is emitted is accepted, for every mesh that Windows can do") {
  Sources templates;
  const auto backend = windows::make_backend(TemplateSet::embedded(), templates);
  REQUIRE(backend);
  const windows_test::Keys keys;
  int accepted = 0;
  CHECK(rc::check([&] {
    const Mesh mesh = random_mesh();
    DiagSink sink;
    (*backend)->check(mesh, 0, sink);
    if (!sink.ok()) return;  // two selectors for the same traffic, mostly
    ++accepted;
    HostPlan plan;
    project(mesh, 0, plan);
    std::vector<Artefact> artefacts;
    (*backend)->emit(plan, keys, artefacts);
    std::set<std::string> paths;
    for (const Artefact& artefact : artefacts) {
      RC_ASSERT(paths.insert(artefact.path).second);
      const std::string end = std::filesystem::path(artefact.path).extension().string();
      if (end == ".cer" || end == ".crl" || end == ".pfx" || end == ".psk") continue;
      const auto format = guess_format(artefact.path, artefact.content);
      RC_ASSERT(format.has_value());
      Sources sources;
      for (const Diag& diag : check_file(artefact.path, artefact.content, *format, sources)) {
        RC_LOG() << artefact.path << "\n" << render(diag, sources, false) << "\n";
        RC_FAIL("a fault in a file of ours");
      }
    }
  }));
  CHECK(accepted > 0);
}
