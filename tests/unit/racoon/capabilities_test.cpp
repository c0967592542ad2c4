// What racoon cannot do is an error at the link or host; each case is a mesh that is fine but for one thing.
#include <doctest/doctest.h>

#include <functional>

#include "backend/racoon/capabilities.hpp"
#include "backend/racoon/host_files.hpp"
#include "backend/racoon/setkey_file.hpp"
#include "unit/racoon/sample.hpp"

namespace meshctl::racoon {
namespace {

/// Codes of what is said of two hosts with one link, as `change` makes it: "E2108 E2109".
std::string said(const std::function<void(Mesh&)>& change) {
  Mesh mesh;
  mesh.name = "pair";
  mesh.hosts = {racoon_test::host("alpha", {"192.0.2.1"}), racoon_test::host("beta", {"192.0.2.2"}),
                racoon_test::host("gamma", {"192.0.2.3"})};
  for (Host& host : mesh.hosts) host.subject_identity = {IdentityKind::Asn1Dn, "CN=" + host.name};
  mesh.terms = {racoon_test::terms()};
  racoon_test::link(mesh, 0, 1, 0);
  change(mesh);
  DiagSink sink;
  check_links(mesh, 0, sink);
  std::string out;
  for (const Diag& diag : sink.all()) {
    if (!out.empty()) out += ' ';
    out += diag.code;
    CHECK_FALSE(diag.hint.empty());
  }
  return out;
}

std::string of_terms(const std::function<void(Terms&)>& change) {
  return said([&](Mesh& mesh) { change(mesh.terms[0]); });
}

}  // namespace

TEST_CASE("a plain link is fine, in all forms that racoon has") {
  CHECK(said([](Mesh&) {}).empty());
  for (const Auth auth : {Auth::Psk, Auth::Rsa, Auth::X509, Auth::Kerberos, Auth::Manual}) {
    for (const Protect protect : {Protect::Esp, Protect::Ah, Protect::EspAh}) {
      for (const Mode mode : {Mode::Transport, Mode::Tunnel}) {
        CHECK(of_terms([&](Terms& t) { t.auth = auth, t.protect = protect, t.mode = mode; }).empty());
      }
    }
  }
}

TEST_CASE("what a link cannot have") {
  CHECK(of_terms([](Terms& t) { t.ike_version = IkeVersion::V2; }) == "E2102");
  CHECK(of_terms([](Terms& t) { t.proposals.ike.group = DhGroup::Ecp384; }) == "E2104");
  CHECK(of_terms([](Terms& t) {
          t.proposals.esp = {Cipher::AesGcm16, 256, Hash::None, DhGroup::None};
        }) == "E2105 E2105");
  CHECK(of_terms([](Terms& t) { t.child_bytes = 1 << 20; }) == "E2108");
  CHECK(of_terms([](Terms& t) { t.protect = Protect::Ah, t.nat_traversal = NatTraversal::On; }) == "E2109");
  CHECK(of_terms([](Terms& t) { t.selectors[0].protocol = 1, t.selectors[0].icmp_type = 0; }) == "E2110");
  CHECK(of_terms([](Terms& t) { t.protect = Protect::EspAh, t.ah_hash = Hash::Sha1; }) == "E2111");
  CHECK(of_terms([](Terms& t) { t.auth = Auth::Manual, t.ipcomp = true; }) == "E2112");
  CHECK(of_terms([](Terms& t) { t.auth = Auth::Manual, t.level = Level::Unique; }) == "E2113");
  CHECK(of_terms([](Terms& t) { t.exchange_mode = ExchangeMode::Aggressive; }) == "E2114");
  CHECK(of_terms([](Terms& t) {
          t.auth = Auth::Rsa, t.a_identity = Identity{IdentityKind::Asn1Dn, "CN=\xc3\xa4"};
        }) == "E2115");
  CHECK(of_terms([](Terms& t) { t.b_identity = Identity{IdentityKind::Fqdn, "b.example"}; }) == "E2130");
  CHECK(of_terms([](Terms& t) { t.raw_remote = "}\nremote 192.0.2.9 {\n"; }) == "E2121");
  CHECK(of_terms([](Terms& t) { t.raw_sainfo = "pfs_gruop modp3072;"; }) == "E2121");
  CHECK(of_terms([](Terms& t) { t.raw_remote = "esp_frag 552;"; }).empty());
  const auto icmp = [](std::int16_t type) {
    return of_terms([type](Terms& t) { t.selectors[0] = {1, 0, 0, type, 0}; });
  };
  CHECK(icmp(3) == "W2101");
  CHECK(icmp(8).empty());
}

TEST_CASE("what a host cannot have") {
  CHECK(said([](Mesh& m) { m.hosts[0].addresses.clear(); }) == "E2107");
  CHECK(said([](Mesh& m) { m.hosts[0].daemon.raw_racoon = "lgo info;"; }) == "E2121");
  CHECK(said([](Mesh& m) { m.hosts[1].dynamic = true; }) == "E2117");
  CHECK(said([](Mesh& m) {
          m.hosts[1].public_address = m.hosts[2].public_address = *Address::parse("198.51.100.1");
          racoon_test::link(m, 0, 2, 0);
        }) == "E2118");
  CHECK(said([](Mesh& m) {
          m.hosts[1].public_address = *Address::parse("198.51.100.1");
          m.terms[0].selectors[0].protocol = 6;
        }) == "E2119");
  CHECK(said([](Mesh& m) {
          m.terms[0].auth = Auth::X509;
          m.terms.push_back(m.terms[0]);
          m.terms[1].ike_lifetime = 300;
          m.hosts[1].dynamic = m.hosts[2].dynamic = true;
          racoon_test::link(m, 0, 2, 1);
        }) == "E2116");
  CHECK(said([](Mesh& m) {
          m.terms[0].auth = Auth::X509;
          m.terms[0].send_cert = false;
          m.hosts[1].dynamic = true;
        }) == "E2134");
}

TEST_CASE("a tunnel's packets are of the family of its ends") {
  const auto tunnel = [](const std::function<void(Mesh&)>& change) {
    return said([&](Mesh& m) {
      m.terms[0].mode = Mode::Tunnel;
      for (Host& host : m.hosts)
        host.addresses.push_back(*Address::parse("2001:db8::" + host.addresses[0].text().substr(8)));
      change(m);
    });
  };
  const auto subnets = [](Mesh& m) {
    m.hosts[0].subnets = {*Prefix::parse("10.1.0.0/16"), *Prefix::parse("2001:db8:1::/48")};
    m.hosts[1].subnets = {*Prefix::parse("10.2.0.0/16"), *Prefix::parse("2001:db8:2::/48")};
  };
  CHECK(tunnel([](Mesh&) {}).empty());
  CHECK(tunnel(subnets).empty());
  CHECK(tunnel([](Mesh& m) { m.terms[0].outer = Family::V4; }) == "E2132");
  CHECK(tunnel([&](Mesh& m) { subnets(m), m.terms[0].outer = Family::V6; }) == "E2132");
  CHECK(tunnel([&](Mesh& m) { subnets(m), m.hosts[1].addresses.pop_back(); }) == "E2132");
  CHECK(tunnel([&](Mesh& m) {
          subnets(m);
          m.hosts[1].addresses.pop_back();
          m.terms[0].auth = Auth::Manual;
        }) == "E2132");
}

TEST_CASE("policies that racoon makes: no exceptions, and no block towards a single address") {
  const auto road = [](const std::function<void(Mesh&)>& change) {
    return said([&](Mesh& m) {
      m.terms[0].auth = Auth::X509;
      m.terms[0].mode = Mode::Tunnel;
      m.hosts[0].subnets = {*Prefix::parse("10.1.0.0/24")};
      m.hosts[1].dynamic = true;
      m.hosts[1].addresses.clear();
      m.hosts[1].inner_addresses = {*Address::parse("10.9.0.5")};
      change(m);
    });
  };
  CHECK(road([](Mesh&) {}).empty());
  const auto except = [](Mesh& m, std::uint8_t protocol) {
    m.terms[0].selectors.push_back({protocol, 0, 0, kAnyIcmp, kAnyIcmp, FlowAction::None});
  };
  CHECK(road([&](Mesh& m) { except(m, 6); }).empty());
  CHECK(road([&](Mesh& m) { except(m, 6), m.terms[0].selectors[0] = {6, 22, 0}; }) == "E2131");
  CHECK(road([&](Mesh& m) { except(m, 6), m.terms[0].priority = -1; }) == "E2131");
  CHECK(road([&](Mesh& m) { except(m, 6), m.hosts[1].inner_addresses.clear(); }) == "E2131");
  CHECK(road([](Mesh& m) { m.hosts[0].inner_addresses = {*Address::parse("10.1.0.1")}; }).empty());
  CHECK(road([](Mesh& m) { m.hosts[0].inner_addresses = {*Address::parse("10.1.0.0")}; }) == "W2540");
  CHECK(road([](Mesh& m) { m.hosts[0].subnets.clear(); }) == "W2540");
  CHECK(road([](Mesh& m) { m.hosts[0].subnets.clear(), m.hosts[1].inner_addresses.clear(); }).empty());
}

TEST_CASE("policies that racoon makes: nothing stands before them") {
  const auto road = [](const std::function<void(Mesh&)>& change) {
    return said([&](Mesh& m) {
      m.terms[0].auth = Auth::X509;
      m.terms[0].mode = Mode::Tunnel;
      m.hosts[0].subnets = {*Prefix::parse("10.1.0.0/24")};
      m.hosts[1].dynamic = true;
      m.hosts[1].addresses.clear();
      change(m);
    });
  };
  const auto site = [](Mesh& m, std::string_view net, FlowAction action) {
    m.hosts[2].subnets = {*Prefix::parse(net)};
    m.terms.push_back(m.terms[0]);
    if (action != FlowAction::Protect) m.terms[1].selectors.push_back({0, 0, 0, kAnyIcmp, kAnyIcmp, action});
    if (action != FlowAction::Protect) m.terms[1].selectors[0].protocol = 6;
    racoon_test::link(m, 0, 2, 1);
  };
  const auto inner = [](Mesh& m) { m.hosts[1].inner_addresses = {*Address::parse("10.9.0.5")}; };
  // Another link around the address inside, or around one that it may have
  CHECK(road([&](Mesh& m) { inner(m), site(m, "10.9.0.0/24", FlowAction::Protect); }) == "E2135");
  CHECK(road([&](Mesh& m) { inner(m), site(m, "10.9.0.4/32", FlowAction::Protect); }).empty());
  CHECK(road([&](Mesh& m) { inner(m), site(m, "10.9.0.0/24", FlowAction::Discard); }) == "E2135");
  CHECK(road([&](Mesh& m) { inner(m), site(m, "10.8.0.0/24", FlowAction::Discard); }).empty());
  CHECK(road([&](Mesh& m) { site(m, "10.9.0.0/24", FlowAction::None); }) == "W2541");
  CHECK(road([&](Mesh& m) { site(m, "10.9.0.0/24", FlowAction::Protect); }) == "W2541");
  CHECK(road([&](Mesh& m) { site(m, "10.9.0.4/32", FlowAction::Protect); }).empty());
  const auto roams = [](Mesh& m, std::string_view net) {  // a second warrior, with a net behind it
    m.hosts[2].dynamic = true;
    m.hosts[2].addresses.clear();
    m.hosts[2].subnets = {*Prefix::parse(net)};
    racoon_test::link(m, 0, 2, 0);
  };
  CHECK(road([&](Mesh& m) { inner(m), roams(m, "10.9.0.0/24"); }) == "E2135");
  CHECK(road([&](Mesh& m) { inner(m), roams(m, "10.8.0.0/24"); }).empty());
  CHECK(road([&](Mesh& m) { site(m, "10.9.0.0/24", FlowAction::None), m.hosts[1].dynamic = false; }).find("E2135") ==
        std::string::npos);
  // Bypasses are for the gateway's own addresses
  const auto own = [&](BypassWord word, const Selector& select, std::string_view net) {
    return road([&](Mesh& m) {
      m.bypasses = {{word, 0, 0, {}}};
      m.terms[0].selectors = {select};
      if (net.empty()) m.hosts[0].subnets.clear();
    });
  };
  CHECK(own(BypassWord::IcmpErrors, {1}, "") == "E2135");
  CHECK(own(BypassWord::IcmpErrors, {1}, "10.1.0.0/24").empty());
  CHECK(own(BypassWord::IcmpErrors, {}, "").empty());
  CHECK(own(BypassWord::Ike, {17}, "") == "E2135");
  CHECK(own(BypassWord::Ike, {17, 53}, "").empty());
  CHECK(own(BypassWord::SshController, {6}, "") == "E2135");
}

TEST_CASE("a road warrior's policies are setkey's once its address is known") {
  const Mesh mesh = racoon_test::sites();
  HostPlan plan;
  project(mesh, 3, plan);
  const auto policies = roaming_policies(plan);
  REQUIRE(policies.size() == 2);
  for (const RoamingPolicy& policy : policies) {
    std::string line = policy.line;
    const std::size_t at = line.find("LOCAL");
    REQUIRE(at != std::string::npos);
    line.replace(at, 5, "192.168.100.9");
    CHECK(line.find("LOCAL") == std::string::npos);
    DiagSink sink;
    const SetkeyFile file = parse_setkey(FileId::None, line, sink);
    CHECK(sink.all().empty());
    REQUIRE(file.commands.size() == 1);
    CHECK(file.commands[0].policy.requests()[0].has_endpoints);
  }
}

TEST_CASE("what racoon-tool.conf cannot say") {
  const auto tool = [](const std::function<void(Mesh&)>& change) {
    return said([&](Mesh& m) { m.hosts[0].daemon.form = RacoonForm::RacoonTool, change(m); });
  };
  CHECK(tool([](Mesh&) {}).empty());
  CHECK(tool([](Mesh& m) { m.terms[0].auth = Auth::Rsa, m.terms[0].ipcomp = true; }).empty());
  CHECK(tool([](Mesh& m) { m.terms[0].auth = Auth::Manual; }) == "E2124");
  CHECK(tool([](Mesh& m) { m.terms[0].selectors[0] = {1, 0, 0}; }).empty());
  CHECK(tool([](Mesh& m) { m.terms[0].selectors[0] = {1, 0, 0}, m.terms[0].selectors[0].icmp_type = 8; }) == "E2125");
  CHECK(tool([](Mesh& m) { m.bypasses.push_back({BypassWord::Icmp, 0, 0, {}}); }).empty());
  CHECK(tool([](Mesh& m) { m.bypasses.push_back({BypassWord::IcmpErrors, 0, 0, {}}); }) == "E2125");
  CHECK(tool([](Mesh& m) { m.hosts[0].dynamic = true, m.hosts[0].addresses.clear(), m.terms[0].auth = Auth::Rsa; }) ==
        "E2126");
  const auto named = [&](const char* dn) {
    return tool([dn](Mesh& m) { m.terms[0].auth = Auth::Rsa, m.hosts[1].identity = {IdentityKind::Asn1Dn, dn}; });
  };
  CHECK(named("O=a/b, CN=gw") == "E2127");
  CHECK(named("O=a, CN=gw").empty());
  CHECK(tool([](Mesh& m) { m.hosts[0].daemon.raw_setkey = "spdupdate ::/0 ::/0 any -P out prio def + 1 none;\n"; }) ==
        "E2127");
  CHECK(tool([](Mesh& m) { m.terms[0].raw_remote = "weak_phase1_check off; # why\n"; }) == "E2127");
}

}  // namespace meshctl::racoon
