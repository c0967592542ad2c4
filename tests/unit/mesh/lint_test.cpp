// Warnings: which, where, and that sound meshes have none.
#include "kit.hpp"
#include "mesh/lockout.hpp"

using namespace meshctl;
using namespace meshctl::test;

namespace {
std::string lints(const std::string& rest) {
  const auto r = resolve_text(with_abc(rest));
  REQUIRE_MESSAGE(r.mesh.has_value(), shown(r));
  for (const auto& diag : r.warnings) CHECK_FALSE(diag.hint.empty());
  return codes(r.warnings);
}
std::string suite(const std::string& value) { return lints("links:\n  - {between: [a, b], suite: " + value + "}\n"); }
std::string spelled(const std::string& ike, const std::string& esp) {
  return suite("{ike: " + ike + ", esp: " + esp + "}");
}
Severity severity_of(const std::string& rest) {
  const auto r = resolve_text(with_abc(rest));
  REQUIRE(r.warnings.size() == 1);
  return r.warnings.front().severity;
}
}  // namespace

TEST_CASE("sound suites are quiet, the others say why they are not") {
  CHECK(suite("modern").empty());
  CHECK(suite("windows") == "N1106 8:5");
  CHECK(suite("legacy-sha1") == "N1106 8:5 W1105 8:5");
  CHECK(suite("legacy-3des") == "N1106 8:5 W1102 8:5 W1102 8:5 W1105 8:5 W1108 8:5 W1108 8:5");
  CHECK(severity_of("links:\n  - {between: [a, b], suite: windows}\n") == Severity::Note);
}

TEST_CASE("each weak algorithm is named") {
  const std::string good_ike = "aes256-sha512-modp3072";
  const std::string good_esp = "aes256-sha512-modp3072";
  CHECK(spelled(good_ike, good_esp).empty());
  CHECK(spelled("cast128-sha512-modp3072", good_esp) == "W1102 8:5");
  CHECK(spelled(good_ike, "blowfish128-sha512-modp3072") == "W1102 8:5");
  CHECK(spelled(good_ike, "null-sha512-modp3072") == "W1103 8:5");
  CHECK(spelled("aes256-sha1-modp3072", good_esp) == "W1105 8:5");
  CHECK(spelled(good_ike, "aes256-sha256-modp3072") == "N1107 8:5");
  CHECK(spelled("aes256-sha512-modp1536", "aes256-sha512-modp1536") == "W1108 8:5 W1108 8:5");
  CHECK(spelled("aes256-sha512-modp2048", "aes256-sha512-modp2048").empty());
  CHECK(spelled(good_ike, "aes256-sha512") == "W1109 8:5");
  CHECK(spelled(good_ike, "aes256-sha512-modp2048") == "W1110 8:5");
  CHECK(spelled(good_ike, "camellia256-sha512-modp4096").empty());
}

TEST_CASE("each profile has its own mind") {
  const auto refused = [](const std::string& options) {
    const auto r = resolve_text(with_abc("links:\n  - {between: [a, b], " + options + "}\n"));
    std::string out;
    if (r.mesh) return codes(r.warnings);
    for (const Diag& diag : r.errors()) {
      CHECK_FALSE(diag.hint.empty());
      if (diag.severity != Severity::Error) continue;
      CHECK(diag.code == "E1090");
      out += diag.text.substr(diag.text.rfind('(')) + " ";
    }
    return out;
  };
  const std::string des = "suite: {ike: des-md5-modp1024, esp: aes256-sha512-modp1024}";
  CHECK(refused(des) == "(W1101) (W1104) (W1108) (W1108) ");
  CHECK(refused(des + ", profile: legacy").empty());
  CHECK(refused("suite: legacy-3des, profile: legacy").empty());
  CHECK(refused("suite: legacy-3des, profile: nist-sp-800-77r1") == "(W1102) (W1102) (W1108) (W1108) ");
  CHECK(refused("profile: nist-sp-800-77r1, child_lifetime: 9h") == "W1404 8:5 W1405 8:5");
  CHECK(refused("profile: bsi-tr-02102-3") == "(W1404) ");
  CHECK(refused("suite: windows, profile: bsi-tr-02102-3, child_lifetime: 5h") ==
        "(W1106) (W1406) (W1406) (W1404) (W1405) ");
  // SHA-1 is no longer approved, modp2048 until 2030, Camellia on no list.
  CHECK(refused("suite: windows, profile: nist-sp-800-77r1") == "N1406 8:5 N1406 8:5 W1106 8:5 W1404 8:5");
  const std::string camellia = "suite: {ike: camellia256-sha512-modp3072, esp: camellia256-sha512-modp3072}";
  CHECK(refused(camellia).empty());
  CHECK(refused(camellia + ", profile: nist-sp-800-77r1") == "(W1111) (W1111) ");
  CHECK(refused(camellia + ", profile: bsi-tr-02102-3") == "(W1111) (W1111) (W1404) ");
  CHECK(refused("exchange_mode: aggressive") == "(W1403) ");
  CHECK(refused("exchange_mode: aggressive, profile: legacy") == "W1403 8:5");
  CHECK(refused("exchange_mode: aggressive, auth: x509").empty());
  CHECK(refused("protect: ah") == "W1401 8:5");
  CHECK(refused("protect: esp+ah").empty());
  CHECK(refused("auth: manual, suite: {ike: des-md5-modp768, esp: aes256-sha512}").empty());  // no IKE there
}

TEST_CASE("Windows takes any certificate of the CA") {
  const auto said = [](const std::string& links) {
    const auto r = resolve_text(
        "version: 1\nmesh: m\nhosts:\n  a: {addresses: [192.0.2.1], backend: strongswan}\n  w: {addresses: "
        "[192.0.2.2], "
        "backend: windows}\n  x: {addresses: [192.0.2.3], backend: windows}\nlinks:\n" +
        links);
    REQUIRE_MESSAGE(r.mesh.has_value(), shown(r));
    return codes(r.warnings);
  };
  CHECK(said("  - {from: a, to: w, auth: x509}\n  - {from: a, to: x, auth: x509}\n") == "W1413 5:3 W1413 6:3");
  CHECK(said("  - {from: a, to: w, auth: x509}\n  - [a, x]\n") == "W1413 5:3");
  CHECK(said("  - [a, w]\n  - [a, x]\n").empty());
}

TEST_CASE("x25519 is noted where NIST is asked") {
  const std::string hosts =
      "version: 1\nmesh: m\ndefaults: {backend: strongswan, suite: {ike: aes256gcm16-prfsha384-x25519, esp: "
      "aes256gcm16-x25519}}\nhosts:\n  a: {addresses: [192.0.2.1]}\n  b: {addresses: [192.0.2.2]}\nlinks:\n";
  const auto said = [&](const std::string& profile) {
    const auto r = resolve_text(hosts + "  - {between: [a, b], profile: " + profile + "}\n");
    REQUIRE_MESSAGE(r.mesh.has_value(), shown(r));
    return codes(r.warnings);
  };
  CHECK(said("nist-sp-800-77r1") == "N1407 8:5 N1407 8:5");
  CHECK(said("bsi-tr-02102-3").empty());
  CHECK(said("modern").empty());
}

TEST_CASE("who is let in") {
  CHECK(lints("links:\n  - {between: [a, b], auth: x509, verify_identifier: false}\n") == "W1410 8:5");
  CHECK(lints("links:\n  - {between: [a, b], identity: {from: {fqdn: a.example.com}}}\n") == "W1411 8:5");
  CHECK(lints("links:\n  - {between: [a, c], identity: {to: {fqdn: c.example.com}}}\n") == "W1411 8:5");
  CHECK(lints("links:\n  - {between: [a, c], identity: {from: {fqdn: a.example.com}}}\n")
            .empty());  // strongSwan checks it
  CHECK(lints("defaults: {log: debug2}\nlinks:\n  - [a, b]\n") == "W1412 4:3 W1412 5:3 W1412 6:3");
}

TEST_CASE("gateways and NAT") {
  const auto paths = [](const std::string& hosts, const std::string& links) {
    const auto r = resolve_text("version: 1\nmesh: m\nhosts:\n" + hosts + "links:\n" + links);
    REQUIRE_MESSAGE(r.mesh.has_value(), shown(r));
    return codes(r.warnings);
  };
  const std::string b = "  b: {addresses: [192.0.2.2]}\n";
  CHECK(paths("  a: {addresses: [192.0.2.1], subnets: [10.1.0.0/16]}\n" + b, "  - {between: [a, b], mode: tunnel}\n") ==
        "W1320 7:5");
  CHECK(paths("  a: {addresses: [192.0.2.1], subnets: [192.0.0.0/16]}\n" + b, "  - {between: [a, b], mode: tunnel}\n")
            .empty());
  CHECK(paths("  a: {addresses: [192.0.2.1], subnets: [10.1.0.0/16]}\n" + b, "  - [a, b]\n") == "W1321 4:3");
  const std::string nat =
      "  a: {addresses: [10.0.0.1], behind_nat: 203.0.113.1}\n  c: {addresses: [10.0.0.3], behind_nat: 203.0.113.1}\n";
  CHECK(paths(nat + b,
              "  - {between: [a, b], select: [{protocol: tcp}]}\n  - {between: [b, c], select: [{protocol: udp}]}\n") ==
        "W1330 9:5");
  CHECK(paths(nat + b, "  - {between: [a, b], mode: tunnel}\n  - {between: [b, c], mode: tunnel}\n").empty());
}

TEST_CASE("a road warrior that is away") {
  const auto road = [](const std::string& inner, const std::string& link) {
    const auto r = resolve_text(
        "version: 1\nmesh: m\nhosts:\n  a: {addresses: [192.0.2.1]}\n  r: {addresses: dynamic, managed: false" + inner +
        "}\n  s: {addresses: dynamic, managed: false" + inner + "}\nlinks:\n  - {from: r, to: a, auth: x509, mode: " +
        link + "}\n  - {from: s, to: a, auth: x509, mode: " + link + "}\n");
    REQUIRE_MESSAGE(r.mesh.has_value(), shown(r));
    return codes(r.warnings);
  };
  CHECK(road("", "tunnel") == "W1331 8:5");  // once for a gateway
  CHECK(road("", "transport") == "W1331 8:5");
  CHECK(road("", "transport, level: use").empty());
  const auto inside = resolve_text(
      "version: 1\nmesh: m\nhosts:\n  a: {addresses: [192.0.2.1]}\n  r: {addresses: dynamic, managed: false, "
      "inner_addresses: [10.9.0.5]}\nlinks:\n  - {from: r, to: a, auth: x509, mode: tunnel}\n");
  REQUIRE_MESSAGE(inside.mesh.has_value(), shown(inside));
  CHECK(codes(inside.warnings).empty());
}

TEST_CASE("a policy that covers IKE") {
  CHECK(lints("bypass: [nd]\nlinks:\n  - [a, b]\n") == "W1310 9:5");
  CHECK(lints("bypass: [nd]\nlinks:\n  - {between: [a, b], select: [{protocol: tcp}]}\n").empty());
}

TEST_CASE("one weakness is told once, not for each link") {
  CHECK(lints("links:\n  - {among: all, suite: legacy-sha1}\n") == "N1106 8:5 W1105 8:5");
}

TEST_CASE("a selector that another covers") {
  const auto select = [](const std::string& list) {
    return lints("links:\n  - {between: [a, b], select: [" + list + "]}\n");
  };
  CHECK(select("{protocol: tcp, port: 22}, {protocol: udp}").empty());
  CHECK(select("{protocol: tcp, port: 22}, {protocol: tcp}") == "W1201 8:5");
  CHECK(select("{protocol: tcp, port: 22}, {protocol: tcp}, {protocol: udp}") == "W1201 8:5");
  CHECK(select("{protocol: any}, {protocol: udp}") == "W1201 8:5");
}

TEST_CASE("IPv6 needs neighbour discovery in clear") {
  CHECK(lints("bypass: [ike]\nlinks:\n  - [a, b]\n") == "W1301 9:5");
  CHECK(lints("bypass: [ike, icmp]\nlinks:\n  - [a, b]\n").empty());
  CHECK(lints("bypass: [ike]\nlinks:\n  - [a, c]\n").empty());  // c has IPv4 only
  CHECK(lints("bypass: [ike]\nlinks:\n  - {between: [a, b], select: [{protocol: tcp}]}\n").empty());
}

TEST_CASE("a mesh without links is allowed, with a warning") {
  const auto r = resolve_text(with_abc(""));
  REQUIRE(r.mesh.has_value());
  CHECK(r.mesh->links.empty());
  CHECK(codes(r.warnings) == "W1001 0:0");
}

namespace {
/// "a" when the policies of `host` would cover SSH from that address: the peer's name, or "" when not.
std::string lockout(const std::string& rest, const char* host, const char* controller) {
  const auto r = resolve_text(with_abc(rest));
  REQUIRE_MESSAGE(r.mesh.has_value(), shown(r));
  const auto found = find_lockout(*r.mesh, r.index(host), *Address::parse(controller));
  if (!found) return "";
  CHECK(found->where == r.mesh->links[found->link].where);
  CHECK(found->where.known());
  return r.mesh->hosts[found->peer].name;
}
}  // namespace

TEST_CASE("policies that would cover the controller's own connection") {
  const std::string all = "links:\n  - {among: all}\n";
  CHECK(lockout(all, "b", "10.0.0.1") == "a");
  CHECK(lockout(all, "b", "2001:db8::1") == "a");
  CHECK(lockout(all, "b", "10.0.0.99").empty());                    // no host of the mesh
  CHECK(lockout(all, "b", "10.0.0.2").empty());                     // itself
  CHECK(lockout("links:\n  - [a, c]\n", "b", "10.0.0.1").empty());  // not linked
  CHECK(lockout("links:\n  - {among: all, level: use}\n", "b", "10.0.0.1").empty());
  CHECK(lockout("bypass: [nd, ike, ssh-controller]\n" + all, "b", "10.0.0.1") == "a");  // linked hosts stay protected
  CHECK(lockout("bypass: [nd, ike, {ssh-controller: [10.0.0.1]}]\n" + all, "b", "10.0.0.1").empty());
  CHECK(lockout("bypass: [nd, ike, {protocol: tcp, port: 22}]\n" + all, "b", "10.0.0.1") == "a");
  CHECK(lockout("bypass: [nd, ike, {protocol: tcp, port: 22, peers: [10.0.0.1]}]\n" + all, "b", "10.0.0.1").empty());
  CHECK(lockout("bypass: [nd, ike, {protocol: tcp, port: 23}]\n" + all, "b", "10.0.0.1") == "a");
  CHECK(lockout("bypass: [nd, ike, {protocol: udp, port: 22}]\n" + all, "b", "10.0.0.1") == "a");
}

TEST_CASE("selectors decide whether SSH is covered, seen from the right end") {
  const auto from_a_to_b = [](const std::string& select) {
    return "links:\n  - {from: a, to: b, select: [" + select + "]}\n";
  };
  CHECK(lockout(from_a_to_b("{protocol: tcp, port: 22}"), "b", "10.0.0.1") == "a");
  CHECK(lockout(from_a_to_b("{protocol: tcp, port: 22}"), "a", "10.0.0.2").empty());  // b's port 22, not a's
  CHECK(lockout(from_a_to_b("{protocol: tcp, port: 80}"), "b", "10.0.0.1").empty());
  CHECK(lockout(from_a_to_b("{protocol: tcp}"), "b", "10.0.0.1") == "a");
  CHECK(lockout(from_a_to_b("{protocol: udp}"), "b", "10.0.0.1").empty());
  CHECK(lockout("defaults: {ssh: {port: 2222}}\n" + from_a_to_b("{protocol: tcp, port: 22}"), "b", "10.0.0.1").empty());
  CHECK(lockout("defaults: {ssh: {port: 2222}}\n" + from_a_to_b("{protocol: tcp, port: 2222}"), "b", "10.0.0.1") ==
        "a");
}

TEST_CASE("a controller in a net behind a gateway, and exceptions for it") {
  const auto from_net = [](const std::string& options) {
    const auto r = resolve_text(
        "version: 1\nmesh: m\nhosts:\n  gw: {addresses: [192.0.2.1], subnets: [10.1.0.0/16], inner_addresses: "
        "[10.1.0.1]}\n"
        "  h: {addresses: [192.0.2.2]}\nlinks:\n  - {from: gw, to: h, mode: tunnel" +
        options + "}\n");
    REQUIRE_MESSAGE(r.mesh.has_value(), shown(r));
    return find_lockout(*r.mesh, r.index("h"), *Address::parse("10.1.2.3")).has_value();
  };
  CHECK(from_net(""));
  CHECK(from_net(", level: unique"));
  CHECK_FALSE(from_net(", level: use"));
  CHECK_FALSE(from_net(", select: [{protocol: tcp, port: 22, action: none}]"));
  CHECK(from_net(", select: [{protocol: tcp, port: 80, action: none}]"));
  CHECK_FALSE(from_net(", action: none"));
  CHECK(from_net(", action: discard"));
}
