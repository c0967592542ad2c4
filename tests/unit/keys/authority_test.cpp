// The mesh's own CA, judged by OpenSSL's command line.
#include "keys/authority.hpp"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <ctime>

#include "io/file.hpp"
#include "keys/certificate.hpp"
#include "keys/expiry.hpp"
#include "keys/keys.hpp"
#include "keys/pkcs12.hpp"
#include "keys/rsa.hpp"
#include "unit/io/temp_dir.hpp"
#include "unit/rsa_vector.hpp"

using namespace meshctl;
using test::shell;
using test::TempDir;

namespace {

/// One key for all: making keys is slow, and certificates do not care.
const KeyPair& host_key() {
  static const KeyPair pair = generate_rsa(2048).value();
  return pair;
}

std::int64_t now() { return std::time(nullptr); }

HostSubject sfere() { return {"O=office, CN=sfere", {"DNS:sfere", "IP:192.0.2.1", "IP:2001:db8::1"}}; }

/// A folder with ca.pem, host.pem and crl.pem.
struct Files {
  TempDir dir;
  void write(const char* name, std::string_view content) const { REQUIRE(write_atomic(dir / name, content, 0600U)); }
  [[nodiscard]] std::string run(const std::string& command) const {
    return shell(fmt::format("cd '{}'; {}", dir.path().native(), command)).second;
  }
};

bool has(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

}  // namespace

TEST_CASE(
    "subjects are PrintableString where they can be: racoon compares them with what strongSwan sends byte by byte") {
  const Files files;
  Authority ca = make_authority("office", 1, CaKind::EcP384, {now(), 3650});
  const HostSubject mixed{"C=DE, O=Süd, CN=sfere", {"DNS:sfere"}};
  files.write("host.pem", certificate_pem(issue_certificate(ca, mixed, host_key().spki, {now(), 730})));
  CHECK(files.run("openssl x509 -noout -subject -nameopt show_type,utf8,sep_comma_plus_space -in host.pem") ==
        "subject=C=PRINTABLESTRING:DE, O=UTF8STRING:Süd, CN=PRINTABLESTRING:sfere\n");
}

TEST_CASE("a CA of each kind issues certificates that OpenSSL accepts") {
  for (const CaKind kind : {CaKind::Rsa3072, CaKind::EcP384}) {
    const Files files;
    Authority ca = make_authority("office", 1, kind, {now(), 3650});
    const std::string der = issue_certificate(ca, sfere(), host_key().spki, {now(), 730});
    renew_crl(ca, {now(), 365});
    files.write("ca.pem", certificate_pem(ca.certificate));
    files.write("host.pem", certificate_pem(der));
    files.write("crl.pem", crl_pem(ca.crl));
    CHECK(files.run("openssl verify -x509_strict -CAfile ca.pem -CRLfile crl.pem -crl_check host.pem") ==
          "host.pem: OK\n");
    CHECK(files.run("openssl verify -x509_strict -purpose sslserver -verify_ip 192.0.2.1 -CAfile ca.pem host.pem") ==
          "host.pem: OK\n");
    // Named: what the command does by itself differs between OpenSSL 3.0 and 3.5.
    const std::string text = files.run("openssl x509 -noout -text -nameopt oneline -in host.pem");
    CHECK(has(text, "Issuer: O = office, CN = office CA 1"));
    CHECK(has(text, "Subject: O = office, CN = sfere"));
    CHECK(has(text, "DNS:sfere, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1"));
    CHECK(has(text, "CA:FALSE"));
    CHECK(has(text, "ipsec Internet Key Exchange"));
    CHECK(has(text, kind == CaKind::EcP384 ? "ecdsa-with-SHA384" : "sha256WithRSAEncryption"));
    const std::string ca_text = files.run("openssl x509 -noout -text -in ca.pem");
    CHECK(has(ca_text, "CA:TRUE, pathlen:0"));
    CHECK(has(ca_text, "Certificate Sign, CRL Sign"));
    CHECK(files.run("openssl x509 -noout -hash -in ca.pem") == subject_hash(ca.certificate) + "\n");
    CHECK(files.run("openssl crl -noout -hash -in crl.pem") == issuer_hash(ca.crl) + "\n");
    CHECK(has(files.run("openssl crl -noout -text -in crl.pem"), "No Revoked Certificates."));
  }
}

TEST_CASE("what a certificate says is read back") {
  Authority ca = make_authority("office", 2, CaKind::EcP384, {now(), 3650});
  const std::string der = issue_certificate(ca, sfere(), host_key().spki, {now(), 10});
  const CertificateInfo info = certificate_info(der);
  CHECK(info.subject == "O=office, CN=sfere");
  CHECK(info.issuer == "O=office, CN=office CA 2");
  CHECK(info.names == sfere().names);
  CHECK(info.spki == host_key().spki);
  CHECK(info.not_after - info.not_before == 10 * kDay + 3600);
  CHECK(!info.authority);
  CHECK(!info.self_signed);
  CHECK(info.serial.substr(0, 2) == "02");
  CHECK(certificate_info(ca.certificate).authority);
  CHECK(certificate_info(ca.certificate).self_signed);
  CHECK(signed_by(der, ca.certificate));
  CHECK(!signed_by(der, make_authority("office", 2, CaKind::EcP384, {now(), 3650}).certificate));
  CHECK(plain_subject(der));
  // Serial numbers never repeat; a certificate never outlives its CA.
  const CertificateInfo longer = certificate_info(issue_certificate(ca, sfere(), host_key().spki, {now(), 9999}));
  CHECK(longer.serial != info.serial);
  CHECK(longer.serial.substr(0, 2) == "03");
  CHECK(longer.not_after == certificate_info(ca.certificate).not_after);
  CHECK(certificate_info(read_certificates(test::kVectorCertificate, "v").value().at(0)).fingerprint ==
        test::kVectorCertificateFingerprint);
  CHECK(subject_hash(read_certificates(test::kVectorCertificate, "v").value().at(0)) == test::kVectorCertificateHash);
  CHECK(thumbprint(read_certificates(test::kVectorCertificate, "v").value().at(0)) == test::kVectorThumbprint);
}

TEST_CASE("names print the same on every OpenSSL: texts of all types, a field without a name, two values in one set") {
  constexpr std::string_view kOddNames =
      "-----BEGIN CERTIFICATE-----\n"
      "MIIBujCCAV+gAwIBAgIBATAKBggqhkjOPQQDAjAtMQswCQYDVQQGEwJERTEKMAgG\n"
      "A1UECgwBYjESMBAGA1UEAwwJb2ZmaWNlIENBMB4XDTI0MDEwMTAwMDAwMFoXDTQ0\n"
      "MDEwMTAwMDAwMFowgZ4xCzAJBgNVBAYTAkRFMRgwFgYDVQQKDA9Tw7xkLCArICJ4\n"
      "IiBcICMxEjAQBgNVBAsMCeKCrPCfmIABfzEYMAkGA1UECxQCU/wwCwYDVQQLHgQA\n"
      "UyCsMQ0wCwYEKgMEBQwDYQBiMQ8wDQYDVQQJDAZzdHJlZXQxEjAQBgkqhkiG9w0B\n"
      "CQEWA2FAYjETMBEGCgmSJomT8ixkARkWA25ldDBZMBMGByqGSM49AgEGCCqGSM49\n"
      "AwEHA0IABD8DrNwTuFn6H6VV3/T/RLLw0oQmyNXZI+d3XdncrRZyCv+CAtgRCZ42\n"
      "mpN2HzRr5Y28xMxByvknqJ280E0uRZUwCgYIKoZIzj0EAwIDSQAwRgIhAKSPxWgF\n"
      "zJwZJQNnvxxnEtRkbKgYlr+CQqveyTkbqRn6AiEAx3U7MTLFNI7r87ThOJynu6Sf\n"
      "THUOz8T3G7W5IeY9DQw=\n"
      "-----END CERTIFICATE-----\n";
  const CertificateInfo info = certificate_info(read_certificates(kOddNames, "f").value().at(0));
  CHECK(info.subject ==
        R"(C=DE, O=S\FCd, + "x" \\ #, OU=\U20AC\W0001F600\01\7F, OU=S\FC + OU=S\U20AC, 1.2.3.4.5=a\00b, )"
        "street=street, emailAddress=a@b, DC=net");
  CHECK(info.issuer == "C=DE, O=b, CN=office CA");
}

TEST_CASE("subjects are what the inventory says, or refused with the reason") {
  Authority ca = make_authority("office", 1, CaKind::EcP384, {now(), 3650});
  for (const std::string_view subject :
       {"CN=sfere", "C=DE, O=Example, OU=IT, CN=gw.example", "DC=example, DC=net, CN=gw"}) {
    CHECK(!why_bad_subject(subject));
    const std::string der = issue_certificate(ca, {std::string(subject), {}}, host_key().spki, {now(), 1});
    CHECK(certificate_info(der).subject == subject);
    CHECK(plain_subject(der));
  }
  CHECK(why_bad_subject("") == "'' is not FIELD=VALUE");
  CHECK(why_bad_subject("sfere") == "'sfere' is not FIELD=VALUE");
  CHECK(why_bad_subject("CN=") == "'CN=' is not FIELD=VALUE");
  CHECK(why_bad_subject("CN=a,") == "'' is not FIELD=VALUE");
  CHECK(why_bad_subject("XX=a") == "there is no field 'XX'");
  CHECK(why_bad_subject("CN=a=b") == "'CN=a=b' has one of = + \" # \\ /");
  CHECK(why_bad_subject("C=Germany") == "'C=Germany' is too long, or not of that field's characters");
  // A comma in a name is not two names.
  const std::string der =
      issue_certificate(ca, {"CN=x", {"DNS:a,IP:192.0.2.9", "email:x@y.example"}}, host_key().spki, {now(), 1});
  CHECK(certificate_info(der).names == std::vector<std::string>{"DNS:a,IP:192.0.2.9", "email:x@y.example"});
}

TEST_CASE("a revoked certificate is refused, the others are not") {
  const Files files;
  Authority ca = make_authority("office", 1, CaKind::EcP384, {now(), 3650});
  const std::string lost = issue_certificate(ca, sfere(), host_key().spki, {now(), 730});
  const std::string good = issue_certificate(ca, sfere(), host_key().spki, {now(), 730});
  ca.revoked.push_back({certificate_info(lost).serial, now(), "sfere"});
  renew_crl(ca, {now(), 30});
  CHECK(crl_info(ca.crl).revoked == 1);
  CHECK(crl_info(ca.crl).issuer == "O=office, CN=office CA 1");
  CHECK(crl_signed_by(ca.crl, ca.certificate));
  files.write("ca.pem", certificate_pem(ca.certificate));
  files.write("crl.pem", crl_pem(ca.crl));
  files.write("lost.pem", certificate_pem(lost));
  files.write("good.pem", certificate_pem(good));
  const std::string verify = "openssl verify -CAfile ca.pem -CRLfile crl.pem -crl_check ";
  CHECK(has(files.run(verify + "lost.pem"), "certificate revoked"));
  CHECK(files.run(verify + "good.pem") == "good.pem: OK\n");
  renew_crl(ca, {now(), 30});
  CHECK(ca.crl_number == 2);
  files.write("crl.pem", crl_pem(ca.crl));
  CHECK(files.run("openssl crl -noout -crlnumber -in crl.pem") == "crlNumber=0x02\n");
}

TEST_CASE("a request is signed by another CA and comes back with its chain") {
  const Files files;
  files.write("host.csr", certificate_request(host_key(), sfere()));
  CHECK(has(files.run("openssl req -noout -verify -text -in host.csr"), "DNS:sfere, IP Address:192.0.2.1"));
  files.write("sub.cnf", "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign,cRLSign\n");
  REQUIRE(shell(fmt::format(R"(cd '{}' && exec >log 2>&1 && set -e
      openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout root.key -out root.pem -subj '/C=DE/O=Corp/CN=Root' -days 30
      openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout sub.key -out sub.csr -subj '/C=DE/O=Corp/CN=Sub'
      openssl x509 -req -in sub.csr -CA root.pem -CAkey root.key -CAcreateserial -days 20 -extfile sub.cnf -out sub.pem
      openssl x509 -req -in host.csr -CA sub.pem -CAkey sub.key -CAcreateserial -days 10 -copy_extensions copyall -out host.pem
      cat root.pem sub.pem host.pem > all.pem)",
                            files.dir.path().native()))
              .first == 0);
  const auto all = read_certificates(read_file(files.dir / "all.pem").value(), "all.pem").value();
  REQUIRE(all.size() == 3);
  const std::vector<std::string> trusted{all[0]};
  const auto installed = arrange_chain(all, host_key().spki, trusted, now(), "all.pem");
  REQUIRE(installed);
  CHECK(certificate_info(installed->certificate).subject == "O=office, CN=sfere");
  REQUIRE(installed->chain.size() == 1);
  CHECK(certificate_info(installed->chain[0]).subject == "C=DE, O=Corp, CN=Sub");
  CHECK(arrange_chain({all[0]}, host_key().spki, trusted, now(), "f").error()[0].code == "E3033");
  const auto unknown = arrange_chain(all, host_key().spki, {}, now(), "f");
  CHECK(unknown.error()[0].code == "E3034");
  const auto late = arrange_chain(all, host_key().spki, trusted, now() + 11 * kDay, "f");
  CHECK(late.error()[0].text == "the certificate in 'f' is not accepted: certificate has expired");
  const auto gap = arrange_chain({all[2]}, host_key().spki, trusted, now(), "f");
  CHECK(gap.error()[0].text == "the certificate in 'f' is not accepted: unable to get local issuer certificate");
}

TEST_CASE("certificate files are read whole or not at all") {
  CHECK(read_certificates("", "f").error()[0].code == "E3032");
  CHECK(read_certificates("hello", "f").error()[0].code == "E3032");
  std::string broken(test::kVectorCertificate);
  broken[100] = '!';
  CHECK(read_certificates(broken, "f").error()[0].code == "E3032");
  CHECK(read_certificates(std::string(test::kVectorCertificate) + broken, "f").error()[0].code == "E3032");
  CHECK(read_certificates(std::string(test::kVectorPublicPem) + std::string(test::kVectorCertificate), "f")->size() ==
        1);
  CHECK(read_crl(test::kVectorCertificate, "f").error()[0].code == "E3032");
  CHECK(
      !plain_subject(read_certificates(shell("openssl req -x509 -key /dev/stdin -subj '/O=a, b/CN=c' -days 1 <<'E'\n" +
                                             std::string(private_pem(host_key()).reveal()) + "E\n")
                                           .second,
                                       "f")
                         .value()
                         .at(0)));
}

TEST_CASE("what ends is said before it ends") {
  KeyStore store;
  store.authorities.push_back(make_authority("office", 1, CaKind::EcP384, {now(), 3650}));
  Authority& ca = store.authorities[0];
  CertifiedKey& host = store.certificates["sfere"];
  host.key = host_key().clone();
  host.certificate = issue_certificate(ca, sfere(), host_key().spki, {now(), 20});
  renew_crl(ca, {now(), 5});
  const auto all = expiries(store, now());
  REQUIRE(all.size() == 3);
  CHECK(all[0].kind == Expiry::Kind::Crl);
  CHECK(all[1].name == "sfere");
  CHECK(all[1].days >= 19);
  CHECK(all[2].kind == Expiry::Kind::Authority);
  DiagSink sink;
  lint_expiry(store, now() + 10 * kDay, 30, sink);
  REQUIRE(sink.all().size() == 2);
  CHECK(sink.all()[0].code == "W3031");
  CHECK(sink.all()[0].text ==
        fmt::format("the CRL of 'O=office, CN=office CA 1' expired on {}", date_text(now() + 5 * kDay)));
  CHECK(sink.all()[1].code == "W3030");
  CHECK(has(sink.all()[1].text, "the certificate of 'sfere' expires on "));
  DiagSink quiet;
  lint_expiry(store, now(), 4, quiet);
  CHECK(quiet.all().empty());
}

TEST_CASE("PKCS#12: OpenSSL opens it with the empty password, and it never changes") {
  const auto vector = read_certificates(test::kVectorCertificate, "v").value().at(0);
  const KeyPair pair = private_from_pem(Secret(test::kVectorPrivatePem), "v").value();
  const Secret made = pkcs12(pair, vector, "meshctl-office-sfere");
  CHECK(made == pkcs12(pair, vector, "meshctl-office-sfere"));
  CHECK(sha256_hex(made.reveal()) == "98fb3d63bbc053710ec16ba0c55a4c604ae5fb267fba059c92db5462e71e9330");
  const Files files;
  files.write("host.pfx", made.reveal());
  CHECK(files.run("openssl pkcs12 -in host.pfx -passin pass: -nocerts -noenc | openssl pkey") ==
        test::kVectorPrivatePem);
  CHECK(files.run("openssl pkcs12 -in host.pfx -passin pass: -nokeys | openssl x509") == test::kVectorCertificate);
  const std::string said = files.run("openssl pkcs12 -in host.pfx -passin pass: -info -noout 2>&1");
  CHECK(said ==
        "MAC: sha1, Iteration 2048\n"
        "MAC length: 20, salt length: 8\n"
        "PKCS7 Encrypted data: pbeWithSHA1And3-KeyTripleDES-CBC, Iteration 2048\n"
        "Certificate bag\n"
        "PKCS7 Data\n"
        "Shrouded Keybag: pbeWithSHA1And3-KeyTripleDES-CBC, Iteration 2048\n");
  const std::string all = files.run("openssl pkcs12 -in host.pfx -passin pass: -noenc");
  CHECK(has(all, "friendlyName: meshctl-office-sfere\n"));
  CHECK(has(all, "Microsoft CSP Name: Microsoft Enhanced RSA and AES Cryptographic Provider\n"));
  CHECK(all.find("localKeyID: ") != all.rfind("localKeyID: "));
  CHECK(files.run("openssl pkcs12 -in host.pfx -passin pass:x -noout 2>&1; echo $?").ends_with("1\n"));
}

TEST_CASE("PKCS#12 of a host with a real key and an issued certificate") {
  const Files files;
  Authority ca = make_authority("office", 1, CaKind::Rsa3072, {now(), 3650});
  const std::string first = issue_certificate(ca, sfere(), host_key().spki, {now(), 730});
  const std::string second = issue_certificate(ca, sfere(), host_key().spki, {now(), 730});
  const Secret made = pkcs12(host_key(), first, "a");
  CHECK(!(made == pkcs12(host_key(), second, "a")));
  files.write("host.pfx", made.reveal());
  CHECK(files.run("openssl pkcs12 -in host.pfx -passin pass: -nocerts -noenc | openssl pkey") ==
        private_pem(host_key()).reveal());
}
