// What compile takes out of the vault, and what it says when something lacks.
#include <doctest/doctest.h>

#include <ctime>

#include "compile/explicit_psk.hpp"
#include "compile/key_table.hpp"
#include "compile/manual_wishes.hpp"
#include "compile/rules.hpp"
#include "compile/weak_keys.hpp"
#include "keys/certify.hpp"
#include "keys/manual.hpp"
#include "keys/rsa.hpp"
#include "unit/rsa_vector.hpp"

using namespace meshctl;

namespace {

std::int64_t now() { return std::time(nullptr); }

Host host(std::string name, const std::vector<std::string>& addresses) {
  Host out;
  out.id = "id-" + name;
  out.certificate.subject = "CN=" + name;
  out.name = std::move(name);
  for (const std::string& text : addresses) out.addresses.push_back(*Address::parse(text));
  return out;
}

/// alpha-beta with this kind of authentication; gamma with nobody.
Mesh mesh_with(Auth auth) {
  Mesh mesh;
  mesh.name = "office";
  mesh.hosts = {host("alpha", {"192.0.2.1", "2001:db8::1"}), host("beta", {"192.0.2.2", "2001:db8::2"}),
                host("gamma", {"192.0.2.3"})};
  Terms terms;
  terms.auth = auth;
  terms.selectors = {Selector{}};
  mesh.terms = {terms};
  mesh.links = {{0, 1, 0, {}}};
  mesh.links_of = {{0}, {0}, {}};
  return mesh;
}

const KeyPair& key() {
  static const KeyPair pair = generate_rsa(2048).value();
  return pair;
}

KeyStore with_certificates(const Mesh& mesh) {
  KeyStore store;
  store.mesh = "office";
  REQUIRE(init_authority(store, CaKind::EcP384, {now(), 3650}));
  for (const HostIndex index : {0U, 1U}) {
    const Host& own = mesh.hosts[index];
    store.certificates[own.id].key = key().clone();
    HostSubject subject{"CN=" + own.name, {"DNS:" + own.name}};
    for (const Address& address : own.addresses) subject.names.push_back("IP:" + address.text());
    REQUIRE(issue_for(store, own.id, subject, {{now(), 365}}));
  }
  return store;
}

struct Made {
  KeyTable table;
  Diags diags;
};
Made make(const Mesh& mesh, const KeyStore& store) {
  DiagSink sink;
  CheckedMesh checked;
  checked.manual = manual_wishes(mesh, sink);
  KeyTable table = KeyTable::make(mesh, store, checked, sink);
  return {std::move(table), sink.take()};
}

}  // namespace

TEST_CASE("a mesh of pre-shared keys asks for nothing else") {
  const Made made = make(mesh_with(Auth::Psk), KeyStore{});
  CHECK(made.diags.empty());
  CHECK(made.table.rsa.empty());
  CHECK(made.table.certificates.empty());
}

TEST_CASE("RSA keys: both hosts' forms, or the command that makes what lacks") {
  const Mesh mesh = mesh_with(Auth::Rsa);
  KeyStore store;
  store.rsa["id-alpha"] = private_from_pem(Secret(test::kVectorPrivatePem), "v").value();
  const Made lacking = make(mesh, store);
  REQUIRE(lacking.diags.size() == 1);
  CHECK(lacking.diags[0].code == "E3020");
  CHECK(lacking.diags[0].text == "the vault has no RSA key for 'beta'");
  CHECK(lacking.diags[0].hint == "meshctl keys make");
  store.rsa["id-beta"] = {Secret(), "/etc/own.key", store.rsa["id-alpha"].spki};
  const Made made = make(mesh, store);
  CHECK(made.diags.empty());
  CHECK(made.table.rsa_public[0].plainrsa == test::kVectorPublic);
  CHECK(made.table.rsa_public[0].pem == test::kVectorPublicPem);
  CHECK(made.table.rsa[0].plainrsa.reveal() == test::kVectorPlainrsa);
  CHECK(made.table.rsa[0].pem.reveal() == test::kVectorPrivatePem);
  REQUIRE(made.table.rsa[1].held.has_value());
  CHECK(made.table.rsa[1].held->path == "/etc/own.key");
  CHECK(made.table.rsa[1].held->digest == test::kVectorFingerprint);
  // swanctl loads keys from its own folders alone.
  Mesh swan = mesh;
  swan.hosts[1].backend = BackendKind::Strongswan;
  for (const char* path : {"/etc/own.key", "/etc/swanctl/own.key", "/etc/swanctl/private/old/own.key"}) {
    store.rsa["id-beta"].held_path = path;
    CHECK(make(swan, store).diags.at(0).code == "E2133");
  }
  store.rsa["id-beta"].held_path = "/etc/swanctl/private/own.key";
  CHECK(make(swan, store).diags.empty());
  // The public half alone is enough for a third party only.
  store.rsa["id-beta"].held_path.clear();
  CHECK(make(mesh, store).diags.at(0).code == "E3020");
  Mesh third = mesh;
  third.hosts[1].managed = false;
  CHECK(make(third, store).diags.empty());
}

TEST_CASE("certificates: chain, CAs and CRLs, or the command that makes what lacks") {
  const Mesh mesh = mesh_with(Auth::X509);
  const Made none = make(mesh, KeyStore{});
  REQUIRE(none.diags.size() == 2);
  CHECK(none.diags[0].code == "E3021");
  CHECK(none.diags[0].hint == "meshctl keys make");
  KeyStore store = with_certificates(mesh);
  renew_crls(store, {now(), 30});
  Made made = make(mesh, store);
  REQUIRE(made.diags.size() == 1);
  CHECK(made.diags[0].code == "W3021");  // racoon, and a CA with an EC key
  CHECK(made.table.certificates[0].subject == "CN=alpha");
  CHECK(made.table.certificates[0].chain.empty());
  CHECK(made.table.certificate_keys[0].pem == private_pem(key()));
  REQUIRE(made.table.cas.size() == 1);
  CHECK(made.table.cas[0].hash_name == subject_hash(store.authorities[0].certificate) + ".0");
  REQUIRE(made.table.crls.size() == 1);
  CHECK(made.table.crls[0].hash_name == subject_hash(store.authorities[0].certificate) + ".r0");
  CHECK(made.table.crls[0].der == store.authorities[0].crl);
  // Two CAs of one name get two files.
  store.authorities.push_back(make_authority("office", 1, CaKind::EcP384, {now(), 30}));
  CHECK(make(mesh, store).table.cas.at(1).hash_name == subject_hash(store.authorities[0].certificate) + ".1");
}

TEST_CASE("a CA's name goes into batch files of Windows: % and | would mean something there") {
  struct Row {
    const char* name;
    BackendKind backend;
    Auth auth;
    bool refused;
  };
  for (const Row& row : {Row{"O=100% Corp, CN=x", BackendKind::Windows, Auth::X509, true},
                         Row{"O=a|b", BackendKind::Windows, Auth::X509, true},
                         Row{"O=a & b ^ c! (d)", BackendKind::Windows, Auth::X509, false},
                         Row{"O=100% Corp, CN=x", BackendKind::Strongswan, Auth::X509, false},
                         Row{"O=100% Corp, CN=x", BackendKind::Windows, Auth::Psk, false}}) {
    INFO(row.name);
    Mesh mesh = mesh_with(row.auth);
    mesh.hosts[1].backend = row.backend;
    const auto fault = ca_of_windows(mesh, row.name);
    CHECK(fault.has_value() == row.refused);
    if (fault) CHECK(fault->code == "E3055");
  }
}

TEST_CASE("certificates that do not fit are found before hosts find them") {
  Mesh mesh = mesh_with(Auth::X509);
  for (Host& own : mesh.hosts) own.backend = BackendKind::Strongswan;
  const KeyStore store = with_certificates(mesh);
  Mesh moved = mesh;
  moved.hosts[0].addresses.push_back(*Address::parse("192.0.2.77"));
  const Made warned = make(moved, store);
  REQUIRE(warned.diags.size() == 1);
  CHECK(warned.diags[0].code == "W3020");
  CHECK(warned.diags[0].text == "the certificate of 'alpha' does not name its address 192.0.2.77");
  Mesh renamed = mesh;
  renamed.hosts[1].certificate.subject = "O=Example, CN=beta";
  const Made other = make(renamed, store);
  REQUIRE(other.diags.size() == 1);
  CHECK(other.diags[0].text == "the certificate of 'beta' is for 'CN=beta', not for 'O=Example, CN=beta'");
  KeyStore orphaned = with_certificates(mesh);
  orphaned.authorities.clear();
  REQUIRE(init_authority(orphaned, CaKind::EcP384, {now(), 3650}));
  const Made lost = make(mesh, orphaned);
  REQUIRE(lost.diags.size() == 2);
  CHECK(lost.diags[0].code == "E3025");
}

TEST_CASE("keys against the profile of the link that uses them") {
  const auto said = [](const Mesh& mesh, const KeyTable& table) {
    DiagSink sink;
    judge_keys(mesh, table, sink);
    std::string out;
    for (const Diag& diag : sink.take()) {
      out += std::string(diag.code) + " ";
      if (diag.code == "E1090") out += diag.text.substr(diag.text.rfind('('));
    }
    return out;
  };
  struct Row {
    unsigned bits;
    Profile profile;
    const char* expected;
  };
  for (const Row& row :
       {Row{1024, Profile::Modern, "E1090 (W3050)E1090 (W3050)"}, Row{1024, Profile::Legacy, "W3050 W3050 "},
        Row{2048, Profile::Modern, ""}, Row{2048, Profile::NistSp80077, "W3051 W3051 "},
        Row{2048, Profile::BsiTr02102, "E1090 (W3051)E1090 (W3051)"}, Row{3000, Profile::BsiTr02102, ""},
        Row{3000, Profile::NistSp80077, "W3051 W3051 "}, Row{3072, Profile::NistSp80077, ""}}) {
    INFO(row.bits << " " << text(row.profile));
    Mesh mesh = mesh_with(Auth::Rsa);
    mesh.terms[0].profile = row.profile;
    KeyTable table;
    table.rsa_public.resize(mesh.hosts.size());
    for (RsaPublic& one : table.rsa_public) one.bits = row.bits;
    CHECK(said(mesh, table) == row.expected);
  }
  Mesh mesh = mesh_with(Auth::X509);
  KeyTable table;
  table.certificates.resize(mesh.hosts.size());
  table.cas.push_back({"", "", "O=old", "", 2048});
  table.certificates[0].weak_signature = true;
  table.certificates[1].rsa_bits = 2048;
  CHECK(said(mesh, table) == "W3052 ");
  mesh.terms[0].profile = Profile::BsiTr02102;
  CHECK(said(mesh, table) == "E1090 (W3052)E1090 (W3051)E1090 (W3051)");  // the signature; the key of beta, of the CA
  mesh.terms[0].profile = Profile::Legacy;
  CHECK(said(mesh, table).empty());
}

TEST_CASE("pre-shared keys against the profile of their link") {
  const auto said = [](std::string_view key, Profile profile) {
    Mesh mesh = mesh_with(Auth::Psk);
    mesh.terms[0].profile = profile;
    DiagSink sink;
    judge_psk(mesh, mesh.links[0], Secret(key), sink);
    return sink.all().empty() ? std::string() : std::string(sink.all().front().code);
  };
  CHECK(most_psk_bits(Secret("0x" + std::string(64, 'a'))) == 256);
  CHECK(most_psk_bits(Secret(std::string(32, 'a'))) == 128);  // hex digits
  CHECK(most_psk_bits(Secret(std::string(44, 'z'))) == 264);
  CHECK(said(std::string(18, 'z'), Profile::NistSp80077) == "E1090");
  CHECK(said(std::string(18, 'z'), Profile::Modern) == "W3053");
  CHECK(said(std::string(18, 'z'), Profile::Legacy).empty());
  CHECK(said(std::string(19, 'z'), Profile::NistSp80077).empty());
  CHECK(said(std::string(19, 'z'), Profile::BsiTr02102) == "N3054");
  CHECK(said(std::string(44, 'z'), Profile::BsiTr02102).empty());
}

TEST_CASE("manual SAs: one each way for each pair of addresses, with keys as long as the suite says") {
  Mesh mesh = mesh_with(Auth::Manual);
  mesh.terms[0].proposals.esp = {Cipher::Aes, 256, Hash::Sha512, DhGroup::None};
  DiagSink sink;
  const auto wishes = manual_wishes(mesh, sink);
  REQUIRE(wishes.size() == 4);
  CHECK(wishes[0].link == "id-alpha id-beta");
  CHECK(wishes[0].encryption_bytes == 32);
  CHECK(wishes[0].authentication_bytes == 64);
  KeyStore store;
  const Made lacking = make(mesh, store);
  REQUIRE(lacking.diags.size() == 1);
  CHECK(lacking.diags[0].code == "E3022");
  CHECK(lacking.diags[0].hint == "meshctl keys make");
  REQUIRE(allocate_manual(store.manual, wishes));
  const Made made = make(mesh, store);
  CHECK(made.diags.empty());
  const auto& out = made.table.manual.at({mesh.hosts[0].addresses[0], mesh.hosts[1].addresses[0], SaProtocol::Esp});
  const auto& back = made.table.manual.at({mesh.hosts[1].addresses[0], mesh.hosts[0].addresses[0], SaProtocol::Esp});
  CHECK(out.spi != back.spi);
  CHECK(out.encryption.size() == 2 + 64);
  CHECK(out.encryption.reveal().starts_with("0x"));
  CHECK(out.authentication.size() == 2 + 128);
  CHECK(!(out.encryption == back.encryption));
  const AddressPair here[] = {{mesh.hosts[0].addresses[0], mesh.hosts[1].addresses[0]}};
  const AddressPair there[] = {{mesh.hosts[1].addresses[0], mesh.hosts[0].addresses[0]}};
  CHECK(made.table.spis_in_words(here) == " spis 4096-4097");
  CHECK(made.table.spis_in_words(there) == " spis 4096-4097");
  // Another key length: the old keys do not fit.
  mesh.terms[0].proposals.esp.key_bits = 128;
  CHECK(make(mesh, store).diags.at(0).code == "E3022");
  mesh.terms[0].protect = Protect::EspAh;
  CHECK(manual_wishes(mesh, sink).size() == 8);
  mesh.terms[0].protect = Protect::Ah;
  CHECK(manual_wishes(mesh, sink).at(0).encryption_bytes == 0);
  mesh.terms[0].protect = Protect::Esp;
  Mesh hidden = mesh;
  hidden.hosts[0].public_address = *Address::parse("198.51.100.1");
  CHECK(make(hidden, store).diags.at(0).code == "E3027");
  for (const EspProposal bad : {EspProposal{Cipher::AesGcm16, 256, Hash::None, DhGroup::None},
                                EspProposal{Cipher::Aes, 256, Hash::None, DhGroup::None},
                                EspProposal{Cipher::Aes, 256, Hash::Md5, DhGroup::None},
                                EspProposal{Cipher::TripleDes, 0, Hash::Sha1, DhGroup::None}}) {
    mesh.terms[0].proposals.esp = bad;
    CHECK(make(mesh, store).diags.at(0).code == "E3023");
  }
}

TEST_CASE("explicit PSKs mean the same bytes to every daemon") {
  const auto text = [](std::string_view key) {
    const auto out = psk_text(Secret(key), "f");
    return out ? std::string(out->reveal()) : out.error()[0].text;
  };
  CHECK(text("mekmitasdigoat") == "mekmitasdigoat");
  CHECK(text("q6bv3qvVJ6nMRS7MhJHd") == "q6bv3qvVJ6nMRS7MhJHd");
  CHECK(text("0x1e51e8f3a4b09c12") == "0x1e51e8f3a4b09c12");
  CHECK(text("0xABCD") == "0xABCD");
  CHECK(text("a.b") == "0x612e62");
  CHECK(text("with a blank") == "0x77697468206120626c616e6b");
  CHECK(text("quote\"#") == "0x71756f74652223");
  CHECK(text("\xC3\xA4") == "0xc3a4");
  CHECK(text("0x123") == "the key in 'f' begins with 0x, but is not an even number of hex digits behind that");
  CHECK(text("0xzz") == "the key in 'f' begins with 0x, but is not an even number of hex digits behind that");
  CHECK(text("0x") == "the key in 'f' begins with 0x, but is not an even number of hex digits behind that");
  CHECK(text("0sAQ==") == "the key in 'f' begins with 0s, which strongSwan reads as base64 and racoon does not");
  CHECK(text(std::string(481, 'a')) == "the key in 'f' is not 1 to 480 bytes long");
  CHECK(psk_bytes(Secret("0x1e51e8f3a4b09c12")) == 8);
  CHECK(psk_bytes(Secret("mekmitasdigoat")) == 14);
}

TEST_CASE("commands in help name the inventory as the user did, ready for a shell") {
  Mesh mesh = mesh_with(Auth::Rsa);
  CHECK(keys_command(mesh, "make") == "meshctl keys make");
  mesh.inventory = "conf/office.yaml";
  CHECK(keys_command(mesh, "make") == "meshctl keys make conf/office.yaml");
  CHECK(keys_command(mesh, "rsa", "beta") == "meshctl keys rsa conf/office.yaml beta");
  mesh.inventory = "it's here.yaml";
  CHECK(make(mesh, KeyStore{}).diags.at(0).hint == R"(meshctl keys make 'it'\''s here.yaml')");
}

TEST_CASE("what is missing: one note for all that can be made here, one for each of the others") {
  Mesh mesh = mesh_with(Auth::Rsa);
  mesh.inventory = "office.yaml";
  const Diags both = missing_keys(mesh, KeyStore{}, CheckedMesh{});
  REQUIRE(both.size() == 1);
  CHECK(both[0].severity == Severity::Note);
  CHECK(both[0].code == "N3020");
  CHECK(both[0].text == "the vault has no RSA key for 'alpha', and 1 more is missing");
  CHECK(both[0].hint == "meshctl keys make office.yaml");
  mesh.hosts[1].managed = false;
  const Diags third = missing_keys(mesh, KeyStore{}, CheckedMesh{});
  REQUIRE(third.size() == 2);
  CHECK(third[0].hint == "rsa_public_key: FILE at the host, or 'meshctl keys rsa office.yaml beta --public FILE'");
  CHECK(third[1].text == "the vault has no RSA key for 'alpha'");
}
