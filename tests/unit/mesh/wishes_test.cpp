// Nothing that was asked for is dropped in silence: a back end that does not name a wish has its links refused.

#include "mesh/wishes.hpp"
#include "kit.hpp"

using namespace meshctl;
using namespace meshctl::test;

namespace {

std::string refused(const std::string& yaml, const WishSet& fulfilled) {
  const auto r = resolve_text(yaml);
  REQUIRE_MESSAGE(r.mesh.has_value(), shown(r));
  DiagSink sink;
  refuse_wishes(
      *r.mesh, [&](HostIndex) { return fulfilled; }, sink);
  std::string out;
  for (const Diag& diag : sink.all()) {
    CHECK(diag.code == (diag.severity == Severity::Error     ? "E1095"
                        : diag.severity == Severity::Warning ? "W1096"
                                                             : "N1097"));
    out += diag.text + "\n";
  }
  return out;
}

const std::string kTwo =
    "version: 1\nmesh: m\nhosts: {a: {addresses: [10.0.0.1]}, b: {addresses: [10.0.0.2]}}\nlinks:\n";

}  // namespace

TEST_CASE("the plain road needs nothing") {
  CHECK(refused(kTwo + "  - [a, b]\n", {}).empty());
  CHECK(refused(kTwo + "  - {between: [a, b], level: use, select: [{protocol: tcp, port: 80}], dpd: 0}\n", {}).empty());
}

TEST_CASE("what is asked for is refused once for each kind of link") {
  CHECK(refused(kTwo + "  - {between: [a, b], ipcomp: true, protect: ah}\n", {}) ==
        "link of 'a' and 'b': back end racoon of 'a' cannot do 'protect: ah', 'ipcomp' in this version\n");
  CHECK(refused(kTwo + "  - {between: [a, b], ipcomp: true}\n", wish_set({Wish::Ipcomp})).empty());
  CHECK(refused("version: 1\nmesh: m\nhosts: {a: {addresses: [10.0.0.1], log: info}, b: {addresses: [10.0.0.2]}}\n"
                "links:\n  - [a, b]\n",
                {}) == "host 'a': back end racoon has no 'log', which is left out\n");
}

TEST_CASE("every option of a link but those of the plain road is a wish") {
  // Values that differ from the default; the name of the wish is the key of the language.
  const char* options[] = {"level: unique",
                           "protect: ah",
                           "protect: esp+ah",
                           "ipcomp: true",
                           "priority: 5",
                           "outer: ipv4",
                           "passive: true",
                           "verify_identifier: false",
                           "nat_traversal: on",
                           "natt_keepalive: 30",
                           "fragmentation: off",
                           "dpd_retry: 6",
                           "dpd_maxfail: 6",
                           "child_bytes: 1GiB",
                           "exchange_mode: base",
                           "nonce_size: 32",
                           "proposal_check: obey",
                           "initial_contact: false",
                           "rekey: force",
                           "send_cert: false",
                           "send_cr: false",
                           "generate_policy: on",
                           "raw: {remote: x}",
                           "select: [{protocol: tcp, action: none}]",
                           "select: [{protocol: icmp, type: 8}]",
                           "select: [{protocol: tcp, to: host}]"};
  for (const std::string option : options) {
    CAPTURE(option);
    CHECK_FALSE(refused(kTwo + "  - {between: [a, b], " + option + "}\n", {}).empty());
  }
}

TEST_CASE("each wish has a word") {
  for (std::size_t i = 0; i < static_cast<std::size_t>(Wish::Count); ++i)
    CHECK_FALSE(text(static_cast<Wish>(i)).empty());
}
