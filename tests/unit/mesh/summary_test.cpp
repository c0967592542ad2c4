// The line that plans show: everything about a link that can change must change it.
#include <set>

#include "kit.hpp"

using namespace meshctl;
using namespace meshctl::test;

TEST_CASE("every option shows in the summary") {
  std::set<std::string> lines;
  const auto add = [&](auto&& change) {
    Terms terms;
    terms.selectors = {Selector{}};
    change(terms);
    CHECK(lines.insert(summary(terms)).second);
  };
  add([](Terms&) {});
  add([](Terms& t) { t.mode = Mode::Tunnel; });
  add([](Terms& t) { t.level = Level::Use; });
  add([](Terms& t) { t.auth = Auth::Rsa; });
  add([](Terms& t) { t.ike_version = IkeVersion::V1; });
  add([](Terms& t) { t.proposals.ike.group = DhGroup::Modp4096; });
  add([](Terms& t) { t.proposals.esp.pfs = DhGroup::None; });
  add([](Terms& t) { t.ike_lifetime = 3600; });
  add([](Terms& t) { t.child_lifetime = 1800; });
  add([](Terms& t) { t.dpd_delay = 0; });
  add([](Terms& t) { t.psk_file = "/x"; });
  add([](Terms& t) { t.selectors = {{6, 0, 22}}; });
  add([](Terms& t) { t.selectors = {{6, 22, 0}}; });
  add([](Terms& t) { t.selectors = {{6, 0, 0}}; });
  add([](Terms& t) { t.selectors = {{6, 0, 22}, {6, 22, 0}}; });
  add([](Terms& t) { t.selectors = {{1, 0, 0, 8}}; });
  add([](Terms& t) { t.selectors = {{1, 0, 0, 8, 0}}; });
  add([](Terms& t) { t.selectors = {{1, 0, 0, -1, -1, FlowAction::None}}; });
  add([](Terms& t) { t.selectors.front().a_net = NetSpec{true, {}}; });
  add([](Terms& t) { t.selectors.front().b_net = NetSpec{true, {}}; });
  add([](Terms& t) { t.selectors.front().b_net = NetSpec{false, *Prefix::parse("10.0.0.0/8")}; });
}

TEST_CASE("every option makes terms of its own, and shows") {
  for (const std::string option : {"level: use",
                                   "level: unique",
                                   "protect: ah",
                                   "protect: esp+ah",
                                   "ipcomp: true",
                                   "pfs: none",
                                   "priority: 5",
                                   "outer: ipv4",
                                   "initiator: to",
                                   "initiator: from",
                                   "passive: true",
                                   "verify_identifier: false",
                                   "nat_traversal: on",
                                   "nat_traversal: force",
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
                                   "raw: {sainfo: x}",
                                   "raw: {connection: x}",
                                   "raw: {child: x}",
                                   "identity: {from: {keyid: x}}",
                                   "identity: {to: {keyid: x}}",
                                   "action: none",
                                   "action: discard",
                                   "select: [{protocol: tcp, action: none}]",
                                   "select: [{protocol: tcp, from_port: 22}]",
                                   "select: [{protocol: icmp, type: 8}]",
                                   "select: [{protocol: tcp, to: host}]"}) {
    CAPTURE(option);
    const auto r = resolve_text(
        "version: 1\nmesh: m\nhosts: {a: {addresses: [10.0.0.1]}, b: {addresses: [10.0.0.2]}, c: {addresses: "
        "[10.0.0.3]}}\nlinks:\n  - [a, b]\n  - {between: [a, c], " +
        option + "}\n");
    REQUIRE_MESSAGE(r.mesh.has_value(), shown(r));
    REQUIRE(r.mesh->terms.size() == 2);
    CHECK(summary(r.mesh->terms[0]) != summary(r.mesh->terms[1]));
  }
}

TEST_CASE("selectors are written from the end that sorts first") {
  Terms terms;
  terms.selectors = {{6, 0, 5432}, {17, 0, 0}};
  CHECK(summary(terms) ==
        "transport require esp aes256-sha512-modp3072 ikev2 aes256-sha512-modp3072 psk select 6[any-5432] 17");
}
