// What an inventory means: expansion, merging, defaults.
#include "kit.hpp"

using namespace meshctl;
using namespace meshctl::test;

namespace {
/// "a-b a-c", in order.
std::string pairs(const Mesh& mesh) {
  std::string out;
  for (const Link& link : mesh.links) {
    out += (out.empty() ? "" : " ") + mesh.hosts[link.a].name + "-" + mesh.hosts[link.b].name;
  }
  return out;
}
std::string pairs_of(const std::string& links) {
  const auto r = resolve_text(with_abc("links:\n" + links));
  REQUIRE_MESSAGE(r.mesh.has_value(), shown(r));
  return pairs(*r.mesh);
}
std::string selectors_of(const Terms& terms) {
  std::string out;
  for (const auto& s : terms.selectors) {
    out += (out.empty() ? "" : " ") + std::to_string(s.protocol) + ":" + std::to_string(s.a_port) + ":" +
           std::to_string(s.b_port);
  }
  return out;
}
}  // namespace

TEST_CASE("the defaults of the language") {
  const auto r = resolve_text(with_abc("links:\n  - [a, b]\n"));
  REQUIRE_MESSAGE(r.mesh.has_value(), shown(r));
  const Terms& terms = r.terms("a", "b");
  CHECK(summary(terms) == "transport require esp aes256-sha512-modp3072 ikev1 aes256-sha512-modp3072 psk");
  CHECK(terms.suite == "modern");
  CHECK(terms.ike_lifetime == 8 * 3600);
  CHECK(terms.child_lifetime == 3600);
  CHECK(terms.dpd_delay == 30);
  CHECK(terms.psk_file.empty());
  CHECK(terms.selectors == std::vector<Selector>{Selector{}});
  CHECK(r.mesh->name == "test");
  CHECK(r.mesh->hosts.size() == 3);
  CHECK(r.host("a").backend == BackendKind::Racoon);
  CHECK(r.host("a").id == "a");
  CHECK(r.host("c").backend == BackendKind::Strongswan);
  CHECK(r.host("b").tags == std::vector<std::string>{"db", "web"});
  CHECK(r.host("a").ssh.address == "10.0.0.1");
  CHECK(r.host("a").ssh.user == "root");
  CHECK(r.host("a").ssh.port == 22);
  CHECK_FALSE(r.host("a").ssh.sudo);
  REQUIRE(r.mesh->bypasses.size() == 3);
  CHECK(r.mesh->bypasses[0].word == BypassWord::Nd);
  CHECK(r.mesh->bypasses[1].word == BypassWord::IcmpErrors);
  CHECK(r.mesh->bypasses[2].word == BypassWord::Ike);
  CHECK(r.warnings.empty());
}

TEST_CASE("entries expand to pairs") {
  CHECK(pairs_of("  - [b, a]\n") == "a-b");
  CHECK(pairs_of("  - {between: [c, a]}\n") == "a-c");
  CHECK(pairs_of("  - {among: all}\n") == "a-b a-c b-c");
  CHECK(pairs_of("  - {among: web}\n") == "a-b");
  CHECK(pairs_of("  - {among: all, except: [b]}\n") == "a-c");
  CHECK(pairs_of("  - {among: all, except: [edge]}\n") == "a-b");
  CHECK(pairs_of("  - {from: web, to: db}\n") == "a-b a-c b-c");  // b is in both and never links to itself
  CHECK(pairs_of("  - {from: a, to: all}\n") == "a-b a-c");
  CHECK(pairs_of("  - {from: edge, to: web}\n") == "a-c b-c");
  CHECK(pairs_of("  - [a, b]\n  - {among: web}\n  - {from: a, to: b}\n") == "a-b");
}

TEST_CASE("a port means the to side, the second of a pair, either side of among") {
  const auto selectors = [](const std::string& entry, const char* x, const char* y) {
    const auto r = resolve_text(with_abc("links:\n  - " + entry + "\n"));
    REQUIRE_MESSAGE(r.mesh.has_value(), shown(r));
    return selectors_of(r.terms(x, y));
  };
  const std::string tcp = "select: [{protocol: tcp, port: 5432}]}";
  CHECK(selectors("{between: [a, b], " + tcp, "a", "b") == "6:0:5432");
  CHECK(selectors("{between: [b, a], " + tcp, "a", "b") == "6:5432:0");
  CHECK(selectors("{from: a, to: c, " + tcp, "a", "c") == "6:0:5432");
  CHECK(selectors("{from: c, to: a, " + tcp, "a", "c") == "6:5432:0");
  CHECK(selectors("{among: web, " + tcp, "a", "b") == "6:0:5432 6:5432:0");
  CHECK(selectors("{from: web, to: all, " + tcp, "a", "b") == "6:0:5432 6:5432:0");  // both are from, both are to
  CHECK(selectors("{from: web, to: all, " + tcp, "b", "c") == "6:0:5432");
}

TEST_CASE("selectors of entries append, most specific first, each once") {
  const auto r =
      resolve_text(with_abc("links:\n"
                            "  - {among: all, select: [{protocol: udp}]}\n"
                            "  - {between: [a, b], select: [{protocol: tcp, port: 80}, {protocol: udp}]}\n"
                            "  - {between: [b, a], select: [{protocol: tcp, port: 22}]}\n"));
  REQUIRE_MESSAGE(r.mesh.has_value(), shown(r));
  CHECK(selectors_of(r.terms("a", "b")) == "6:0:80 6:22:0 17:0:0");
  CHECK(selectors_of(r.terms("a", "c")) == "17:0:0");
}

TEST_CASE("default selectors count only where no entry has its own") {
  const auto r =
      resolve_text(with_abc("defaults: {select: [{protocol: tcp, port: 443}]}\n"
                            "links:\n"
                            "  - {from: a, to: all}\n"
                            "  - {between: [a, c], select: [{protocol: sctp}]}\n"));
  REQUIRE_MESSAGE(r.mesh.has_value(), shown(r));
  CHECK(selectors_of(r.terms("a", "b")) == "6:0:443");
  CHECK(selectors_of(r.terms("a", "c")) == "132:0:0");
}

TEST_CASE("later scalars win over earlier ones, and all over defaults") {
  const auto r =
      resolve_text(with_abc("defaults: {suite: legacy-sha1, dpd: 10, child_lifetime: 20m}\n"
                            "links:\n"
                            "  - {among: all, level: use, suite: windows}\n"
                            "  - {between: [a, b], level: require, ike_lifetime: 4h}\n"));
  REQUIRE_MESSAGE(r.mesh.has_value(), shown(r));
  CHECK(r.terms("a", "b").level == Level::Require);
  CHECK(r.terms("a", "b").ike_lifetime == 4 * 3600);
  CHECK(r.terms("a", "b").suite == "windows");
  CHECK(r.terms("a", "b").dpd_delay == 10);
  CHECK(r.terms("a", "b").child_lifetime == 1200);
  CHECK(r.terms("a", "c").level == Level::Use);
  CHECK(r.link("a", "b")->where.line == 10);
  CHECK(r.link("a", "c")->where.line == 9);
}

TEST_CASE("the meeting decides what a suite is") {
  const auto r = resolve_text(
      "version: 1\nmesh: m\nhosts:\n"
      "  r1: {addresses: [10.0.0.1]}\n"
      "  r2: {addresses: [10.0.0.2]}\n"
      "  s1: {addresses: [10.0.0.3], backend: strongswan}\n"
      "  s2: {addresses: [10.0.0.4], backend: strongswan}\n"
      "  s3: {addresses: [10.0.0.5], backend: strongswan}\n"
      "links:\n  - {among: all}\n  - {between: [s1, s3], ike: 1}\n");
  REQUIRE_MESSAGE(r.mesh.has_value(), shown(r));
  const std::string racoon = "transport require esp aes256-sha512-modp3072 ikev1 aes256-sha512-modp3072 psk";
  CHECK(summary(r.terms("r1", "r2")) == racoon);
  CHECK(summary(r.terms("r1", "s1")) == racoon);
  CHECK(summary(r.terms("s1", "s2")) ==
        "transport require esp aes256gcm16-ecp384 ikev2 aes256gcm16-prfsha384-ecp384 psk");
  CHECK(summary(r.terms("s1", "s3")) == racoon);  // IKEv1 has no AEAD
  CHECK(r.mesh->terms.size() == 2);               // shared by content, whatever made it
}
