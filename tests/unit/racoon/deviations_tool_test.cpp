// racoon-tool.conf: what Debian's racoon-tool refuses, leaves out, or hands on to a racoon that refuses it.
#include <doctest/doctest.h>

#include "backend/racoon/racoon_tool_file.hpp"
#include "unit/racoon/deviations.hpp"

namespace meshctl {
namespace {

using racoon_test::check;

/// A connection without a fault but what `more` brings along; its own lines begin at 8.
std::string connection(std::string_view more) {
  return "connection(a-b):\n\tsrc_ip: 10.0.0.1\n\tdst_ip: 10.0.0.2\n\tadmin_status: enabled\n"
         "\tpfs_group: modp3072\n\tencryption_algorithm: aes\n\tauthentication_algorithm: hmac_sha1\n" +
         std::string(more) +
         "\npeer(10.0.0.2):\n\thash_algorithm[0]: sha256\n\tencryption_algorithm[0]: aes\n\tdh_group[0]: modp3072\n";
}
std::string peer(std::string_view more) { return connection("") + "\t" + std::string(more) + "\n"; }

}  // namespace

TEST_CASE("racoon-tool.conf: accepted in silence") {
  check(
      Format::RacoonTool,
      {
          {connection(""), ""},
          {"global:\n\tlog: notify  # comment\n\tlisten[0]: 10.0.0.1 [500]\n\tlisten[a]: 2001:db8::1\n\tprivsep: yes\n"
           "\tpath_pre_shared_key: \"/etc/racoon/psk.txt\"\n\tcomplex_bundle: on\n\tracoon_command: /usr/sbin/racoon "
           "-f x\n",
           ""},
          {connection("\tsrc_range: 10.1.0.0/16\n\tdst_range: 10.2.0.0/16[443]\n\tmode: tunnel\n\tupperspec: tcp\n"
                      "\tsrc_port[web]: [80]\n\tdst_port[web]: 443\n\tlevel[web]: require\n\tlifetime: time 20 min\n"
                      "\tcompression: no\n\tid_type: subnet\n"),
           ""},
          {peer("my_identifier: fqdn a.example\n\tpeers_identifier: address 10.0.0.2\n\tcertificate_type: x509 a.pem "
                "\"a.key\"\n"
                "\tnat_traversal: force\n\tnonce_size: 16\n\tproposal_check: strict\n\texchange_mode: "
                "main\n\tlifetime: time 8 hours"),
           ""},
          {connection("\tspdadd_template: mine\n") +
               "spdadd(mine): spdadd ___src_range___ ___dst_range___ any -P out discard;\n",
           ""},
      });
}

TEST_CASE("racoon-tool.conf: refused, left out, or of no use") {
  check(Format::RacoonTool,
        {
            {connection("\tsrc_prot: 1\n"), "8:2 E2902"},
            {connection("\tlevel: unique:1\n"), "8:9 E2903"},
            {connection("\tmode: beet\n"), "8:8 E2903"},
            {connection("\tencryption_algorithm: aes,3des\n"), "8:27 W2901"},
            {connection("\tencryption_algorithm: aes 3des\n"), "1:1 W2907, 8:2 W2903, 8:24 W2906"},
            {connection("\tlifetime: 20 min\n"), "8:12 E2903"},
            {connection("\tsrc_port: 80\n"), "8:2 E2902"},
            {connection("\tsrc_port[a]: http\n"), "8:15 W2905"},
            {connection("\tsrc_port[a]: htpt\n"), "8:15 E2903"},
            {connection("\tupperspec: eigrp\n"), "8:13 W2905"},
            {connection("\tupperspec: tpc\n"), "8:13 E2903"},
            {connection("\tsrc_range: 10.0.0.1/24\n"), "8:13 W2904"},
            {connection("\tdst_range: 2001:db8::/32\n"), "1:1 E2905"},
            {connection("\tsainfo_template: none\n"), "1:1 W2908"},
            {connection("\tsrc_ip: 10.0.0.3\n"), "8:2 W2903"},
            {"connection(a b):\n", "1:1 E2901"},
            {"peer(host.example):\n", "1:1 E2901"},
            {"peer(::1):\n", "1:1 E2901"},
            {"connection(x):\n\tsrc_ip: 10.0.0.1\n", "1:1 E2904"},
            {"connection(x):\n\tsrc_ip: 10.0.0.1\n\tdst_ip: 10.0.0.2\n", "1:1 N2902, 1:1 W2907, 1:1 W2907"},
            {"src_ip: 10.0.0.1\n", "1:1 W2902"},
            {"global:\n\tlgo: notify\n", "2:2 W2902"},
            {"global:\n\tlog: info\n", "2:7 E2903"},
            {"global:\n\tlisten: 10.0.0.1\n", "2:2 W2902"},
            {"global:\nglobal:\n", ""},
            {peer("exchange_mode: main,base"), "13:21 W2901"},
            {peer("verify_cert: yes"), "13:15 E2903"},
            {peer("my_identifier: keyid tag"), "13:17 E2903"},
            {peer("certificate_type: plain_rsa a"), "13:20 E2903"},
            {peer("peers_certfile: plain_rsa"), "13:18 W2906"},
            {peer("support_mip6: on"), "13:16 W2906"},
            {peer("dh_group[1]: modp1024"), "9:1 W2907, 9:1 W2907"},
            {connection("") + "connection(A-B):\n", "13:1 N2901"},
        });
}

TEST_CASE("racoon-tool.conf: %default and racoon-tool's own defaults") {
  DiagSink sink;
  const racoon::ToolFile file = racoon::expand_racoon_tool(
      racoon::parse_racoon_tool(FileId::None,
                                "peer(%default):\n\thash_algorithm[0]: sha256\n\tverify_identifier: on\n"
                                "connection(%default):\n\tsrc_ip: 10.0.0.1\n\tadmin_status: yes\n"
                                "connection(web):\n\tdst_ip: 10.0.0.2\n\tdst_range: 10.2.0.0/16\n\tsrc_port[x]: 80\n"
                                "connection(mail):\n\tdst_ip: 10.0.0.3\n\tadmin_status: no\n"
                                "peer(10.0.0.2):\n\tdh_group[1]: 14\n",
                                sink));
  CHECK(sink.ok());
  REQUIRE((file.connections.size() == 2 && file.peers.size() == 2));
  const racoon::ToolConnection& web = file.connections[0];
  CHECK(web.src_ip->text() == "10.0.0.1");
  CHECK(web.mode == "tunnel");
  CHECK(web.level == "unique");
  CHECK(*web.pfs_group == 2);
  CHECK(*web.admin_status);
  REQUIRE(web.rules.size() == 1);
  CHECK(*web.rules[0].src_port == 80);
  CHECK(*web.rules[0].dst_port == 0);
  CHECK(web.rules[0].policy == "ipsec");
  CHECK(file.connections[1].mode == "transport");
  CHECK_FALSE(*file.connections[1].admin_status);
  const racoon::ToolPeer& first = file.peers[0];
  CHECK(*first.verify_identifier);
  REQUIRE(first.proposals.size() == 2);
  CHECK(first.proposals[0].group == 14);
  CHECK(first.proposals[0].hash == "sha256");
  CHECK(first.proposals[0].encryption == "3des");
  CHECK(first.proposals[1].group == 2);
  CHECK(file.peers[1].name == "10.0.0.3");
}

}  // namespace meshctl
