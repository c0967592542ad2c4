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
  CHECK(spelled("des-sha512-modp3072", good_esp) == "W1101 8:5");
  CHECK(spelled("cast128-sha512-modp3072", good_esp) == "W1102 8:5");
  CHECK(spelled(good_ike, "blowfish128-sha512-modp3072") == "W1102 8:5");
  CHECK(spelled(good_ike, "null-sha512-modp3072") == "W1103 8:5");
  CHECK(spelled("aes256-md5-modp3072", good_esp) == "W1104 8:5");
  CHECK(spelled(good_ike, "aes256-md5-modp3072") == "W1104 8:5");
  CHECK(spelled("aes256-sha1-modp3072", good_esp) == "W1105 8:5");
  CHECK(spelled(good_ike, "aes256-sha256-modp3072") == "N1107 8:5");
  CHECK(spelled("aes256-sha512-modp1536", "aes256-sha512-modp1536") == "W1108 8:5 W1108 8:5");
  CHECK(spelled("aes256-sha512-modp2048", "aes256-sha512-modp2048").empty());
  CHECK(spelled(good_ike, "aes256-sha512") == "W1109 8:5");
  CHECK(spelled(good_ike, "aes256-sha512-modp2048") == "W1110 8:5");
  CHECK(spelled(good_ike, "camellia256-sha512-modp4096").empty());
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
  CHECK(lockout("bypass: [nd, ike, ssh-controller]\n" + all, "b", "10.0.0.1").empty());
  CHECK(lockout("bypass: [nd, ike, {protocol: tcp, port: 22}]\n" + all, "b", "10.0.0.1").empty());
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
