// What `validate` and compile refuse alike, and that there is nothing else that compile refuses in an inventory.
#include "compile/rules.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <initializer_list>

#include "compile/compiler.hpp"
#include "inventory/load.hpp"
#include "keys/certify.hpp"
#include "keys/manual.hpp"
#include "keys/rsa.hpp"
#include "unit/io/temp_dir.hpp"
#include "unit/mesh/generate.hpp"

using namespace meshctl;
using namespace meshctl::test;

namespace {

void write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path) << text;
  std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

/// "E2065 9:5 text\n" for each, in order.
std::string told(const std::string& yaml, const std::filesystem::path& base = "/srv") {
  Sources sources;
  DiagSink sink;
  const auto inventory = parse_inventory("m.yaml", yaml, sources, sink);
  REQUIRE_MESSAGE(inventory.has_value(), inventory.error().front().text);
  const auto mesh = resolve(*inventory, {}, base, sink);
  REQUIRE_MESSAGE(mesh.has_value(), mesh.error().front().text);
  DiagSink found;
  Diags diags;
  if (auto checked = check_mesh(*mesh, TemplateSet::embedded(), sources, found)) {
    diags = found.take();
  } else {
    diags = checked.error();
  }
  std::string out;
  for (const Diag& diag : diags) {
    out += std::string(diag.code) + " " + std::to_string(diag.where.line) + ":" + std::to_string(diag.where.col) + " " +
           diag.text + "\n";
  }
  return out;
}

const std::string kHead =
    "version: 1\nmesh: m\ndefaults: {backend: strongswan}\nhosts:\n"
    "  w1: {addresses: [10.0.0.1], backend: windows}\n  w2: {addresses: [10.0.0.2], backend: windows}\n"
    "  r: {addresses: [10.0.0.3], backend: racoon}\n  s: {addresses: [10.0.0.4]}\nlinks:\n";

}  // namespace

TEST_CASE("what Windows cannot do is said once, in the words that help most, also where both ends are Windows") {
  const auto link = [](const std::string& ends, const std::string& options) {
    return told(kHead + "  - {between: [" + ends + "], " + options + "}\n");
  };
  CHECK(link("w1, w2", "select: [{protocol: icmp, type: 8}]") ==
        "E2065 10:5 link w1 - w2: Windows knows no types of ICMP in these rules\n");
  CHECK(link("w1, w2", "select: [{protocol: tcp, port: 80, action: discard}]") ==
        "E2073 10:5 link w1 - w2: these rules cannot drop traffic\n");
  CHECK(link("w1, w2", "ipcomp: true") == "E2070 10:5 link w1 - w2: Windows has no IPComp\n");
  CHECK(link("w1, s", "nonce_size: 32").starts_with("E1095 10:5 "));
}

TEST_CASE("files that the inventory names are looked at, and all faults are told in one run") {
  const TempDir dir;
  CHECK(told(kHead +
                 "  - {between: [r, s], psk_file: none.psk}\n  - {between: [w1, w2], select: [{protocol: icmp, type: "
                 "8}]}\n",
             dir.path()) ==
        "E4001 10:5 cannot open '" + (dir / "none.psk").native() +
            "': no such file or directory\nE2065 11:5 link w1 - w2: Windows knows no types of ICMP in these rules\n");
  write_file(dir / "hex.psk", "not plain text at all, so hex\n");
  CHECK(told(kHead + "  - {between: [r, s], psk_file: hex.psk}\n", dir.path()).empty());
  CHECK(told(kHead + "  - {between: [w1, s], psk_file: hex.psk}\n", dir.path()).starts_with("E3028 10:5 "));
  CHECK(told(kHead + "  - {between: [r, s], auth: manual, suite: {ike: aes256-sha512-modp3072, esp: 3des-sha1}}\n")
            .starts_with("E3023 10:5 "));
}

TEST_CASE(
    "a daemon's key under defaults holds for the back ends that know it, on a host of another one it is refused") {
  const auto with = [](const std::string& defaults, const std::string& host) {
    std::string yaml = kHead + "  - [r, s]\n";
    yaml.replace(yaml.find("{backend: strongswan}"), 21, "{backend: strongswan" + defaults + "}");
    return told(yaml.replace(yaml.find("backend: windows}"), 16, "backend: windows" + host));
  };
  CHECK(with(", boot: ifupdown, firewall: nftables", "") ==
        "N1097 3:39 host 'w1' and 1 more: back end windows has no 'boot', which is left out\n"
        "N1097 3:59 host 'w1' and 1 more: back end windows has no 'firewall', which is left out\n");
  CHECK(with("", ", boot: rc") == "E1095 5:3 host 'w1': back end windows cannot do 'boot' in this version\n");
  CHECK(with("", ", log: info") == "W1096 5:54 host 'w1': back end windows has no 'log', which is left out\n");
}

TEST_CASE("a log level is no reason to refuse a host whose daemon has none: a note where it is written") {
  std::string yaml = kHead + "  - [r, s]\n";
  yaml.replace(yaml.find("{backend: strongswan}"), 21, "{backend: strongswan, log: info}");
  CHECK(told(yaml) == "N1097 3:38 host 'w1' and 1 more: back end windows has no 'log', which is left out\n");
}

namespace {

/// No, as a rule: an inventory of nothing but rare options is one that is refused.
bool rarely() { return *rc::gen::inRange(0, 14) == 13; }

template <class T>
T one_of(std::initializer_list<T> values) {
  return *(values.begin() + *rc::gen::inRange<std::size_t>(0, values.size()));
}
template <class T>
void maybe(Opt<T>& into, std::initializer_list<T> values) {
  if (rarely()) into = Marked<T>{one_of(values), {}};
}

void more_options(LinkOptions& o, bool of_pair) {
  maybe(o.auth, {Auth::Psk, Auth::Rsa, Auth::X509, Auth::Manual, Auth::Kerberos});
  maybe(o.child_lifetime, {300U, 3600U, 86400U});
  maybe<std::string>(o.psk_file, {"good.psk", "hex.psk", "short.psk", "none.psk"});
  if (rarely()) {
    o.suite =
        Marked<SuiteSpec>{{"", "aes256-sha512-modp3072", one_of<std::string>({"aes256-sha512", "aes128gcm16"})}, {}};
  }
  RareOptions& rare = o.rare.edit();
  maybe(rare.protect, {Protect::Ah, Protect::EspAh});
  maybe(rare.outer, {Family::V4, Family::V6});
  maybe(rare.verify_identifier, {false});
  maybe(rare.nat_traversal, {NatTraversal::On, NatTraversal::Force, NatTraversal::Off});
  maybe(rare.dpd_retry, {9U});
  maybe(rare.dpd_maxfail, {9U});
  maybe(rare.exchange_mode, {ExchangeMode::Aggressive, ExchangeMode::Base});
  maybe(rare.nonce_size, {32U});
  maybe(rare.proposal_check, {ProposalCheck::Obey, ProposalCheck::Exact});
  maybe(rare.initial_contact, {false});
  maybe(rare.rekey, {Rekey::Off, Rekey::Force});
  maybe(rare.send_cert, {false});
  maybe(rare.send_cr, {false});
  maybe(rare.generate_policy, {GeneratePolicy::On, GeneratePolicy::Unique});
  maybe(rare.profile, {Profile::Legacy, Profile::BsiTr02102, Profile::NistSp80077});
  if (rarely()) rare.raw[RawSection::Connection] = Marked<std::string>{"mobike = no\n", {}};
  if (rarely()) rare.raw[RawSection::Sainfo] = Marked<std::string>{"# nothing\n", {}};
  if (of_pair && rarely()) rare.identity_from = Marked<IdentitySpec>{{IdentityKind::UserFqdn, "a@example.com"}, {}};
}

void more_settings(HostEntry& host, const std::string& number) {
  if (*rc::gen::inRange(0, 3) == 2) host.backend = Marked<BackendKind>{BackendKind::Windows, {}};
  maybe(host.windows.form, {WindowsForm::Powershell, WindowsForm::IpsecStatic});
  maybe(host.windows.version, {WindowsVersion::Vista, WindowsVersion::Seven, WindowsVersion::Eleven24h2});
  maybe(host.daemon.log, {LogLevel::Debug, LogLevel::Info});
  maybe(host.daemon.boot, {Boot::Systemd, Boot::Rc, Boot::Ifupdown});
  maybe(host.daemon.firewall, {Firewall::Nftables, Firewall::Iptables});
  maybe(host.daemon.form, {RacoonForm::RacoonTool});
  maybe<std::string>(host.daemon.backend_version, {"0.8.0", "0.8.2"});
  maybe<std::string>(host.interface, {"eth0"});
  maybe(host.daemon.listen.port, {501U});
  if (rarely()) host.daemon.raw[RawSection::Swanctl] = Marked<std::string>{"# nothing\n", {}};
  if (rarely()) host.daemon.raw[RawSection::RacoonGlobal] = Marked<std::string>{"# nothing\n", {}};
  maybe<std::string>(host.certificate.subject, {"C=DE, O=Example, CN=h" + number});
  if (!host.managed) maybe<std::string>(host.rsa_public_key, {"good.pub", "none.pub"});
  if (rarely()) {
    host.dynamic = true;
    host.managed = false;
    host.addresses.clear();
    host.behind_nat.reset();
    host.identity = Marked<IdentitySpec>{{IdentityKind::Fqdn, "h" + number + ".example.com"}, {}};
  }
}

Inventory with_every_option() {
  Inventory inventory = random_inventory();
  for (std::size_t i = 0; i < inventory.hosts.size(); ++i) more_settings(inventory.hosts[i], std::to_string(i));
  more_options(inventory.defaults, false);
  for (LinkEntry& link : inventory.links) {
    // A tag or `all` links each pair in an order of its own.
    more_options(link.options, link.kind == LinkEntry::Kind::Pair || link.kind == LinkEntry::Kind::FromTo);
  }
  return inventory;
}

/// As `keys make` leaves it.
KeyStore all_keys(const Mesh& mesh, const CheckedMesh& checked) {
  static const KeyPair key = generate_rsa(2048).value();
  const std::int64_t now = std::time(nullptr);
  KeyStore store;
  store.mesh = mesh.name;
  store.master = Secret(std::string(32, 'k'));
  for (const Host& host : mesh.hosts) store.rsa[host.id] = key.clone();
  const auto certified = hosts_with(Auth::X509, mesh);
  for (HostIndex index = 0; index < mesh.hosts.size(); ++index) {
    if (!certified[index]) continue;
    const Host& host = mesh.hosts[index];
    if (store.authorities.empty()) RC_ASSERT(init_authority(store, CaKind::EcP384, {now, 3650}).has_value());
    store.certificates[host.id].key = key.clone();
    HostSubject subject{host.certificate.subject, {"DNS:" + host.name}};
    for (const Address& address : host.addresses) subject.names.push_back("IP:" + address.text());
    RC_ASSERT(issue_for(store, host.id, subject, {{now, 365}}).has_value());
  }
  RC_ASSERT(allocate_manual(store.manual, checked.manual).has_value());
  return store;
}

}  // namespace

TEST_CASE("what the rules let pass compiles, whatever options it has") {
  const TempDir dir;
  write_file(dir / "good.psk", "one-of-letters-digits-and-dashes\n");
  write_file(dir / "hex.psk", "not plain text at all, so hex\n");
  write_file(dir / "short.psk", "short\n");
  write_file(dir / "good.pub", public_pem(generate_rsa(2048).value().spki));
  unsigned passed = 0;
  unsigned refused = 0;
  const bool holds = rc::check([&] {
    const Inventory inventory = with_every_option();
    Sources sources;
    DiagSink sink;
    const auto mesh = resolve(inventory, {}, dir.path(), sink);
    if (!mesh) return;
    DiagSink rules;
    const auto checked = check_mesh(*mesh, TemplateSet::embedded(), sources, rules);
    if (!checked) {
      ++refused;
      return;
    }
    DiagSink compiling;
    const KeyStore store = all_keys(*mesh, *checked);
    const auto compiler = Compiler::make(*mesh, store, TemplateSet::embedded(), sources, compiling);
    if (!compiler) RC_FAIL(std::string(compiler.error().front().code) + " " + compiler.error().front().text);
    Compiler::Worker worker(**compiler);
    for (HostIndex host = 0; host < mesh->hosts.size(); ++host) {
      RC_ASSERT(!worker.compile(host).artefacts.empty());
    }
    ++passed;
  });
  CHECK(holds);
  // Otherwise it would hold for nothing.
  CHECK(passed >= 10);
  CHECK(refused >= 10);
}
