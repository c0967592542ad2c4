// Every error of this stage: its code, its place, and that it says a way out.
#include "kit.hpp"

using namespace meshctl;
using namespace meshctl::test;

namespace {

Resolved fails(const std::string& yaml, const Facts& facts = {}) {
  auto r = resolve_text(yaml, facts);
  REQUIRE_FALSE(r.mesh.has_value());
  for (const auto& diag : r.errors()) {
    CHECK_FALSE(diag.hint.empty());
    CHECK_FALSE(diag.text.ends_with('.'));
  }
  return r;
}
std::string abc(const std::string& rest) { return codes(fails(with_abc(rest)).errors()); }
std::string links(const std::string& rest) { return abc("links:\n" + rest); }
std::string hosts(const std::string& rest, const Facts& facts = {}) {
  return codes(fails("version: 1\nmesh: m\nhosts:\n" + rest + "links:\n  - {among: all}\n", facts).errors());
}
const Diag& only(const Resolved& r) {
  REQUIRE(r.errors().size() == 1);
  return r.errors().front();
}
Address ip(const char* text) { return *Address::parse(text); }

}  // namespace

TEST_CASE("links to names that do not exist") {
  CHECK(links("  - [a, x]\n") == "E1020 8:9");
  CHECK(links("  - {among: wbe}\n") == "E1020 8:13");
  CHECK(links("  - {from: x, to: y}\n") == "E1020 8:12 E1020 8:19");
  CHECK(links("  - {among: all, except: [x]}\n") == "E1020 8:27");
  const auto tag = fails(with_abc("links:\n  - {among: wbe}\n"));
  CHECK(only(tag).text == "there is no host or tag 'wbe'");
  CHECK(only(tag).hint == "did you mean 'web'? tags are: db, edge, web");
  CHECK(only(fails(with_abc("links:\n  - {among: printers}\n"))).hint ==
        "name a host, a tag or 'all'; tags are: db, edge, web");
  CHECK(only(fails(with_abc("links:\n  - [a, printers]\n"))).hint == "name a host of the map 'hosts'");
}

TEST_CASE("an unknown tag where no host has one") {
  const std::string hosts =
      "version: 1\nmesh: m\nhosts:\n  web1: {addresses: [10.0.0.1]}\n  b: {addresses: [10.0.0.2]}\n";
  CHECK(only(fails(hosts + "links:\n  - {among: web}\n")).hint ==
        "did you mean 'web1'? no host has a tag: give hosts 'tags: [web]'");
  CHECK(only(fails(hosts + "links:\n  - {among: printers}\n")).hint ==
        "no host has a tag: give hosts 'tags: [printers]'");
}

TEST_CASE("a pair is two hosts, not tags") { CHECK(links("  - [a, web]\n") == "E1023 8:9"); }

TEST_CASE("links that link nobody") {
  CHECK(links("  - {from: a, to: a}\n") == "E1021 8:5");
  CHECK(links("  - {from: edge, to: edge}\n") == "E1021 8:5");
  CHECK(links("  - {among: edge}\n") == "E1022 8:5");
  CHECK(links("  - {among: web, except: [a]}\n") == "E1022 8:5");
  CHECK(links("  - {from: web, to: edge, except: [web]}\n") == "E1022 8:5");
  CHECK(links("  - {among: a}\n") == "E1022 8:5");
}

TEST_CASE("all faults are found in one run") {
  CHECK(links("  - [a, x]\n  - {among: edge}\n  - [b, y]\n") == "E1020 8:9 E1022 9:5 E1020 10:9");
}

TEST_CASE("an address belongs to one host") {
  CHECK(hosts("  a: {addresses: [10.0.0.1]}\n  b: {addresses: [10.0.0.2, 10.0.0.1]}\n") == "E1006 5:29");
  CHECK(hosts("  b: {addresses: [\"2001:db8::1\"]}\n  a: {addresses: [\"2001:DB8:0::1\"]}\n") == "E1006 5:19");
  const auto r = fails("version: 1\nmesh: m\nhosts:\n  b: {addresses: [10.0.0.1]}\n  a: {addresses: [10.0.0.1]}\n");
  CHECK(only(r).text == "hosts 'a' and 'b' have the same address 10.0.0.1");
  REQUIRE(only(r).related.size() == 1);
  CHECK(only(r).related[0].where.line == 4);
}

TEST_CASE("a link-local peer is refused: policies have no place for its interface") {
  CHECK(hosts("  a: {addresses: [\"fe80::1\"]}\n  b: {addresses: [10.0.0.2]}\n") == "E1007 4:19");
}

TEST_CASE("DNS names need facts") {
  const std::string text = "  a: {addresses: [a.example.org]}\n  b: {addresses: [10.0.0.2]}\n";
  CHECK(hosts(text) == "E1008 4:19");
  Facts facts;
  facts.hosts["a"].resolved["a.example.org"] = {};
  CHECK(hosts(text, facts) == "E1008 4:19");
  facts.hosts["a"].resolved["a.example.org"] = {ip("10.0.0.2")};
  CHECK(hosts(text, facts) == "E1006 5:19");
  facts.hosts["a"].resolved["a.example.org"] = {ip("127.0.0.1")};
  CHECK(hosts(text, facts) == "E1007 4:19");
  const auto r = fails("version: 1\nmesh: m\nhosts:\n" + text);
  CHECK(only(r).hint == "run 'meshctl facts': it looks names up once and keeps the answer in meshctl.lock");
}

TEST_CASE("DNS names with facts become addresses") {
  Facts facts;
  facts.hosts["a"].resolved["a.example.org"] = {ip("10.0.0.1"), ip("10.0.0.9"), ip("2001:db8::1")};
  const auto r = resolve_text(
      "version: 1\nmesh: m\nhosts:\n  a: {addresses: [a.example.org, 10.0.0.9]}\n"
      "  b: {addresses: [10.0.0.2]}\nlinks:\n  - [a, b]\n",
      facts);
  REQUIRE_MESSAGE(r.mesh.has_value(), shown(r));
  CHECK(r.host("a").addresses == std::vector<Address>{ip("10.0.0.1"), ip("10.0.0.9"), ip("2001:db8::1")});
  CHECK(r.host("a").ssh.address == "a.example.org");  // known_hosts has the key under the name
}

TEST_CASE("backend auto needs facts") {
  const std::string text = "  a: {addresses: [10.0.0.1], backend: auto}\n  b: {addresses: [10.0.0.2]}\n";
  CHECK(hosts(text) == "E1009 4:39");
  CHECK(only(fails("version: 1\nmesh: m\nhosts:\n" + text)).text ==
        "the back end of host 'a' is 'auto', and not known yet");
  Facts facts;
  facts.hosts["a"].backend = BackendKind::Strongswan;
  const auto r = resolve_text("version: 1\nmesh: m\nhosts:\n" + text + "links:\n  - [a, b]\n", facts);
  REQUIRE(r.mesh.has_value());
  CHECK(r.host("a").backend == BackendKind::Strongswan);
}

TEST_CASE("hosts without a back end are one fault that says what to write") {
  Sources sources;
  DiagSink sink;
  const auto inventory = parse_inventory(
      "inv.yaml",
      "version: 1\nmesh: m\nhosts:\n  a: {addresses: [10.0.0.1]}\n  b: {addresses: [10.0.0.2], backend: racoon}\n"
      "  c: {addresses: [10.0.0.3]}\nlinks:\n  - {among: all}\n",
      sources, sink);
  REQUIRE(inventory.has_value());
  const auto mesh = resolve(*inventory, {}, "/", sink);
  REQUIRE_FALSE(mesh.has_value());
  CHECK(codes(mesh.error()) == "E1014 4:3");
  CHECK(mesh.error()[0].text == "hosts 'a', 'c' have no back end");
  CHECK(
      mesh.error()[0].hint ==
      "write defaults: {backend: strongswan}, or backend: at the host: racoon, strongswan, windows, or auto (asked by "
      "'meshctl facts')");
}

TEST_CASE("backend auto of defaults is one fault, whatever the number of hosts") {
  std::string text = "version: 1\nmesh: m\ndefaults: {backend: auto}\nhosts:\n";
  for (int i = 1; i <= 7; ++i) text += fmt::format("  h{0}: {{addresses: [10.0.0.{0}]}}\n", i);
  const auto r = fails(text + "links:\n  - {among: all}\n");
  CHECK(only(r).code == "E1009");
  CHECK(only(r).where.line == 3);
  CHECK(only(r).text == "the back end of hosts 'h1', 'h2', 'h3', 'h4', 'h5' and 2 more is 'auto', and not known yet");
  CHECK(only(r).hint.find("backend: windows") != std::string::npos);
}

TEST_CASE("a Windows end decides what a suite means, and what cannot be had") {
  const auto between = [](const std::string& a, const std::string& b, const std::string& link) {
    return "version: 1\nmesh: m\nhosts:\n  a: {addresses: [10.0.0.1], backend: " + a +
           "}\n  b: {addresses: [10.0.0.2], backend: " + b + "}\nlinks:\n  - {between: [a, b]" + link + "}\n";
  };
  const auto agreed = [&](const std::string& a, const std::string& b) {
    const auto r = resolve_text(between(a, b, ""));
    REQUIRE_MESSAGE(r.mesh.has_value(), shown(r));
    const Terms& terms = r.terms("a", "b");
    CHECK(terms.ike_version == IkeVersion::V1);
    return text(terms.proposals.ike) + " " + text(terms.proposals.esp);
  };
  CHECK(agreed("racoon", "windows") == "aes256-sha256-modp2048 aes256-sha1-modp2048");
  CHECK(agreed("windows", "strongswan") == "aes256-sha256-modp2048 aes256-sha256-modp2048");
  CHECK(agreed("windows", "windows") == "aes256-sha384-ecp384 aes256gcm16-ecp384");
  const auto refused = [&](const std::string& a, const std::string& link) {
    return fails(between(a, "windows", link));
  };
  const auto group = refused("strongswan", ", suite: {ike: aes256-sha256-modp3072, esp: aes256-sha1}");
  CHECK(codes(group.errors()) == "E1042 7:30");
  CHECK(only(group).hint.find("{ike: aes256-sha256-modp2048, esp: aes256-sha256-modp2048} would work") == 0);
  CHECK(codes(refused("racoon", ", suite: {ike: aes256-sha256-modp2048, esp: aes256-sha256}").errors()) ==
        "E1042 7:30");
  CHECK(codes(refused("windows", ", suite: {ike: aes256-sha512-modp2048, esp: aes256-sha1}").errors()) == "E1042 7:30");
  CHECK(codes(refused("strongswan", ", ike: 2").errors()) == "E1043 7:28");
  CHECK(only(refused("windows", ", ike: 2, auth: kerberos")).text ==
        "IKEv2 between 'a' and 'b': Windows speaks IKEv2 with certificates only");
  const auto fine = resolve_text(between("strongswan", "windows", ", ike: 2, auth: x509"));
  REQUIRE_MESSAGE(fine.mesh.has_value(), shown(fine));
  CHECK(fine.terms("a", "b").ike_version == IkeVersion::V2);
}

TEST_CASE("peers without a common family") {
  const auto r = fails(
      "version: 1\nmesh: m\nhosts:\n  a: {addresses: [\"2001:db8::1\"]}\n"
      "  b: {addresses: [10.0.0.2]}\n  c: {addresses: [10.0.0.3, \"2001:db8::3\"]}\n"
      "links:\n  - {among: all}\n");
  CHECK(codes(r.errors()) == "E1030 8:5");
  CHECK(only(r).text == "the link of 'a' and 'b' has no address family in common: IPv6 against IPv4");
}

TEST_CASE("ids are one's own") {
  CHECK(hosts("  a: {addresses: [10.0.0.1]}\n  b: {addresses: [10.0.0.2], id: a}\n") == "E1004 5:34");
  CHECK(hosts("  b: {addresses: [10.0.0.1], id: c}\n  c: {addresses: [10.0.0.2]}\n") == "E1004 4:34");
}

TEST_CASE("jump hosts") {
  const std::string b = "  b: {addresses: [10.0.0.2]}\n";
  CHECK(hosts("  a: {addresses: [10.0.0.1], ssh: {jump: bb}}\n" + b) == "E1011 4:42");
  CHECK(hosts("  a: {addresses: [10.0.0.1], ssh: {jump: a}}\n" + b) == "E1012 4:42");
  CHECK(hosts("  a: {addresses: [10.0.0.1], ssh: {jump: b}}\n  b: {addresses: [10.0.0.2], managed: false}\n") ==
        "E1011 4:42");
  const auto circle = fails(
      "version: 1\nmesh: m\nhosts:\n"
      "  a: {addresses: [10.0.0.1], ssh: {jump: b}}\n"
      "  b: {addresses: [10.0.0.2], ssh: {jump: c}}\n"
      "  c: {addresses: [10.0.0.3], ssh: {jump: b}}\n");
  CHECK(codes(circle.errors()) == "E1012 5:42");
  CHECK(only(circle).text == "jump hosts lead in a circle: b -> c -> b");
}

TEST_CASE("good jumps") {
  const auto r = resolve_text(
      "version: 1\nmesh: m\ndefaults: {ssh: {jump: gate, user: admin}}\nhosts:\n"
      "  a: {addresses: [10.0.0.1]}\n"
      "  b: {addresses: [10.0.0.2], ssh: {jump: \"op@gate.example.org:2222\", sudo: false}}\n"
      "  gate: {addresses: [10.0.0.3], ssh: {port: 2200, key_file: keys/gate}}\n");
  REQUIRE_MESSAGE(r.mesh.has_value(), shown(r));
  CHECK(r.host("a").ssh.jump == "gate");
  CHECK(r.host("a").ssh.sudo);
  CHECK(r.host("b").ssh.jump == "op@gate.example.org:2222");
  CHECK_FALSE(r.host("b").ssh.sudo);
  CHECK(r.host("gate").ssh.jump.empty());  // a default jump host is reached directly
  CHECK(r.host("gate").ssh.port == 2200);
  CHECK(r.host("gate").ssh.key_file == "/srv/mesh/keys/gate");
}

TEST_CASE("paths are resolved against the inventory's folder") {
  const auto r =
      resolve_text(with_abc("defaults: {psk_file: ../secret/psk, ssh: {key_file: ~/.ssh/id, known_hosts: "
                            "/etc/kh}}\nlinks:\n  - [a, b]\n"));
  REQUIRE_MESSAGE(r.mesh.has_value(), shown(r));
  CHECK(r.terms("a", "b").psk_file == "/srv/secret/psk");
  CHECK(r.host("a").ssh.key_file == "~/.ssh/id");
  CHECK(r.host("a").ssh.known_hosts == "/etc/kh");
}

TEST_CASE("two entries about a pair must agree on mode and auth") {
  const auto mode = fails(with_abc("links:\n  - {among: web, mode: transport}\n  - {between: [a, b], mode: tunnel}\n"));
  CHECK(codes(mode.errors()) == "E1031 9:29");
  REQUIRE(only(mode).related.size() == 1);
  CHECK(only(mode).related[0].where.line == 8);
  CHECK(only(mode).text == "mode 'tunnel' here, but 'transport' in another entry about the same pair of hosts");
  CHECK(links("  - {among: web, auth: rsa}\n  - {between: [a, b], auth: psk}\n") == "E1032 9:29");
  // Defaults are no entry: one entry may differ from them.
  const auto fine =
      resolve_text(with_abc("defaults: {mode: tunnel}\nlinks:\n  - {between: [a, b], mode: transport}\n"));
  REQUIRE(fine.mesh.has_value());
  CHECK(fine.terms("a", "b").mode == Mode::Transport);
}

TEST_CASE("one wrong entry is one fault, however many pairs it names") {
  std::string yaml = "version: 1\nmesh: m\nhosts:\n";
  for (int i = 1; i <= 50; ++i)
    yaml += "  h" + std::to_string(i) + ": {addresses: [10.0.0." + std::to_string(i) + "]}\n";
  CHECK(codes(fails(yaml + "links:\n  - {among: all, suite: modrn}\n").errors()) == "E1040 55:25");
  CHECK(codes(fails(yaml + "links:\n  - {among: all, mode: tunnel}\n  - {among: all, mode: transport}\n").errors()) ==
        "E1031 56:24");
  // Entries of equal content are faults of their own.
  CHECK(
      codes(fails(yaml + "links:\n  - {between: [h1, h2], suite: x}\n  - {between: [h3, h4], suite: x}\n").errors()) ==
      "E1040 55:32 E1040 56:32");
}

TEST_CASE("suites") {
  const auto unknown = fails(with_abc("links:\n  - {between: [a, b], suite: modrn}\n"));
  CHECK(codes(unknown.errors()) == "E1040 8:30");
  CHECK(only(unknown).hint == "did you mean 'modern'? Known are modern, windows, legacy-sha1, legacy-3des");
  CHECK(links("  - {between: [a, b], suite: {ike: aes-sha1-modp2048, esp: aes256}}\n") == "E1041 8:30 E1041 8:30");
}

TEST_CASE("racoon cannot do everything, and that is said") {
  const auto spelled = [](const char* ike, const char* esp) {
    return "links:\n  - {between: [a, c], suite: {ike: " + std::string(ike) + ", esp: " + esp + "}}\n";
  };
  const std::pair<std::string, std::string> cases[] = {
      {spelled("aes256gcm16-prfsha384-modp3072", "aes256-sha512"), "racoon has no AEAD cipher in phase 1"},
      {spelled("aes256-sha512-modp3072", "aes256gcm16"), "racoon and PF_KEY have no AEAD cipher for ESP"},
      {spelled("aes256-sha512-ecp384", "aes256-sha512"), "racoon has no group ecp384"},
      {spelled("aes256-sha512-modp3072", "aes256-sha512-x25519"), "racoon has no PFS group x25519"},
  };
  for (const auto& [yaml, why] : cases) {
    const auto r = fails(with_abc(yaml));
    CHECK(codes(r.errors()) == "E1042 8:30");
    CHECK(only(r).text == "these algorithms cannot be used between 'a' and 'c': " + why);
    CHECK(only(r).hint ==
          "{ike: aes256-sha512-modp3072, esp: aes256-sha512-modp3072} would work there, and so would "
          "'suite: modern'");
  }
  const auto version = fails(with_abc("links:\n  - {between: [a, c], ike: 2}\n"));
  CHECK(codes(version.errors()) == "E1043 8:28");
  CHECK(only(version).text == "IKEv2 between 'a' and 'c': racoon speaks IKEv1 only");
  CHECK(abc("defaults: {ike: 2}\nlinks:\n  - [a, c]\n") == "E1043 7:17");
}

TEST_CASE("a link needs IKEv1, and the host's strongSwan was built without it") {
  const auto with = [](std::optional<bool> ikev1, const std::string& link) {
    Facts facts;
    facts.hosts["s"].ikev1 = ikev1;
    facts.hosts["r"].ikev1 = false;  // of a racoon host this says nothing
    const auto r = resolve_text(
        "version: 1\nmesh: m\nhosts:\n  r: {addresses: [192.0.2.1], backend: racoon}\n  s: {addresses: [192.0.2.2], "
        "backend: strongswan}\n  t: {addresses: [192.0.2.3], backend: strongswan}\nlinks:\n  - " +
            link + "\n",
        facts);
    return r.mesh ? codes(r.warnings) : codes(r.errors());
  };
  CHECK(with(false, "[r, s]") == "E1087 8:5");
  CHECK(with(false, "{between: [s, t], ike: 1}") == "E1087 8:5");
  CHECK(with(false, "[s, t]").empty());
  CHECK(
      with(false, "{between: [r, s], auth: manual, suite: {ike: aes256-sha512-modp3072, esp: aes256-sha512}}").empty());
  CHECK(with(true, "[r, s]").empty());
  CHECK(with(std::nullopt, "[r, s]").empty());
}

TEST_CASE("IKEv1 between two strongSwans has no AEAD in phase 1") {
  const std::string hosts_text =
      "  a: {addresses: [10.0.0.1], backend: strongswan}\n"
      "  b: {addresses: [10.0.0.2], backend: strongswan}\n";
  const auto r = fails("version: 1\nmesh: m\nhosts:\n" + hosts_text +
                       "links:\n  - {between: [a, b], ike: 1, suite: {ike: aes256gcm16-prfsha384-ecp384, esp: "
                       "aes256gcm16}}\n");
  CHECK(codes(r.errors()) == "E1042 7:38");
  CHECK(only(r).text.ends_with("IKEv1 has no AEAD cipher in phase 1"));
}

TEST_CASE("faults that the loader finds first are found here as well") {
  Sources sources;
  DiagSink sink;
  const auto good = parse_inventory("inv.yaml", with_abc("links:\n  - [a, b]\nbypass: [ike]\n"), sources, sink);
  REQUIRE(good.has_value());
  const auto code_of = [](Inventory inventory) {
    DiagSink errors;
    inventory.default_backend = Marked<BackendKind>{BackendKind::Racoon, {}};
    const auto mesh = resolve(inventory, {}, "/", errors);
    REQUIRE_FALSE(mesh.has_value());
    return codes(mesh.error());
  };
  Inventory twice = *good;
  twice.hosts[1].name.value = "a";
  twice.links[0].second.value = "c";
  CHECK(code_of(twice) == "E1001 5:3");
  Inventory tag = *good;
  tag.hosts[2].tags[1].value = "a";
  CHECK(code_of(tag) == "E1003 6:62");
  Inventory itself = *good;
  itself.links[0].second.value = "a";
  CHECK(code_of(itself) == "E1021 8:5");
  Inventory homeless = *good;
  homeless.hosts[0].addresses.clear();
  CHECK(code_of(homeless) == "E1013 4:3");
  Inventory word = *good;
  word.hosts[0].addresses[0].value = "10.0.0.256";
  CHECK(code_of(word) == "E1007 4:19");
  for (const char* bad : {"127.0.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "ff02::1"}) {
    Inventory unusable = *good;
    unusable.hosts[0].addresses[0].value = bad;
    CHECK(code_of(unusable) == "E1007 4:19");
  }
  Inventory whole = *good;
  whole.links[0].second.value = "all";
  CHECK(code_of(whole) == "E1023 8:9");
  Inventory same = *good;
  same.hosts[0].addresses.push_back(same.hosts[0].addresses[0]);
  CHECK(code_of(same) == "E1005 4:19");
  Inventory hole = *good;
  (*hole.bypass)[0].word = BypassWord::Selector;
  CHECK(code_of(hole) == "E1050 9:10");
}

TEST_CASE("more pairs than memory should hold are refused before they are made") {
  Inventory inventory;
  inventory.mesh.value = "m";
  inventory.default_backend = Marked<BackendKind>{BackendKind::Racoon, {}};
  for (unsigned i = 0; i < 5000; ++i) {
    HostEntry host;
    host.name.value = "h" + std::to_string(i);
    host.addresses.push_back({Address::v4(0x0a000001U + i).text(), {}});
    inventory.hosts.push_back(host);
  }
  LinkEntry entry;
  entry.kind = LinkEntry::Kind::Among;
  entry.first.value = "all";
  inventory.links.push_back(entry);
  DiagSink sink;
  const auto mesh = resolve(inventory, {}, "/", sink);
  REQUIRE_FALSE(mesh.has_value());
  CHECK(codes(mesh.error()) == "E1025 0:0");
}

TEST_CASE("options that contradict each other") {
  CHECK(links("  - {between: [a, b], protect: ah, nat_traversal: on}\n") == "E1066 8:32");
  CHECK(links("  - {between: [a, b], auth: manual, nat_traversal: force}\n") == "E1066 8:52");
  CHECK(links("  - {between: [a, b], exchange_mode: aggressive}\n") == "E1090 8:5");
  CHECK(links("  - {between: [a, b], pfs: modp1}\n") == "E1041 8:28");
  CHECK(links("  - {between: [a, b], pfs: ecp384}\n") == "E1042 8:28");
  CHECK(links("  - {among: web, initiator: from}\n") == "E1064 8:29");
  CHECK(links("  - {from: web, to: all, identity: {to: {fqdn: x.y}}}\n") == "E1064 8:41");
  const std::string swan =
      "version: 1\nmesh: m\ndefaults: {backend: strongswan}\n"
      "hosts: {a: {addresses: [10.0.0.1]}, b: {addresses: [10.0.0.2]}}\nlinks:\n";
  CHECK(codes(fails(swan + "  - {between: [a, b], exchange_mode: base}\n").errors()) == "E1060 6:38");
  CHECK(codes(fails(swan + "  - {between: [a, b], protect: esp+ah}\n").errors()) == "E1063 6:32");
  CHECK(codes(fails(swan + "  - {between: [a, b], auth: manual, suite: {ike: aes256-sha512-modp3072, esp: "
                           "aes256gcm16}}\n")
                  .errors()) == "E1062 6:44");
}

TEST_CASE("ends whose addresses nobody knows") {
  const auto dynamic = [](const std::string& rw, const std::string& link) {
    return codes(fails("version: 1\nmesh: m\nhosts:\n  gw: {addresses: [192.0.2.1], backend: strongswan}\n"
                       "  rw: {addresses: dynamic, backend: strongswan, managed: false" +
                       rw +
                       "}\n"
                       "  r2: {addresses: dynamic, managed: false}\nlinks:\n  - {" +
                       link + "}\n")
                     .errors());
  };
  CHECK(dynamic("", "between: [gw, rw]") == "E1073 8:5");
  CHECK(dynamic("", "between: [gw, rw], ike: 1") == "E1071 8:5");
  CHECK(dynamic("", "between: [rw, r2], auth: x509") == "E1070 8:5");
  CHECK(dynamic("", "between: [gw, rw], auth: manual, suite: windows") == "E1072 8:5");
  CHECK(dynamic("", "between: [gw, rw], auth: x509, initiator: from") == "E1074 8:5");
  CHECK(hosts("  a: {addresses: dynamic}\n  b: {addresses: [10.0.0.2]}\n").starts_with("E1085 4:3"));
}

TEST_CASE("NAT") {
  const auto nat = [](const std::string& host, const std::string& option) {
    return codes(fails("version: 1\nmesh: m\nhosts:\n  a: {addresses: [10.0.0.1], " + host + "}\n" +
                       "  b: {addresses: [192.0.2.2]}\nlinks:\n  - {between: [a, b]" + option + "}\n")
                     .errors());
  };
  const std::string good = "behind_nat: 203.0.113.1";
  CHECK(nat(good, ", nat_traversal: off") == "E1075 7:5");
  CHECK(nat(good, ", auth: manual") == "E1076 7:5");
  CHECK(nat(good, ", protect: ah") == "E1066 7:32");
  CHECK(nat("behind_nat: 10.0.0.1", "") == "E1084 4:42");
  CHECK(nat("behind_nat: '2001:db8::1'", "") == "E1084 4:42");
  CHECK(nat("listen: {addresses: [10.0.0.9]}", "") == "E1086 4:51");
  // Both look like 203.0.113.1 to b, so b's policies would be one.
  CHECK(codes(fails("version: 1\nmesh: m\nhosts:\n  a: {addresses: [10.0.0.1], behind_nat: 203.0.113.1}\n"
                    "  b: {addresses: [192.0.2.2]}\n  c: {addresses: [10.0.0.3], behind_nat: 203.0.113.1}\n"
                    "links:\n  - [a, b]\n  - [c, b]\n")
                  .errors())
            .starts_with("E1080 9:5"));
}

TEST_CASE("nets of selectors, and tunnels that carry nothing") {
  const auto tunnel = [](const std::string& rest) {
    return codes(fails("version: 1\nmesh: m\nhosts:\n"
                       "  a: {addresses: [192.0.2.1], subnets: [10.1.0.0/16], inner_addresses: [10.1.0.1]}\n"
                       "  b: {addresses: [192.0.2.2], subnets: [10.2.0.0/16], inner_addresses: [10.2.0.1]}\n"
                       "  v: {addresses: ['2001:db8::1'], subnets: ['fd00::/48'], inner_addresses: ['fd00::1']}\n"
                       "  v2: {addresses: ['2001:db8::2']}\n"
                       "  d: {addresses: [192.0.2.4], subnets: [10.2.0.0/16], inner_addresses: [10.2.0.2]}\n"
                       "defaults: {mode: tunnel}\nlinks:\n" +
                       rest)
                     .errors());
  };
  CHECK(tunnel("  - {between: [a, b], select: [{protocol: any, to: 10.3.0.0/16}]}\n") == "E1077 11:5");
  CHECK(tunnel("  - {between: [a, b], select: [{protocol: any, from: 10.0.0.0/8}]}\n") == "E1077 11:5");
  CHECK(tunnel("  - [a, v]\n") == "E1030 11:5");
  CHECK(tunnel("  - {between: [a, b], outer: ipv6}\n") == "E1079 11:5");
  CHECK(tunnel("  - {between: [a, b], select: [{protocol: icmp6}]}\n") == "E1078 11:5");
  CHECK(tunnel("  - [a, b]\n  - [a, d]\n  - [v, v2]\n") == "E1080 12:5");
  CHECK(links("  - {between: [a, b], select: [{protocol: any, to: 10.9.0.0/16}]}\n") == "E1077 8:5");
}
