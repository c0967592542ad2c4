// racoon.conf: where racoon 0.9.1 refuses, where it takes something else than one reads, and where it is only unusual.
// One row for each; the place is part of it.
#include <doctest/doctest.h>

#include "backend/racoon/conf_file.hpp"
#include "unit/racoon/deviations.hpp"

namespace meshctl {
namespace {

using racoon_test::Deviation;
using racoon_test::found;

const std::string kProposal =
    "proposal{encryption_algorithm aes 256;hash_algorithm sha256;authentication_method pre_shared_key;"
    "dh_group modp3072;}";
const std::string kRsa =
    "proposal{encryption_algorithm aes 256;hash_algorithm sha256;authentication_method rsasig;dh_group modp3072;}";
/// A remote without a fault but what `body` brings along.
std::string remote(std::string_view body, std::string_view head = "10.0.0.1") {
  return "path pre_shared_key \"/p\";log info;\nremote " + std::string(head) +
         " {exchange_mode main;verify_identifier on;\n" + std::string(body) + "\n" + kProposal + "}";
}
std::string rsa(std::string_view body) {
  return "path certificate \"/c\";log info;\nremote 10.0.0.1 {exchange_mode main;verify_identifier on;\n" +
         std::string(body) + "\n" + kRsa + "}";
}
std::string sainfo(std::string_view head, std::string_view body = "") {
  return "sainfo " + std::string(head) + " {" + std::string(body) +
         "encryption_algorithm aes 256;authentication_algorithm hmac_sha512;compression_algorithm deflate;}\n";
}
const std::string kSides = "address 10.0.0.1 any address 10.0.0.2 any";

void check(const std::vector<Deviation>& rows) { racoon_test::check(Format::Racoon, rows); }

}  // namespace

TEST_CASE("racoon.conf: what is right is accepted in silence") {
  CHECK(found(Format::Racoon, remote("peers_identifier address 10.0.0.1;")) == "");
  CHECK(found(Format::Racoon, rsa("certificate_type x509 \"a.pem\" \"a.key\";ca_type x509 \"ca.pem\";my_identifier "
                                  "asn1dn;peers_identifier asn1dn \"C=DE, O=x, CN=b\";")) == "");
  CHECK(
      found(
          Format::Racoon,
          rsa("certificate_type plain_rsa \"a\";peers_certfile plain_rsa \"b\";peers_identifier address 10.0.0.1;")) ==
      "");
  CHECK(found(Format::Racoon, sainfo(kSides) + sainfo("anonymous")) == "");
  CHECK(
      found(Format::Racoon,
            "path script \"/s\";pfkey_buffer 1024;complex_bundle off;gss_id_enc utf-16le;\n"
            "padding {randomize on;randomize_length off;strict_check off;exclusive_tail on;maximum_length 20;}\n"
            "timer {counter 5;persend 1;interval 10 sec;phase1 30 secs;phase2 15 min;natt_keepalive 20 seconds;}\n"
            "listen {isakmp 10.0.0.1 [500];isakmp_natt 10.0.0.1[4500];isakmp fe80::1%eth0;strict_address;\n"
            "adminsock \"/run/racoon.sock\" \"root\" \"root\" 660;}\n"
            "privsep {user \"racoon\";group 100;chroot \"/\";}\n"
            "mode_cfg {network4 10.1.0.1;netmask4 255.255.255.0;pool_size 9;dns4 10.0.0.53,10.0.0.54;wins4 10.0.0.1;\n"
            "default_domain \"x\";split_network include 10.0.0.0/8,192.168.0.0/16;split_dns \"a\",\"b\";\n"
            "auth_source system;group_source system;conf_source local;accounting none;auth_groups \"vpn\";\n"
            "banner \"/m\";auth_throttle 1;pfs_group 14;save_passwd off;}\n") == "");
}

TEST_CASE("racoon.conf: what racoon's lexer swallows") {
  check({
      {"log infoxx;", "1:9 W2517"},
      {"log info;\n}\n", "2:1 W2517"},
      {"log info; xyz\n", "1:11 W2517"},
      {"\xef\xbb\xbflog info;", "1:1 W2517"},
      {"log info;\r\nlog info;\r\n", "1:10 N2504"},
      {"// log\nlog info;", "1:1 W2517, 2:1 W2517"},
      {"//\nlog info;", "1:1 W2517"},
      {"path certificate 'x' \"/c\";", "1:18 W2517"},
      {remote("lifetime time =8 hour;"), "3:15 W2518, 3:16 W2501"},
      {remote("lifetime time = 8 hour;"), "3:15 W2517"},
      {remote("lifetime time +8 hour;"), "3:15 W2517"},
      {remote("nonce_size -16;"), "3:12 E2502"},
      {remote("dpd_delay 0x5;"), "3:11 E2502"},
      {remote("dpd_delay 99999999999;"), "3:11 W2519"},
      {"path certificate =\"/c\";", "1:18 W2518"},
      {"listen {isakmp 10.0.0.1 =[500];}", "1:25 W2518"},
      {"listen {isakmp 10.0.0.1 [70000];}", "1:25 W2519"},
      {sainfo("address 10.0.0.0 x/8 any address 10.0.0.2 any"), "1:16 W2523, 1:25 W2518"},
      {sainfo(kSides, "lifetime time 8hour;"), "1:66 N2505"},
      {sainfo(kSides, "pfs_group modp2048x;"), "1:69 W2517"},
      {"sainfo anonymous {encryption_algorithm aes256;authentication_algorithm hmac_sha1;compression_algorithm "
       "deflate;}",
       "1:43 N2505"},
      {"path certificate \"/c\n\";", "1:18 W2521"},
      {"path certificate \"/c;", "1:18 E2502"},
      {"log info;;", "1:10 E2502"},
      {"log info", "1:9 E2502"},
      {"lgo info;", "1:1 E2502"},
      {"log\nlisten {strict_address;}", "2:1 E2502"},
      {"log info\nlisten {strict_address;}", "2:1 E2502"},
      {"listen {strict_address;\nlog info;", "1:8 N2502, 2:1 E2502"},
  });
}

TEST_CASE("a file that is one comment") {
  const std::string squashed =
      "# racoon.conf path pre_shared_key \"/etc/racoon/psk.txt\"; remote anonymous { passive on; }";
  CHECK(found(Format::Racoon, squashed) == "1:1 W4062");
  CHECK(found(Format::Racoon, "\n" + squashed + "\n\n") == "1:1 W4062");
  CHECK(found(Format::Racoon, squashed + "\nlog info;\n").find("W4062") == std::string::npos);
  CHECK(found(Format::Racoon, "# nothing here yet\n").empty());
  CHECK(found(Format::Swanctl, "# connections { a { } }") == "1:1 W4062");
}

TEST_CASE("racoon.conf: statements of the daemon") {
  check({
      {"listen {isakmp_natt 10.0.0.1;}", "1:9 W2513"},
      {"listen {adminsock \"/etc/passwd\";}", "1:19 E2506"},
      {"listen {adminsock \"/run/../x.sock\";}", "1:19 E2506"},
      {"listen {adminsock \"/run/x.sock\" \"a\" \"b\" 689;}", "1:41 E2506"},
      {"listen {isakmp host.example;}", "1:16 E2502"},
      {"log debug2;", "1:5 W2503"},
      {"mode_cfg {auth_source ldap;}", "1:23 W2514"},
      {"mode_cfg {dns4 10.0.0.1,10.0.0.2,10.0.0.3,10.0.0.4,10.0.0.5;}", "1:16 E2502"},
      {"mode_cfg {network4 ::1;}", "1:20 E2502"},
      {"radiuscfg {auth \"host\" \"secret\";acct \"host\" 1813 \"secret\";timeout 3;retries 3;}", "1:1 W2514"},
      {"ldapcfg {version 3;host \"h\";bind_pw \"p\";subtree on;}", "1:1 W2514"},
      {"timer {phase1 30;}", "1:17 E2502"},
      {"timer {phase1 1 day;}", "1:17 E2502"},
      {"timer {foo 1;}", "1:8 E2502"},
  });
}

TEST_CASE("racoon.conf: remotes") {
  check({
      {remote("peers_identifier fqdn \"b.example\";"), "2:1 N2507"},
      {remote("verify_identifier off;"), "2:1 W2509"},
      {remote("my_identifier fqdn \"a.example\";"), "2:1 W2542"},
      {remote("my_identifier user_fqdn \"a@a.example\";"), "2:1 W2542"},
      {remote("my_identifier address 10.0.0.1;"), ""},
      {remote("my_identifier address;"), ""},
      {remote("", "0.0.0.0"), "2:1 W2526"},
      {remote("", "anonymous"), "2:1 W2507"},
      {remote("generate_policy on;", "anonymous"), "2:1 W2507, 2:1 W2530"},
      {remote("") + "\nremote 10.0.0.1 {passive on;exchange_mode main;verify_identifier on;" + kProposal + "}", ""},
      {remote("") + "\nremote 10.0.0.1 [500] {exchange_mode main;verify_identifier on;" + kProposal + "}", "5:1 W2512"},
      {remote("") + "\nremote 10.0.0.1 [4500] {exchange_mode main;verify_identifier on;" + kProposal + "}", ""},
      {"log info;remote 10.0.0.1 {exchange_mode main;verify_identifier on;" + kProposal + "}", "1:10 W2525"},
      {"path pre_shared_key \"/p\";remote 10.0.0.1 {exchange_mode main;verify_identifier on;" + kProposal + "}",
       "1:26 N2506"},
      {"log info;remote 10.0.0.1 {}", "1:10 E2503, 1:10 E2503, 1:10 W2509"},
      {"log info;remote 10.0.0.1 {exchange_mode main;proposal {dh_group 14;}}",
       "1:10 W2509, 1:46 E2503, 1:46 E2503, 1:46 E2503"},
      {remote("lifetime byte 100 KB;"), "3:10 E2502"},
      {remote("lifetime time 25 hour;"), "3:15 W2501"},
      {remote("dh_group 14;"), "3:1 E2502"},
      {remote("exchange_mode aggressive;"), "2:1 W2508"},
      {remote("exchange_mode aggressive,main;proposal {encryption_algorithm aes 256;hash_algorithm sha256;"
              "authentication_method pre_shared_key;dh_group modp2048;}"),
       "2:1 W2508, 4:1 E2509"},
      {remote("remote_address 10.0.0.2;"), "3:16 E2508"},
      {remote("", "\"n\""), "2:1 E2503"},
      {remote("remote_address 10.0.0.2;", "\"n\""), ""},
      {remote("my_identifier asn1dn;"), "2:1 E2510, 2:1 W2542"},
      {remote("my_identifier asn1dn \"CN\";"), "3:22 E2510"},
      {remote("my_identifier asn1dn \"~3005\";"), "2:1 W2542"},
      {remote("my_identifier fqdn;"), "3:15 E2510"},
      {remote("my_identifier fqdn abc;"), "2:1 W2542, 3:20 W2505"},
      {remote("my_identifier address \"10.0.0.3\";"), ""},
      {remote("my_identifier address \"host\";"), "3:23 E2510"},
      {remote("my_identifier address tag 10.0.0.3;"), "3:23 W2505"},
      {remote("my_identifier keyid tag \"x\";"), "2:1 W2542"},
      {remote("nonce_size 4;"), "2:1 W2535"},
      {remote("nonce_size 16;situation secrecy;doi ipsec_doi;script \"/s\" phase1_up;xauth_login \"u\";"), ""},
      {remote("ca_type x509 \"/a\";ca_type x509 \"/b\";"), "3:27 E2505"},
      {remote("peers_certfile \"/a\";"), "3:16 N2503"},
      {remote("peers_certfile dnssec;"), "2:1 W2534"},
      {remote("verify_cert of;"), "3:13 E2502"},
  });
}

TEST_CASE("racoon.conf: certificates and proposals") {
  check({
      {rsa("certificate_type x509 \"a\" \"k\";peers_identifier asn1dn;"), "2:1 W2529"},
      {rsa("certificate_type x509 \"a\" \"k\";"), "2:1 W2529"},
      {rsa("certificate_type x509 \"a\" \"k\";certificate_type plain_rsa \"k\";peers_identifier address 10.0.0.1;"),
       "3:48 E2505"},
      {rsa("verify_cert off;certificate_type x509 \"a\" \"k\";peers_identifier address 10.0.0.1;"), "2:1 W2533"},
      {rsa("send_cr on;certificate_type plain_rsa \"k\";peers_identifier address 10.0.0.1;"), "3:29 W2524"},
      {rsa("peers_certfile plain_rsa \"k\";peers_identifier address 10.0.0.1;"), "4:83 E2511"},
      {"log info;remote 10.0.0.1 {exchange_mode main;verify_identifier on;peers_identifier address 10.0.0.1;\n"
       "certificate_type x509 \"a\" \"/k\";" +
           kRsa + "}",
       "2:18 E2515"},
      {remote("proposal {encryption_algorithm aes 250;}"), "3:36 E2502"},
      {remote("proposal {encryption_algorithm 3des 192;}"), "3:32 W2506, 3:37 E2502"},
      {remote("proposal {encryption_algorithm twofish 128;}"), "3:32 E2502"},
      {remote("proposal {gss_id \"x\";}"), "3:18 E2514"},
      {remote("proposal {encryption_algorithm aes;hash_algorithm md5 128;authentication_method rsaenc;dh_group 3;}"),
       "3:35 N2501, 3:51 W2506, 3:55 W2532, 3:81 W2520, 3:97 W2520"},
      {remote("proposal {dh_group 19;}"), "3:20 E2502"},
      {remote("proposal {dh_group ec2n155;}"), "3:20 E2502"},
  });
}

TEST_CASE("racoon.conf: sainfos") {
  check({
      {sainfo(kSides) + sainfo(kSides), "2:1 E2504"},
      {sainfo("address 10.0.0.1[80] tcp address 10.0.0.2 tcp") +
           sainfo("address 10.0.0.1[81] tcp address 10.0.0.2 tcp"),
       "2:1 E2504"},
      {sainfo("address 10.0.0.1 tcp address 10.0.0.2 tcp") + sainfo("address 10.0.0.1 udp address 10.0.0.2 udp"), ""},
      {sainfo("address 10.0.0.1/32 any address 10.0.0.2 any") + sainfo("subnet 10.0.0.1 any address 10.0.0.2 any"),
       "2:1 E2504"},
      {sainfo(kSides) + sainfo("address 10.0.0.1 any anonymous"), "2:1 E2504"},
      {sainfo("address 10.0.0.1 any anonymous") + sainfo(kSides), "2:1 E2504"},
      {sainfo(kSides) + sainfo(kSides + " from address 10.0.0.9"), "2:1 E2504"},
      {sainfo(kSides + " from address 10.0.0.8") + sainfo(kSides + " from address 10.0.0.9"), ""},
      {sainfo(kSides, "remoteid 1;") + sainfo(kSides, "remoteid 2;"), ""},
      {sainfo("anonymous") + sainfo("anonymous"), "2:1 W2527"},
      {sainfo("anonymous address 10.0.0.2 any") + sainfo("address 10.0.0.1 any anonymous"), "2:1 W2528"},
      {sainfo("anonymous clientaddr") + sainfo("anonymous"), ""},
      {sainfo("address 10.0.0.1 icmp6 address 10.0.0.2 any"), "1:25 E2513"},
      {sainfo("address ::1 icmp address ::2 any"), "1:20 E2513"},
      {sainfo("address 10.0.0.1[8] icmp address 10.0.0.2 any"), "1:28 E2513"},
      {sainfo("address 10.0.0.1[any] icmp address 10.0.0.2 any"), ""},
      {sainfo("address 10.0.0.1-10.0.0.9 any address 10.0.0.2 any"), ""},
      {sainfo("address 10.0.0.1-10.0.0.9/24 any address 10.0.0.2 any"), "1:16 W2523, 1:16 W2532"},
      {sainfo("address 10.0.0.1/24 any address 10.0.0.2 any"), "1:16 W2523"},
      {sainfo("address 10.0.0.1/64 any address 10.0.0.2 any"), "1:24 W2522"},
      {sainfo("fqdn \"a\" fqdn \"b\""), ""},
      {sainfo("fqdn 10.0.0.1 any address 10.0.0.2 any"), "1:8 W2505"},
      {sainfo("address \"10.0.0.1\" address 10.0.0.2 any"), "1:8 W2505"},
      {sainfo("address 10.0.0.1 any address 10.0.0.2"), "1:46 E2502"},
      {sainfo("anonymous group \"staff\""), ""},
      {sainfo("anonymous from fqdn \"a\""), ""},
      {"sainfo anonymous {encryption_algorithm aes 256;authentication_algorithm hmac_sha1;}", "1:1 E2503"},
      {"sainfo anonymous {encryption_algorithm null;authentication_algorithm non_auth;compression_algorithm lzs;}",
       "1:40 W2506, 1:70 W2506"},
      {"sainfo anonymous {encryption_algorithm aes 256,camellia 192;authentication_algorithm hmac_sha1,hmac_sha384;"
       "compression_algorithm deflate;pfs_group 5;}",
       "1:148 W2502"},
  });
}

TEST_CASE("racoon.conf: inherit") {
  const std::string parent =
      "path pre_shared_key \"/p\";path certificate \"/c\";log info;\nremote 10.0.0.9 {exchange_mode main;"
      "verify_identifier on;certificate_type plain_rsa \"own\";passive on;" +
      kRsa + "}\n";
  check({
      {parent + "remote 10.0.0.1 inherit 10.0.0.9 {peers_certfile plain_rsa \"a\";}\n"
                "remote 10.0.0.2 inherit 10.0.0.9 {peers_certfile plain_rsa \"b\";}\n",
       "3:1 W2511, 4:1 W2511, 4:1 W2515"},
      // The parent takes over the child's identifier, the child its parent's without its last letter.
      {parent + "remote 10.0.0.1 inherit 10.0.0.9 {peers_identifier fqdn \"zero\";}\n",
       "2:1 W2510, 3:1 W2510, 3:1 W2511, 3:1 W2516"},
      {parent + "remote 10.0.0.1 inherit 10.0.0.9 {peers_identifier address 10.0.0.1;}\n",
       "3:1 W2511, 3:1 W2516, 3:1 W2529"},
      {parent + "remote 10.0.0.1 inherit 10.0.0.9;\n", "2:1 W2529, 3:1 W2511, 3:1 W2529"},
      {parent + "remote 10.0.0.1 inherit 10.0.0.8;\n", "2:1 W2529, 3:1 E2507, 3:1 W2511"},
      {parent + "remote 10.0.0.1 inherit anonymous;\n", "2:1 W2529, 3:1 E2507, 3:1 W2511"},
      {parent + "remote 10.0.0.1 inherit 10.0.0.9 {certificate_type plain_rsa \"a\";}\n",
       "2:1 W2529, 3:1 E2505, 3:1 W2511, 3:1 W2529"},
  });
}

TEST_CASE("racoon.conf: what a child becomes") {
  DiagSink sink;
  const std::string text =
      "remote 10.0.0.9 {exchange_mode main;peers_identifier fqdn \"own\";dpd_delay 5;" + kRsa +
      "}\nremote 10.0.0.1 inherit 10.0.0.9 {peers_certfile plain_rsa \"/a\";peers_identifier fqdn \"zero\";}\n"
      "remote 10.0.0.2 inherit 10.0.0.9 [500] {peers_certfile plain_rsa \"/b\";dpd_delay 9;" +
      kProposal + "}\n";
  const racoon::ConfFile file = racoon::expand_inherit(racoon::parse_racoon_conf(FileId::None, text, sink), sink);
  REQUIRE(file.remotes.size() == 3);
  const racoon::Remote& first = file.remotes[1];
  const racoon::Remote& second = file.remotes[2];
  CHECK_FALSE(second.parent);
  CHECK(first[racoon::RemoteSetting::DpdDelay].number == 5);
  CHECK(second[racoon::RemoteSetting::DpdDelay].number == 9);
  REQUIRE(second.peers_certfiles.size() == 2);
  CHECK(second.peers_certfiles[0].file == "/a");
  CHECK(second.peers_certfiles[1].file == "/b");
  REQUIRE(second.peers_identifiers.size() == 2);
  CHECK(second.peers_identifiers[0].value == "ow");
  CHECK(second.peers_identifiers[1].value == "zer");
  CHECK(second.proposals.size() == 2);
  CHECK(second.proposals[0].authentication == "rsasig");
}

}  // namespace meshctl
