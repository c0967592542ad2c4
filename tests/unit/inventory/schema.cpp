// Reader and schema agree. Where the schema cannot know (two names that are the same, sums, DNS rules), the table says
// so.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "inventory/load.hpp"
#include "inventory/schema.hpp"
#include "yaml/doc.hpp"

using namespace meshctl;

namespace {

constexpr const char* kSchemaHead =
    "version: 1\nmesh: m\nhosts: {a: {addresses: [192.0.2.1]}, b: {addresses: [192.0.2.2]}}\n";

bool reader_accepts(const std::string& text) {
  Sources sources;
  DiagSink sink;
  const auto inventory = parse_inventory("test.yaml", text, sources, sink);
  if (!inventory) {
    for (const Diag& diag : inventory.error()) CHECK(diag.code != "E0220");  // the reader had to see it first
  }
  return inventory.has_value();
}

bool schema_accepts(const std::string& text) {
  DiagSink sink;
  const auto root = yaml::parse(static_cast<FileId>(1), text, sink);
  REQUIRE(root);
  return inventory::check_schema(*root, false, sink);
}

enum Verdict { Good, Bad, SchemaCannotKnow };

void check(const std::string& text, Verdict verdict) {
  CAPTURE(text);
  CHECK(reader_accepts(text) == (verdict == Good));
  CHECK(schema_accepts(text) == (verdict != Bad));
}

}  // namespace

TEST_CASE("top level") {
  const std::string hosts = "hosts: {a: {addresses: [192.0.2.1]}}\n";
  check(kSchemaHead, Good);
  check("version: 1\n" + hosts, Bad);
  check("mesh: m\n" + hosts, Bad);
  check("version: 2\nmesh: m\n" + hosts, Bad);
  check("version: '1'\nmesh: m\n" + hosts, Bad);
  check("version: 1\nmesh: 1\n" + hosts, Bad);
  check("version: 1\nmesh: all\n" + hosts, Bad);
  check("version: 1\nmesh: a..b\n" + hosts, Bad);
  check("version: 1\nmesh: m\n", SchemaCannotKnow);  // hosts may come from an included file
  check(std::string(kSchemaHead) + "more: 1\n", Bad);
  check(std::string(kSchemaHead) + "include: x\n", Bad);
  check(std::string(kSchemaHead) + "include: [~/x]\n", Bad);
  check(std::string(kSchemaHead) + "include: []\n", Good);
  check("[]", Bad);
  check("version: 1\nmesh: m\nhosts:\n", Bad);
  check("version: 1\nmesh: m\nhosts: {all: {addresses: [192.0.2.1]}}\n", Bad);
  check("version: 1\nmesh: m\nhosts: {a/b: {addresses: [192.0.2.1]}}\n", Bad);
}

TEST_CASE("hosts") {
  const struct {
    const char* host;
    Verdict verdict;
  } rows[] = {
      {"{addresses: [192.0.2.1]}", Good},
      {"{addresses: ['2001:db8::1', web.example.com]}", Good},
      {"{addresses: []}", Bad},
      {"{}", Bad},
      {"~", Bad},
      {"{addresses: 192.0.2.1}", Bad},
      {"{addresses: [10.1]}", Bad},
      {"{addresses: [192.0.2.1/24]}", Bad},
      {"{addresses: [192.0.2.1, 192.0.2.1]}", Bad},
      {"{addresses: ['2001:db8::1', '2001:DB8::1']}", SchemaCannotKnow},
      {"{addresses: [192.0.2.300]}", SchemaCannotKnow},
      {"{addresses: [127.0.0.1]}", SchemaCannotKnow},
      {"{addresses: [192.0.2.1], backend: auto}", Good},
      {"{addresses: [192.0.2.1], backend: openvpn}", Bad},
      {"{addresses: [192.0.2.1], managed: false}", Good},
      {"{addresses: [192.0.2.1], managed: no}", Bad},
      {"{addresses: [192.0.2.1], managed: ~}", Bad},
      {"{addresses: [192.0.2.1], tags: []}", Good},
      {"{addresses: [192.0.2.1], tags: [x, y]}", Good},
      {"{addresses: [192.0.2.1], tags: [x, x]}", Bad},
      {"{addresses: [192.0.2.1], tags: [h]}", SchemaCannotKnow},
      {"{addresses: [192.0.2.1], tags: [1]}", Bad},
      {"{addresses: [192.0.2.1], tags: [-x]}", Bad},
      {"{addresses: [192.0.2.1], id: old-name}", Good},
      {"{addresses: [192.0.2.1], id: ''}", Bad},
      {"{addresses: [192.0.2.1], color: red}", Bad},
      {"{addresses: dynamic}", Good},
      {"{addresses: static}", Bad},
      {"{addresses: [dynamic]}", Good},  // a DNS name
      {"{addresses: dynamic, subnets: [10.1.0.0/16, '2001:db8::/32', 10.9.9.9]}", Good},
      {"{addresses: dynamic, subnets: []}", Bad},
      {"{addresses: dynamic, subnets: [10.1.0.0/16, 10.1.0.0/16]}", Bad},
      {"{addresses: dynamic, subnets: [10.1.0.1/16]}", SchemaCannotKnow},
      {"{addresses: dynamic, subnets: [10.1.0.0/33]}", SchemaCannotKnow},
      {"{addresses: dynamic, subnets: [lan]}", Bad},
      {"{addresses: dynamic, inner_addresses: [10.1.0.1, '2001:db8::1']}", Good},
      {"{addresses: dynamic, inner_addresses: [10.1.0.1, 10.1.0.2]}", SchemaCannotKnow},
      {"{addresses: dynamic, inner_addresses: [10.1.0.1, 10.1.0.2, 10.1.0.3]}", Bad},
      {"{addresses: dynamic, interface: eth0}", Good},
      {"{addresses: dynamic, interface: 'eth0;reboot'}", Bad},
      {"{addresses: dynamic, interface: sixteen-letters-}", Bad},
      {"{addresses: [10.0.0.1], behind_nat: 192.0.2.1}", Good},
      {"{addresses: [10.0.0.1], behind_nat: gw.example.com}", Bad},
      {"{addresses: dynamic, identity: address}", Good},
      {"{addresses: dynamic, identity: fqdn}", Bad},
      {"{addresses: dynamic, identity: {fqdn: gw.example.com}}", Good},
      {"{addresses: dynamic, identity: {fqdn: gw}}", Bad},
      {"{addresses: dynamic, identity: {user_fqdn: ada@example.com}}", Good},
      {"{addresses: dynamic, identity: {keyid: branch-7}}", Good},
      {"{addresses: dynamic, identity: {keyid: 'a b'}}", Bad},
      {"{addresses: dynamic, identity: {asn1dn: 'C=DE, O=Example, CN=gw'}}", Good},
      {"{addresses: dynamic, identity: {asn1dn: 'CN=a\"b'}}", Bad},
      {"{addresses: dynamic, identity: {asn1dn: 'X=y'}}", SchemaCannotKnow},
      {"{addresses: dynamic, identity: {address: 192.0.2.1}}", Good},
      {"{addresses: dynamic, identity: {fqdn: a.b, keyid: c}}", Bad},
      {"{addresses: dynamic, identity: {}}", Bad},
      {"{addresses: dynamic, certificate: {subject: 'CN=gw', sans: [gw.example.com], ca_file: x.pem, crl_file: x.crl}}",
       Good},
      {"{addresses: dynamic, certificate: {sans: ['a b']}}", Bad},
      {"{addresses: dynamic, certificate: {key: x}}", Bad},
      {"{addresses: dynamic, rsa_public_key: keys/x.pub}", Good},
      {"{addresses: dynamic, gss_id: host/gw.example.com}", Good},
      {"{addresses: [10.0.0.1], listen: {addresses: [10.0.0.1], port: 500, natt_port: 4500}}", Good},
      {"{addresses: dynamic, listen: {port: 0}}", Bad},
      {"{addresses: dynamic, log: debug2}", Good},
      {"{addresses: dynamic, log: all}", Bad},
      {"{addresses: dynamic, boot: ifupdown, firewall: iptables, form: racoon-tool}", Good},
      {"{addresses: dynamic, boot: {kind: systemd, fail: closed}}", Good},
      {"{addresses: dynamic, boot: {kind: ifupdown}}", Good},
      {"{addresses: dynamic, boot: {fail: closed}}", Bad},
      {"{addresses: dynamic, boot: {kind: rc, fail: shut}}", Bad},
      {"{addresses: dynamic, boot: upstart}", Bad},
      {"{addresses: dynamic, backend_version: '0.8.2'}", Good},
      {"{addresses: dynamic, backend_version: 0.8}", Bad},
      {"{addresses: dynamic, backend_version: '0.8-1'}", Bad},
      {"{addresses: dynamic, raw: {racoon: 'timer { counter 10; }', setkey: x, swanctl: y}}", Good},
      {"{addresses: dynamic, raw: {remote: x}}", Bad},
      {"{addresses: dynamic, raw: {racoon: ''}}", Bad},
      {"{addresses: dynamic, protect: ah}", Bad},
  };
  for (const auto& row : rows) check(std::string("version: 1\nmesh: m\nhosts: {h: ") + row.host + "}\n", row.verdict);
}

TEST_CASE("ssh") {
  const std::string key(43, 'A');
  const struct {
    std::string ssh;
    Verdict verdict;
  } rows[] = {
      {"{}", Good},
      {"{user: root, port: 22}", Good},
      {"{user: 'a b'}", Bad},
      {"{user: -x}", Bad},
      {"{user: .x}", Bad},
      {"{user: x-y.z_}", Good},
      {"{port: 0}", Bad},
      {"{port: 65536}", Bad},
      {"{port: '22'}", Bad},
      {"{port: 022}", SchemaCannotKnow},
      {"{port: 22.5}", Bad},
      {"{address: web.example.com}", Good},
      {"{address: 'a b'}", Bad},
      {"{address: '-x'}", SchemaCannotKnow},
      {"{key_file: ~/.ssh/id}", Good},
      {"{key_file: ../keys/id}", Good},
      {"{key_file: -x}", Bad},
      {"{key_file: a~b}", Bad},
      {"{key_file: 'a%b'}", Bad},
      {"{key_file: a/}", SchemaCannotKnow},
      {"{known_hosts: known_hosts}", Good},
      {"{known_hosts: 'a;b'}", Bad},
      {"{jump: gate}", Good},
      {"{jump: ops@gate.example.com}", Good},
      {"{jump: 'ops@gate.example.com:2222'}", Good},
      {"{jump: 'ops@[2001:db8::1]:22'}", Good},
      {"{jump: 'ops@gate:0'}", Bad},
      {"{jump: 'ops@gate:70000'}", SchemaCannotKnow},
      {"{jump: 'ops@2001:db8::1'}", Bad},
      {"{jump: '-x'}", Bad},
      {"{jump: 'a b@c'}", Bad},
      {"{host_key: 'SHA256:" + key + "'}", Good},
      {"{host_key: 'SHA256:" + key + "A'}", Bad},
      {"{host_key: 'ssh-ed25519 " + key + key + "'}", Good},
      {"{host_key: 'ssh-ed25519 " + key + " root@h'}", Bad},
      {"{host_key: 'ssh-rsa " + std::string(2800, 'A') + "'}", Good},
      {"{host_key: 'ssh-rsa " + std::string(2900, 'A') + "'}", Bad},
      {"{host_key: 'ssh-dss " + key + "'}", Bad},
      {"{sudo: true}", Good},
      {"{sudo: 'true'}", Bad},
      {"{password: x}", Bad},
      {"root@h", Bad},
  };
  for (const auto& row : rows) {
    check("version: 1\nmesh: m\nhosts: {h: {addresses: [192.0.2.1], ssh: " + row.ssh + "}}\n", row.verdict);
    check(std::string(kSchemaHead) + "defaults: {ssh: " + row.ssh + "}\n", row.verdict);
  }
}

TEST_CASE("link forms") {
  const struct {
    const char* link;
    Verdict verdict;
  } rows[] = {
      {"[a, b]", Good},
      {"[a]", Bad},
      {"[a, b, a]", Bad},
      {"[a, all]", Bad},
      {"[a, a]", SchemaCannotKnow},
      {"[a, 1]", Bad},
      {"a", Bad},
      {"~", Bad},
      {"{between: [a, b]}", Good},
      {"{between: a}", Bad},
      {"{between: [a, b], except: [a]}", Bad},
      {"{among: all}", Good},
      {"{among: all, except: [a]}", Good},
      {"{among: all, except: a}", Bad},
      {"{among: [a, b]}", Bad},
      {"{among: all, from: a}", Bad},
      {"{from: a, to: b}", Good},
      {"{from: all, to: all, except: [a]}", Good},
      {"{from: all, to: all, except: [all]}", Bad},
      {"{from: a}", Bad},
      {"{to: a}", Bad},
      {"{between: [a, b], among: all}", Bad},
      {"{}", Bad},
      {"{suite: modern}", Bad},
      {"{among: all, colour: red}", Bad},
  };
  for (const auto& row : rows) check(std::string(kSchemaHead) + "links: [" + row.link + "]\n", row.verdict);
}

TEST_CASE("link options") {
  const struct {
    const char* option;
    Verdict verdict;
  } rows[] = {
      {"auth: psk", Good},
      {"auth: PSK", Bad},
      {"suite: modern", Good},
      {"suite: Modern", Bad},
      {"suite: ''", Bad},
      {"suite: -x", Bad},
      {"suite: 1", Bad},
      {"suite: {ike: aes256-sha512-modp3072, esp: aes256-sha512}", Good},
      {"suite: {ike: aes256-sha512-modp3072}", Bad},
      {"suite: {ike: a, esp: b, ah: c}", Bad},
      {"suite: []", Bad},
      {"mode: tunnel", Good},
      {"mode: beet", Bad},
      {"level: use", Good},
      {"level: true", Bad},
      {"ike: 1", Good},
      {"ike: 3", Bad},
      {"ike: '1'", Bad},
      {"ike_lifetime: 300", Good},
      {"ike_lifetime: 299", Bad},
      {"ike_lifetime: 86401", Bad},
      {"ike_lifetime: 8h", Good},
      {"ike_lifetime: 08h", Bad},
      {"ike_lifetime: 8d", Bad},
      {"ike_lifetime: 1.5", Bad},
      {"ike_lifetime: 1s", SchemaCannotKnow},
      {"child_lifetime: '3600s'", Good},
      {"child_lifetime: '3600'", Bad},
      {"child_lifetime: -1h", Bad},
      {"dpd: 0", Good},
      {"dpd: 0s", Good},
      {"dpd: 30s", Good},
      {"dpd: 3601", Bad},
      {"dpd: -1", Bad},
      {"dpd: off", Bad},
      {"psk_file: keys/x.psk", Good},
      {"psk_file: ''", Bad},
      {"psk_file: \"a\\nb\"", Bad},
      {"psk: x", Bad},
      {"level: unique", Good},
      {"protect: esp+ah", Good},
      {"protect: none", Bad},
      {"ipcomp: true", Good},
      {"ipcomp: deflate", Bad},
      {"pfs: none", Good},
      {"pfs: Modp3072", Bad},
      {"child_bytes: 4GiB", Good},
      {"child_bytes: 1048576", Good},
      {"child_bytes: 1048575", Bad},
      {"child_bytes: 4GB", Bad},
      {"child_bytes: 1KiB", SchemaCannotKnow},
      {"priority: -100", Good},
      {"priority: 101", Bad},
      {"priority: '1'", Bad},
      {"priority: 1.5", Bad},
      {"outer: ipv6", Good},
      {"outer: 6", Bad},
      {"passive: true", Good},
      {"passive: on", Bad},
      {"verify_identifier: false", Good},
      {"nat_traversal: on", Good},
      {"nat_traversal: true", Bad},
      {"natt_keepalive: 20s", Good},
      {"natt_keepalive: 4", Bad},
      {"fragmentation: force", Good},
      {"dpd_retry: 5", Good},
      {"dpd_maxfail: 0", Bad},
      {"exchange_mode: aggressive", Good},
      {"exchange_mode: quick", Bad},
      {"nonce_size: 16", Good},
      {"nonce_size: 7", Bad},
      {"proposal_check: obey", Good},
      {"initial_contact: false", Good},
      {"rekey: force", Good},
      {"send_cert: true", Good},
      {"send_cr: 1", Bad},
      {"generate_policy: unique", Good},
      {"profile: bsi-tr-02102-3", Good},
      {"profile: bsi", Bad},
      {"raw: {remote: 'dpd on;', sainfo: x, connection: y, child: z}", Good},
      {"raw: {}", Good},
      {"raw: {psk: x}", Bad},
      {"select: [{protocol: tcp, from_port: 22, port: 80, from: host, to: 10.0.0.0/8, action: none}]", Good},
      {"select: [{protocol: any, from: '::/0'}]", Good},
      {"select: [{protocol: any, from: all}]", Bad},
      {"select: [{protocol: any, from: 10.0.0.1/8}]", SchemaCannotKnow},
      {"select: [{protocol: udp, action: pass}]", Bad},
      {"select: [{protocol: icmp, type: 3, code: 4}]", Good},
      {"select: [{protocol: 58, type: 0}]", Good},
      {"select: [{protocol: icmp, code: 4}]", Bad},
      {"select: [{protocol: icmp, type: 256}]", Bad},
      {"select: [{protocol: tcp, type: 3}]", Bad},
      {"select: [{protocol: icmp, from_port: 3}]", Bad},
      {"select: [{protocol: tcp, port: 80}]", Good},
      {"select: [{protocol: any}]", Good},
      {"select: [{protocol: 6, port: 80}]", Good},
      {"select: [{protocol: 47}]", Good},
      {"select: [{protocol: '47'}]", Bad},
      {"select: [{protocol: 47, port: 80}]", Bad},
      {"select: [{protocol: any, port: 80}]", Bad},
      {"select: [{protocol: 0}]", Bad},
      {"select: [{protocol: 256}]", Bad},
      {"select: [{protocol: gre}]", Bad},
      {"select: [{port: 80}]", Bad},
      {"select: [{protocol: tcp, port: 0}]", Bad},
      {"select: [{protocol: tcp, ports: 80}]", Bad},
      {"select: [tcp]", Bad},
      {"select: []", Bad},
      {"select: {protocol: tcp}", Bad},
  };
  for (const auto& row : rows) {
    check(std::string(kSchemaHead) + "links: [{among: all, " + row.option + "}]\n", row.verdict);
    check(std::string(kSchemaHead) + "defaults: {" + row.option + "}\n", row.verdict);
  }
}

TEST_CASE("options that stand in links only, or in defaults only") {
  check(std::string(kSchemaHead) + "links: [{between: [a, b], action: discard}]\n", Good);
  check(std::string(kSchemaHead) + "links: [{between: [a, b], action: drop}]\n", Bad);
  check(std::string(kSchemaHead) + "defaults: {action: none}\n", Bad);
  check(std::string(kSchemaHead) + "links: [{between: [a, b], initiator: to}]\n", Good);
  check(std::string(kSchemaHead) + "links: [{between: [a, b], initiator: a}]\n", Bad);
  check(std::string(kSchemaHead) + "links: [{between: [a, b], identity: {from: address, to: {fqdn: x.y}}}]\n", Good);
  check(std::string(kSchemaHead) + "links: [{between: [a, b], identity: {a: address}}]\n", Bad);
  check(std::string(kSchemaHead) + "links: [{between: [a, b], identity: address}]\n", Bad);
  check(std::string(kSchemaHead) + "links: [{between: [a, b], raw: {racoon: x}}]\n", Bad);
  check(std::string(kSchemaHead) + "defaults: {raw: {racoon: x, child: y}, log: info, firewall: nftables}\n", Good);
  check(std::string(kSchemaHead) + "defaults: {subnets: [10.0.0.0/8]}\n", Bad);
  check(std::string(kSchemaHead) + "links: [{between: [a, b], log: info}]\n", Bad);
}

TEST_CASE("bypass") {
  const struct {
    const char* bypass;
    Verdict verdict;
  } rows[] = {
      {"[nd, icmp-errors, ike, icmp, dhcp, ssh-controller]", Good},
      {"[]", Good},
      {"nd", Bad},
      {"[ssh]", Bad},
      {"[{protocol: udp, port: 123}]", Good},
      {"[{protocol: icmp}]", Good},
      {"[{protocol: any}]", Bad},
      {"[{port: 123}]", Bad},
      {"[{protocol: tcp, from_port: 123}]", Bad},
      {"[1]", Bad},
      {"[{ssh-controller: [192.0.2.10, 198.51.100.0/24, \"2001:db8::/32\"]}]", Good},
      {"[{ssh-controller: []}]", Bad},
      {"[{ssh-controller: 192.0.2.10}]", Bad},
      {"[{ssh-controller: [host.example.com]}]", Bad},
      {"[{ssh-controller: [192.0.2.10, 192.0.2.10]}]", Bad},
      {"[{ssh-controller: [192.0.2.10], port: 22}]", Bad},
      {"[{protocol: udp, port: 123, role: server}]", Good},
      {"[{protocol: udp, port: 123, peers: [192.0.2.10]}]", Good},
      {"[{protocol: udp, port: 53, role: client, peers: [192.0.2.53]}]", Good},
      {"[{protocol: udp, port: 53, role: client}]", Bad},
      {"[{protocol: udp, port: 53, role: both}]", Bad},
      {"[{protocol: udp, role: server}]", Bad},
      {"[{protocol: 47, peers: [192.0.2.10]}]", Good},
  };
  for (const auto& row : rows) check(std::string(kSchemaHead) + "bypass: " + row.bypass + "\n", row.verdict);
}

TEST_CASE("a complaint of the schema is put at the node that it is about") {
  DiagSink sink;
  const auto root = yaml::parse(static_cast<FileId>(1),
                                "version: 1\nmesh: m\nhosts:\n  a:\n    addresses: [192.0.2.1]\n    id: 5\n", sink);
  REQUIRE(root);
  CHECK_FALSE(inventory::check_schema(*root, false, sink));
  const Diags diags = sink.take();
  REQUIRE(diags.size() == 1);
  CHECK(diags[0].code == "E0220");
  CHECK(diags[0].where.line == 6);
  CHECK(diags[0].where.col == 9);
}

TEST_CASE("every key of the schema teaches: it has a title") {
  const auto schema = nlohmann::json::parse(inventory_schema());
  CHECK(schema.at("$schema") == "http://json-schema.org/draft-07/schema#");
  for (const auto& [name, property] : schema.at("properties").items()) {
    CAPTURE(name);
    CHECK(property.contains("title"));
    CHECK(property.contains("description"));
  }
  for (const auto& [name, definition] : schema.at("definitions").items()) {
    CAPTURE(name);
    CHECK(definition.contains("title"));
  }
}
