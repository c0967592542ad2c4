// One line of one end is changed: the fault is found, and both ends are named.
#include <doctest/doctest.h>

#include <vector>

#include "unit/verify/planted.hpp"

namespace meshctl::test {
namespace {

std::string pair(const char* a, const char* b, const char* link) {
  return std::string("version: 1\nmesh: m\nhosts:\n  a: {addresses: [10.0.0.1], backend: ") + a +
         "}\n  b: {addresses: [10.0.0.2], backend: " + b + "}\nlinks:\n  - {between: [a, b]" + link +
         "}\nbypass: [ike, icmp-errors, {protocol: tcp, port: 22}]\n";
}

}  // namespace

TEST_CASE("one-line faults between two racoon hosts") {
  const Hosts base = compile_text(pair("racoon", "racoon", ", select: [{protocol: tcp, port: 443}, {protocol: udp}]"));
  REQUIRE(verify_hosts(base).errors + verify_hosts(base).warnings == 0);
  const std::vector<Fault> faults = {
      {"another DH group", kConf, "dh_group", "modp3072", "modp2048", "E7103"},
      {"another IKE cipher", kConf, "encryption_algorithm aes 256;", "aes 256", "camellia 256", "E7103"},
      {"a shorter IKE key", kConf, "encryption_algorithm aes 256;", "256", "128", "E7103"},
      {"another IKE hash", kConf, "hash_algorithm", "sha512", "sha256", "E7103"},
      {"another authentication method", kConf, "authentication_method", "pre_shared_key", "rsasig", "E7104"},
      {"another exchange mode", kConf, "exchange_mode", "main", "base", "E7102"},
      {"a shorter IKE lifetime", kConf, "lifetime time 28800 sec", "28800", "3600", "E7105"},
      {"the wrong identity is expected", kConf, "peers_identifier", "10.0.0.1", "10.0.0.9", "E7110"},
      {"the wrong identity is sent", kConf, "my_identifier", "address", "fqdn \"b.example\"", "E7114"},
      {"the wrong peer in remote", kConf, "remote 10.0.0.1", "10.0.0.1", "10.0.0.9", "E7012"},
      {"no key line", kPsk, "10.0.0.1 ", "", "", "E7120"},
      {"a key line for another peer", kPsk, "10.0.0.1 ", "10.0.0.1", "10.0.0.9", "E7120"},
      {"another key", kPsk, "10.0.0.1 ", "mk1-", "mk2-", "E7121"},
      {"a blank behind the key", kPsk, "10.0.0.1 ", "mk1-", "mk1- ", "E7121"},
      {"an earlier line takes the peer", kPsk, "# Pre-shared", "", "10.0.0.1 something-else-that-is-long", "E7121"},
      {"sainfo for another protocol", kConf, "sainfo", "tcp", "udp", "E7140"},
      {"sainfo with another mask", kConf, "sainfo", "10.0.0.1", "10.0.0.0/24", "E7140"},
      {"another IPsec cipher", kConf, "encryption_algorithm aes 256;\n\tauth", "aes", "camellia", "E7141"},
      {"another IPsec hash", kConf, "authentication_algorithm", "hmac_sha512", "hmac_sha1", "E7141"},
      {"another PFS group", kConf, "pfs_group", "modp3072", "modp2048", "E7143"},
      {"no PFS", kConf, "pfs_group", "", "", "E7143"},
      {"another IPsec lifetime", kConf, "lifetime time 3600 sec", "3600", "1800", "W7145"},
      {"a policy is gone", kSetkey, "-P in prio", "", "", "E7130"},
      {"the wrong mask", kSetkey, "-P in prio", "10.0.0.1", "10.0.0.0/24", "E7132"},
      {"in and out are swapped", kSetkey, "[443] tcp -P in", "-P in", "-P out", "E7131"},
      {"another protocol", kSetkey, "10.0.0.2 10.0.0.1 17 -P out", " 17 ", " 132 ", "E7132"},
      {"another port", kSetkey, "-P out prio def", "443", "444", "E7132"},
      {"the wrong level", kSetkey, "-P in prio def", "require", "use", "E7136"},
      {"AH instead of ESP", kSetkey, "-P in prio def", "esp/", "ah/", "E7134"},
      {"a hole instead of protection", kSetkey, "-P in prio def", "ipsec esp/transport//require", "none", "E7133"},
      {"tunnel instead of transport", kSetkey, "-P in prio def", "esp/transport//", "esp/tunnel/10.0.0.1-10.0.0.2/",
       "E7134"},
      {"a priority that another has", kSetkey, "17 -P out prio high + 500", "spdupdate",
       "spdupdate 0.0.0.0/0 0.0.0.0/0 17 -P out prio high + 500 discard;\nspdupdate", "W7020"},
      {"a hole that only one end has", kSetkey, "10.0.0.2 10.0.0.1 17 -P out", "spdupdate",
       "spdupdate 10.0.0.2[53] 10.0.0.1 17 -P out prio high none;\nspdupdate", "E7150"},
  };
  for (const Fault& fault : faults) check_fault(base, fault, std::string(fault.code) != "W7020");
}

TEST_CASE("one-line faults at a strongSwan host, its peer racoon") {
  const Hosts base =
      compile_text(pair("racoon", "strongswan", ", suite: {ike: aes256-sha512-modp3072, esp: aes256-sha256-modp3072}"));
  const verify::Report clean = verify_hosts(base);
  INFO(shown(clean));
  REQUIRE(clean.errors + clean.warnings == 0);
  const std::vector<Fault> faults = {
      {"the full SHA-256", kSwan, "sha256_96", "yes", "no", "E7142"},
      {"another IKE version", kSwan, "version", "1", "2", "E7101"},
      {"another DH group", kSwan, " proposals", "modp3072", "modp2048", "E7103"},
      {"another PFS group", kSwan, "esp_proposals", "modp3072", "modp2048", "E7143"},
      {"another identity", kSwan, "      id = \"10.0.0.2\"", "10.0.0.2", "10.0.0.7", "E7110"},
      {"the wrong remote address", kSwan, "remote_addrs", "10.0.0.1", "10.0.0.9", "E7012"},
      {"the secret of another peer", kSecrets, "id-2", "10.0.0.1", "10.0.0.9", "E7120"},
      {"another secret", kSecrets, "secret = ", "mk1-", "mk1+", "E7121"},
      {"a reqid that no child has", kXfrm, "dir out", "reqid ", "reqid 5 mode transport level required\n# ", "E7014"},
      {"the child is in tunnel mode", kSwan, "mode = transport", "transport", "tunnel", "E7146"},
      {"the child is about something else", kSwan, "local_ts", "dynamic", "dynamic[6]", "E7015"},
      {"another level", kXfrm, "dir in priority 45", "level required", "level use", "E7136"},
  };
  for (const Fault& fault : faults) {
    const std::string code = fault.code;
    check_fault(base, fault, code != "E7014" && code != "E7015");
  }
}

TEST_CASE("files that a host's files name, and that are not there") {
  const std::string inventory =
      "version: 1\nmesh: m\nhosts:\n  a: {addresses: [192.0.2.1], backend: racoon}\n  b: {addresses: [192.0.2.2], "
      "backend: "
      "strongswan}\nlinks:\n  - [a, b]\n";
  const auto said = [&](const char* host, const std::string& path, const std::string& more, const char* lost) {
    Hosts hosts = compile_text(inventory);
    REQUIRE(hosts.at(host).contains(path));
    hosts[host][path] += more;
    if (lost != nullptr) REQUIRE(hosts[host].erase(lost) == 1);
    return shown(verify_hosts(hosts));
  };
  const std::string conf = "/etc/racoon/racoon.conf";
  const std::string swan = "/etc/swanctl/conf.d/meshctl.conf";
  CHECK(said("a", conf, "", nullptr).find("error") == std::string::npos);
  CHECK(said("a", conf, "include \"/etc/racoon/none-*.conf\";\n", nullptr).find("error[E7010]") != std::string::npos);
  const std::string psk = said("a", conf, "", "/etc/racoon/psk.txt");
  CHECK(psk.find("error[E7125]: '/etc/racoon/psk.txt' is not there") != std::string::npos);
  CHECK(said("b", swan, "include more.conf\n", nullptr).find("no file matches '/etc/swanctl/conf.d/more.conf'") !=
        std::string::npos);
  // charon takes a pattern that matches nothing; what lies elsewhere is not read.
  CHECK(said("b", swan, "include more-*.conf\ninclude /root/x.conf\n", nullptr).find("E7010") == std::string::npos);
}

}  // namespace meshctl::test
