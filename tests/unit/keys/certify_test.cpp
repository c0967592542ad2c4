// Hosts' certificates in a key store: issue, renew, revoke, and the roll-over of the CA in three phases.
#include "keys/certify.hpp"

#include <doctest/doctest.h>

#include <ctime>

#include "keys/rsa.hpp"
#include "unit/rsa_vector.hpp"

using namespace meshctl;

namespace {

std::int64_t today() { return std::time(nullptr); }

HostSubject subject(const std::string& host, const std::string& address) {
  return {"CN=" + host, {"DNS:" + host, "IP:" + address}};
}
HostSubject plain_sfere() { return subject("sfere", "192.0.2.1"); }

KeyStore with_ca() {
  KeyStore store;
  store.mesh = "office";
  REQUIRE(init_authority(store, CaKind::EcP384, {today(), 3650}));
  return store;
}

/// A host whose key is there already, since making one is slow.
void give_key(KeyStore& store, const std::string& host) {
  static const KeyPair pair = generate_rsa(2048).value();
  store.certificates[host].key = pair.clone();
}

std::string_view code(const Diags& diags) { return diags.at(0).code; }

IssueOptions for_days(unsigned days) { return {{today(), days}}; }

}  // namespace

TEST_CASE("a host gets a certificate, keeps its key at renewal, and gets a new key when asked") {
  KeyStore store = with_ca();
  CHECK(code(init_authority(store, CaKind::EcP384, {today(), 10}).error()) == "E3035");
  give_key(store, "sfere");
  const std::string first_key = store.certificates["sfere"].key.spki;
  REQUIRE(issue_for(store, "sfere", plain_sfere(), for_days(730)));
  const std::string first = store.certificates["sfere"].certificate;
  CHECK(certificate_info(first).spki == first_key);
  REQUIRE(issue_for(store, "sfere", plain_sfere(), for_days(730)));
  CHECK(store.certificates["sfere"].certificate != first);
  CHECK(store.certificates["sfere"].key.spki == first_key);
  REQUIRE(issue_for(store, "sfere", plain_sfere(), {{today(), 730}, true, 2048}));
  CHECK(store.certificates["sfere"].key.spki != first_key);
  CHECK(code(issue_for(store, "new", plain_sfere(), {{today(), 730}, true, 1000}).error()) == "E3030");
  CHECK(!store.certificates.contains("new"));
}

TEST_CASE("a key that the host holds stays there") {
  KeyStore store = with_ca();
  give_key(store, "sfere");
  store.certificates["sfere"].key.pkcs8 = Secret();
  store.certificates["sfere"].key.held_path = "/etc/ipsec/own.key";
  REQUIRE(issue_for(store, "sfere", plain_sfere(), for_days(730)));
  CHECK(store.certificates["sfere"].key.held());
  CHECK(code(issue_for(store, "sfere", plain_sfere(), {{today(), 730}, true}).error()) == "E3037");
}

TEST_CASE("why a certificate is due") {
  KeyStore store = with_ca();
  CHECK(why_issue(store, "sfere", plain_sfere(), today(), 30) == "it has none");
  give_key(store, "sfere");
  CHECK(why_issue(store, "sfere", plain_sfere(), today(), 30) == "it has none");
  REQUIRE(issue_for(store, "sfere", plain_sfere(), for_days(100)));
  CHECK(!why_issue(store, "sfere", plain_sfere(), today(), 30));
  CHECK(why_issue(store, "sfere", plain_sfere(), today(), 101) == "it expires on " + date_text(today() + 100 * kDay));
  CHECK(why_issue(store, "sfere", subject("sfere", "192.0.2.9"), today(), 30) == "it does not name IP:192.0.2.9");
  REQUIRE(roll_add(store, CaKind::EcP384, {today(), 3650}));
  CHECK(!why_issue(store, "sfere", plain_sfere(), today(), 30));
  REQUIRE(roll_switch(store));
  CHECK(why_issue(store, "sfere", plain_sfere(), today(), 30) == "it is from a CA that issues no more");
  // Who waits for an external CA needs none of ours.
  KeyStore waiting = with_ca();
  give_key(waiting, "other");
  std::swap(waiting.certificates["other"].requested, waiting.certificates["other"].key);
  CHECK(!why_issue(waiting, "other", subject("other", "192.0.2.2"), today(), 30));
}

TEST_CASE("revoking takes key and certificate away and puts the number on the CRL") {
  KeyStore store = with_ca();
  give_key(store, "sfere");
  give_key(store, "deodand");
  REQUIRE(issue_for(store, "sfere", plain_sfere(), for_days(730)));
  REQUIRE(issue_for(store, "deodand", subject("deodand", "192.0.2.2"), for_days(730)));
  const std::string serial = certificate_info(store.certificates["sfere"].certificate).serial;
  REQUIRE(revoke(store, "sfere", {today(), 30}));
  CHECK(!store.certificates.contains("sfere"));
  CHECK(store.authorities[0].revoked.at(0).serial == serial);
  CHECK(store.authorities[0].revoked.at(0).host == "sfere");
  CHECK(crl_info(store.authorities[0].crl).revoked == 1);
  CHECK(code(revoke(store, "sfere", {today(), 30}).error()) == "E3038");
  REQUIRE(revoke(store, "deodand", {today(), 30}));
  CHECK(crl_info(store.authorities[0].crl).revoked == 2);
  CHECK(renew_crls(store, {today(), 60}) == 1);
  CHECK(store.authorities[0].crl_number == 3);
}

TEST_CASE("the CA rolls over in three phases, in this order, and no trust is lost on the way") {
  KeyStore store;
  store.mesh = "office";
  CHECK(code(issue_for(store, "sfere", plain_sfere(), for_days(730)).error()) == "E3036");
  CHECK(code(roll_add(store, CaKind::EcP384, {today(), 3650}).error()) == "E3039");
  CHECK(code(roll_switch(store).error()) == "E3039");
  CHECK(code(roll_drop(store).error()) == "E3039");
  store = with_ca();
  give_key(store, "sfere");
  REQUIRE(issue_for(store, "sfere", plain_sfere(), for_days(730)));
  const std::string old = store.authorities[0].certificate;

  REQUIRE(roll_add(store, CaKind::EcP384, {today(), 3650}));
  CHECK(code(roll_add(store, CaKind::EcP384, {today(), 3650}).error()) == "E3039");
  REQUIRE(store.authorities.size() == 2);
  CHECK(certificate_info(store.authorities[1].certificate).subject == "O=office, CN=office CA 2");
  REQUIRE(issue_for(store, "sfere", plain_sfere(), for_days(730)));
  CHECK(signed_by(store.certificates["sfere"].certificate, old));  // the new one does not issue yet

  REQUIRE(roll_switch(store));
  CHECK(code(roll_add(store, CaKind::EcP384, {today(), 3650}).error()) == "E3039");
  CHECK(roll_drop(store).error()[0].text == "the certificate of 'sfere' is still from the former CA");
  REQUIRE(issue_for(store, "sfere", plain_sfere(), for_days(730)));
  CHECK(signed_by(store.certificates["sfere"].certificate, store.authorities[1].certificate));

  REQUIRE(roll_drop(store));
  REQUIRE(store.authorities.size() == 1);
  CHECK(store.authorities[0].role == AuthorityRole::Current);
  CHECK(!signed_by(store.certificates["sfere"].certificate, old));
  REQUIRE(roll_add(store, CaKind::EcP384, {today(), 3650}));
  CHECK(certificate_info(store.authorities[1].certificate).subject == "O=office, CN=office CA 3");
}

TEST_CASE("external CAs and their CRLs are taken once, and only if they are CAs") {
  KeyStore store = with_ca();
  const std::string der = read_certificates(test::kVectorCertificate, "f").value().at(0);
  CHECK(import_authority(store, der, "f").value());
  CHECK(!import_authority(store, der, "f").value());
  CHECK(store.authorities[1].role == AuthorityRole::External);
  give_key(store, "sfere");
  REQUIRE(issue_for(store, "sfere", plain_sfere(), for_days(730)));
  CHECK(import_authority(store, store.certificates["sfere"].certificate, "f").error()[0].text ==
        "'CN=sfere' in 'f' is not a CA");
  Authority other = make_authority("corp", 1, CaKind::EcP384, {today(), 3650});
  renew_crl(other, {today(), 30});
  CHECK(code(import_crl(store, other.crl, "f").error()) == "E3043");
  CHECK(import_authority(store, other.certificate, "f").value());
  REQUIRE(import_crl(store, other.crl, "f"));
  CHECK(store.authorities[2].crl == other.crl);
  // Our own CRLs do not come from outside.
  renew_crls(store, {today(), 30});
  CHECK(code(import_crl(store, store.authorities[0].crl, "f").error()) == "E3043");
}
