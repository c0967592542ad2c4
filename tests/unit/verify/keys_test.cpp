// Certificates and bare keys between two strongSwan hosts.
#include <doctest/doctest.h>

#include "unit/verify/certified.hpp"
#include "unit/verify/kit.hpp"

namespace meshctl::test {
namespace {

constexpr const char* kCa = "/etc/swanctl/x509ca/meshctl-1.pem";
constexpr const char* kCertificate = "/etc/swanctl/x509/meshctl.pem";

std::string pair_of(const char* auth) {
  return std::string("version: 1\nmesh: m\ndefaults: {backend: strongswan, auth: ") + auth +
         "}\nhosts:\n  a: {addresses: [10.0.0.1]}\n  b: {addresses: [10.0.0.2]}\nlinks:\n  - [a, b]\n";
}

bool has(const verify::Report& report, std::string_view code) {
  for (const Diag& diag : report.diags) {
    if (diag.code == code) return diag.text.find("a and b") != std::string::npos && diag.where.known();
  }
  return false;
}

}  // namespace

TEST_CASE("certificates: clean, over, not yet, from another CA, revoked, of another name") {
  KeyStore store = certified();
  const Hosts base = compile_text(pair_of("x509"), store);
  const auto at = [](std::int64_t when) {
    verify::Options options;
    options.at = when;
    return options;
  };
  const verify::Report clean = verify_hosts(base, at(kNow + 86400));
  INFO(shown(clean));
  CHECK(clean.errors + clean.warnings == 0);
  CHECK(clean.links == 1);
  CHECK(has(verify_hosts(base, at(kNow + 366 * 86400)), "E7163"));
  CHECK(has(verify_hosts(base, at(kNow - 86400)), "E7163"));

  Hosts other_ca = base;
  const Hosts foreign = compile_text(pair_of("x509"), certified());
  other_ca["b"][kCa] = foreign.at("b").at(kCa);
  CHECK(has(verify_hosts(other_ca, at(kNow)), "E7162"));

  Hosts other_name = base;
  std::string& conf = other_name["a"]["/etc/swanctl/conf.d/meshctl.conf"];
  const std::string id = "CN=a";
  const std::size_t mine = conf.find(id);
  REQUIRE(mine != std::string::npos);
  conf.replace(mine, id.size(), "CN=x");
  const verify::Report misnamed = verify_hosts(other_name, at(kNow));
  CHECK(has(misnamed, "E7110"));
  CHECK(has(misnamed, "E7166"));

  Hosts swapped = base;
  swapped["a"][kCertificate] = base.at("b").at(kCertificate);
  bool private_key = false;
  for (const Diag& diag : verify_hosts(swapped, at(kNow)).diags) private_key = private_key || diag.code == "E7128";
  CHECK(private_key);

  REQUIRE(revoke(store, "a", {kNow, 30}));
  REQUIRE_FALSE(store.authorities.empty());
  Hosts revoked = base;
  for (Authority& authority : store.authorities) {
    revoked["b"]["/etc/swanctl/x509crl/meshctl-1.pem"] = crl_pem(authority.crl);
  }
  CHECK(has(verify_hosts(revoked, at(kNow + 1)), "E7164"));
  CHECK(has(verify_hosts(revoked, at(kNow + 60 * 86400)), "E7164"));
}

}  // namespace meshctl::test
