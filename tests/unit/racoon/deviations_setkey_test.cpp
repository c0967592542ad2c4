// setkey: what it or the Linux kernel refuses, what they take in another sense, and what is only not our form.
#include <doctest/doctest.h>

#include "backend/racoon/setkey_file.hpp"
#include "unit/racoon/deviations.hpp"

namespace meshctl {
namespace {

using racoon_test::check;

const std::string kEnds = "10.0.0.1 10.0.0.2 ";
std::string policy(std::string_view behind) { return "spdupdate " + kEnds + "any -P out " + std::string(behind) + ";"; }
std::string sa(std::string_view behind) { return "add " + kEnds + std::string(behind) + ";"; }
const std::string kEnc = "-E aes-cbc 0x" + std::string(64, 'a');
const std::string kAuth = " -A hmac-sha512 0x" + std::string(128, 'b');

}  // namespace

TEST_CASE("setkey: lexical deviations") {
  check(Format::Setkey, {
                            {"flush;\r\n", "1:1 W2412, 1:7 E2401"},
                            {"\xef\xbb\xbf"
                             "dump;",
                             "1:1 E2401"},
                            {"dump", "1:5 E2402"},
                            {"# c\ndump esp; # d\n", ""},
                            {"spdupdate 10.0.0.1 10.0.0.2 any -P out # c\nnone;", "1:40 E2401"},
                            {"// c\ndump;", "1:1 E2402"},
                            {"update 10.0.0.1;", "1:1 E2402"},
                            {"exit;\nfoo;", "2:1 W2426"},
                            {"dump esp;spddump;get 10.0.0.1 10.0.0.2 ah 256;getspi 10.0.0.1 10.0.0.2 esp 256;", ""},
                            {"dump foo;", "1:6 E2402"},
                        });
}

TEST_CASE("setkey: policies") {
  check(Format::Setkey,
        {
            {policy("prio def + 100 ipsec esp/transport//require"), ""},
            {policy(""), "1:1 N2401, 1:33 W2402"},
            {policy("prio def ipsec"), "1:33 W2403"},
            {policy("prio def bypass"), "1:49 E2403"},
            {policy("prio + 10 none"), "1:45 E2403"},
            {policy("prio def ipsec esp/tunnel//require"), "1:55 E2403"},
            {policy("prio def ipsec esp/transport//unique:20000"), "1:1 N2401, 1:70 W2405"},
            {policy("prio def ipsec esp/transport//unique:0"), "1:1 N2401, 1:70 W2405"},
            {policy("prio def ipsec esp/transport/10.0.0.1-10.0.0.2/require"), "1:55 W2406"},
            {policy("prio def none esp/transport//require"), "1:33 W2404"},
            {"spdadd 10.0.0.1 ::1 any -P out prio def none;", "1:1 E2402"},
            {"spdadd 10.0.0.1/33 10.0.0.2 any -P out prio def none;", "1:17 E2402"},
            {"spdupdate 10.0.0.1/24 10.0.0.2 any -P in prio def none;", "1:11 W2409"},
            {"spdupdate ::1 ::2 icmp6 135 -P out prio def none;", "1:25 E2402"},
            {"spdupdate ::1 ::2 icmp6 135, -P out prio def none;", "1:25 E2402"},
            {"spdupdate 10.0.0.1 10.0.0.2 gre 1234 -P out prio def none;", "1:33 E2402"},
            {"spdupdate 10.0.0.1 10.0.0.2 gre 1.2.3.4 -P out prio def none;", ""},
            {"spdupdate 10.0.0.1 10.0.0.2 esp -P out prio def none;", "1:29 E2402"},
            {"spdupdate 10.0.0.1[http] 10.0.0.2 tcp -P out prio def none;", "1:20 W2407"},
            {"spdupdate host.example 10.0.0.2 tcp -P out prio def none;", "1:11 W2408"},
            {"spdadd tagged \"x\" -P out none;", "1:8 E2402"},
            {"spdupdate 10.0.0.1 10.0.0.2 any -P fwd prio def none;", "1:1 W2411"},
            {"spdupdate 10.0.0.1 10.0.0.2 any -ctx 1 1 \"l\" -P out prio def none;", ""},
            {"spdupdate 0.0.0.0/0[22] 0.0.0.0/0 tcp -P in prio def none;", "1:1 W2429"},
            {"spdupdate 0.0.0.0/0[22] 10.0.0.1 tcp -P in prio def ipsec;", "1:1 W2429, 1:38 W2403"},
            {"spdupdate 64.0.0.0/2[53] 10.0.0.1 udp -P in prio def none;", "1:1 N2401, 1:1 W2429"},
            {"spdupdate ::/0[53] ::1 udp -P in prio def none;", "1:1 N2401, 1:1 W2429"},
            {"spdupdate 0.0.0.0/0[22] 0.0.0.0/0[22] tcp -P in prio def none;", ""},
            {"spdupdate 0.0.0.0/0 0.0.0.0/0[22] tcp -P in prio def none;", ""},
            {"spdupdate 0.0.0.0/0[22] 0.0.0.0/0 tcp -P in prio def discard;", ""},
            {"spdupdate 10.0.0.0/8[22] 10.0.0.1 tcp -P in prio def none;", ""},
            {"spdupdate 0.0.0.0/0[22] 0.0.0.0/0 tcp -P out prio def none;", ""},
            {"spdflush;", "1:1 W2412"},
            {policy("prio def + 400 400 none"), "1:55 E2403"},
            {policy("prio 2147483648 none"), "1:1 N2401"},
            {policy("prio - 2147483648 none"), "1:47 E2403"},
            {policy("prio def ipsec esp/transport//"), "1:69 E2403"},
            {policy("prio def ipsec esp/transport/ esp/transport"), "1:1 N2401"},
            {policy("prio def ipsec esp / transport / / require"), "1:1 N2401"},
            {policy("prio def ipsec esp/tunnel/10.0.0.1[500]-10.0.0.2[4500]/use"), "1:1 N2401"},
            {policy("prio def ipsec esp/tunnel/10.0.0.1[500]-10.0.0.2/use"), "1:88 E2403"},
            {policy("prio def ipsec esp/tunnel/10.0.0.1-10.0.0.2 4500/use"), "1:84 E2403"},
            {policy("prio def ipsec esp/tunnel/10.0.0.1[500]-10.0.0.2[4500/use"), "1:88 W2427, 1:89 E2403"},
            {policy("prio def ipsec esp/tunnel/def-10.0.0.2/use"), "1:66 E2403"},
            {"spddelete 10.0.0.1 10.0.0.2 any -P in tunnel;", "1:39 E2403, 1:39 W2404"},
            {"spddelete 10.0.0.1 10.0.0.2 any -P in none;", "1:1 N2401, 1:1 W2415, 1:39 W2404"},
            {"spdadd tunnel 10.0.0.2 any -P out none;", "1:8 E2402"},
            {"spdadd 10.0.0.1 in any -P out none;", "1:17 W2408"},
            {"spdadd 10.0.0.1 10.0.0.2 udp udp -P out none;", "1:30 E2402"},
            {"spdadd 10.0.0.1 10.0.0.2 udp 53 -P out none;", "1:30 E2402"},
            {"spdadd 0x0a000001 10.0.0.2 any -P out none;", "1:8 E2402"},
            {"spdadd 10.0.0.1 10.0.0.2 deflate -P out none;", "1:26 E2402"},
            {"spdadd 10.0.0.0 / 8 [ 22 ] 10.0.0.2 tcp -P out prio def none;", "1:1 N2401"},
            {"spdadd 10.0.0.1[22 10.0.0.2 tcp -P out none;", "1:20 E2402"},
            {"spdadd 10.0.0.1[tcp] 10.0.0.2 tcp -P out none;", "1:17 E2402"},
        });
}

TEST_CASE("setkey: policies that meet others") {
  const std::string host = policy("prio def ipsec esp/transport//require");
  check(Format::Setkey,
        {
            {"spdadd 10.0.0.1 10.0.0.2 any -P out prio def none;\nspdadd 10.0.0.1 10.0.0.2 any -P out prio low none;",
             "1:1 N2401, 2:1 E2404, 2:1 N2401"},
            {host + "\n" + host, "2:1 W2414"},
            {host + "\nspddelete 10.0.0.1 10.0.0.2 any -P out;\n" + host, ""},
            {host + "\nspdupdate 10.0.0.0/24 10.0.0.2 any -P out prio def discard;", "2:1 W2413"},
            {host + "\nspdupdate 10.0.0.1 10.0.0.2 tcp -P out prio def none;", "2:1 W2413"},
            {host + "\nspdupdate 10.0.0.1 10.0.0.2 tcp -P out prio def + 1 none;", ""},
            {host + "\nspdupdate 10.0.0.0/24 10.0.0.2 any -P in prio def discard;", ""},
        });
}

// setkey makes a fwd policy of every 'in' policy; of two for the same packets the kernel refuses the second.
TEST_CASE("setkey: fwd policies beside 'in' policies") {
  const std::string in = "spdadd " + kEnds + "any -P in prio def none;\n";
  const std::string fwd = "spdadd " + kEnds + "any -P fwd prio def none;\n";
  const std::string update_in = "spdupdate " + kEnds + "any -P in prio def none;\n";
  const std::string update_fwd = "spdupdate " + kEnds + "any -P fwd prio def none;\n";
  const std::string note = ", 2:1 N2401";
  check(Format::Setkey, {
                            {in + fwd, "1:1 N2401, 2:1 E2404" + note},
                            {fwd + in, "1:1 N2401, 2:1 E2404" + note},
                            {in + update_fwd, "1:1 N2401, 2:1 W2414"},
                            {update_fwd + update_in, "2:1 W2414"},
                            {update_fwd, "1:1 W2411"},
                            {update_fwd + "spdupdate " + kEnds + "tcp -P in prio def + 1 none;", "1:1 W2411"},
                            {update_fwd + "spddelete " + kEnds + "any -P fwd;", ""},
                            {in + "spddelete " + kEnds + "any -P in;\n" + update_fwd, "1:1 N2401, 3:1 W2411"},
                            {in + "spddelete " + kEnds + "any -P fwd;\n" + update_fwd, "1:1 N2401"},
                        });
}

TEST_CASE("setkey: a delete of what is not there") {
  const std::string add = policy("prio def + 100 ipsec esp/transport//require") + "\n";
  const std::string state = sa("esp 256 " + kEnc + kAuth) + "\n";
  const std::string gone = "delete " + kEnds + "esp 256;";
  check(Format::Setkey, {
                            {add + "spddelete " + kEnds + "any -P out;", ""},
                            {add + "spddelete " + kEnds + "tcp -P out;", "2:1 W2415"},
                            {add + "spddelete " + kEnds + "any -P in;", "2:1 W2415"},
                            {add + "spdflush;\nspddelete " + kEnds + "any -P out;", "2:1 W2412, 3:1 W2415"},
                            {"spddelete host.example 10.0.0.2 any -P out;", "1:11 W2408"},
                            {state + gone, ""},
                            {gone, "1:1 W2415"},
                            {state + "flush ah;" + gone, "2:1 W2412"},
                            {state + "flush esp;" + gone, "2:1 W2412, 2:11 W2415"},
                            {state + "deleteall 10.0.0.9 10.0.0.2 esp;" + gone, ""},
                            {state + "deleteall 10.0.0.1 10.0.0.2 esp;" + gone, "2:33 W2415"},
                        });
}

// IANA's names are looked up on the host; what no table has stops setkey everywhere.
TEST_CASE("setkey: names of services and protocols") {
  const std::string behind = " -P out prio def none;";
  check(Format::Setkey,
        {
            {"spdupdate 10.0.0.1[ssh] 10.0.0.2 tcp" + behind, "1:20 W2407"},
            {"spdupdate 10.0.0.1 10.0.0.2[postgresql] tcp" + behind, "1:29 W2407"},
            {"spdupdate 10.0.0.1[sshh] 10.0.0.2 tcp" + behind, "1:20 E2405"},
            {"spdupdate 10.0.0.1[SSH] 10.0.0.2 tcp" + behind, "1:20 E2405"},
            {"spdupdate 10.0.0.1 10.0.0.2 eigrp" + behind, "1:29 W2410"},
            {"spdupdate 10.0.0.1 10.0.0.2 UDP" + behind, "1:29 W2410"},
            {"spdupdate 10.0.0.1 10.0.0.2 ospf" + behind, "1:1 N2401"},
            {"spdupdate 10.0.0.1 10.0.0.2 tpc" + behind, "1:29 E2405"},
            {"add 10.0.0.1[ipsec-nat-t] 10.0.0.2[nat-t] esp-udp 256 " + kEnc + kAuth + ";", "1:14 W2407, 1:36 E2405"},
        });
}

TEST_CASE("setkey: a line that goes on, a missing semicolon, a script that is one comment") {
  const std::string second = "spdadd 10.0.0.2 10.0.0.1 any -P in none;";
  check(Format::Setkey,
        {
            {"spdadd 10.0.0.1 10.0.0.2 any -P out ipsec \\\n  esp/transport//require;", "1:43 E2401"},
            {"spdadd 10.0.0.1 \\\n  10.0.0.2 any -P out none;", "1:17 E2401"},
            {sa("esp 256 " + kEnc + kAuth + "\nadd 10.0.0.2 10.0.0.1 esp 256 " + kEnc + kAuth), "2:1 E2402"},
            {"spdadd 10.0.0.1 10.0.0.2 any -P out none\n" + second, "2:1 E2403"},
            {"#!/usr/sbin/setkey -fflush;spdflush;spdadd 192.0.2.1 192.0.2.2 any -P out none;\n", "1:1 W2428"},
            {"# policies\n# add 10.0.0.1 10.0.0.2 esp 256 -E null;\n", "2:1 W2428"},
            {"# add your policies here; one a line\n", ""},
            {"# spdflush;\ndump;\n", ""},
        });
}

TEST_CASE("setkey: manual SAs") {
  check(
      Format::Setkey,
      {
          {sa("esp 256 -m transport -r 64 -lh 3600 -ls 3000 -u 7 " + kEnc + kAuth), ""},
          {sa("esp 256 " + kEnc), "1:1 W2422"},
          {sa("esp 256" + kAuth), "1:1 W2425"},
          {sa("esp 255 " + kEnc + kAuth), "1:1 W2421"},
          {sa("esp 0x100000000 " + kEnc + kAuth), "1:1 W2421, 1:27 W2424"},
          {sa("esp 4294967296 " + kEnc + kAuth), "1:1 W2421, 1:27 W2424"},
          {sa("esp 256 -E aes-cbc 0x" + std::string(40, 'a') + kAuth), "1:42 E2402"},
          {sa("esp 256 -E aes-cbc 0x" + std::string(63, 'a') + kAuth), "1:42 W2420"},
          {sa("esp 256 -E aes-gcm 0x00" + kAuth), "1:34 E2402"},
          {sa("esp 256 -E simple" + kAuth), "1:1 W2425, 1:34 W2423"},
          {sa("ah 256 -A hmac-md5 \"0123456789abcdef\""), "1:1 W2423"},
          {sa("ah 256 -A keyed-md5 0x00"), "1:33 E2402"},
          {sa("esp 256 " + kEnc + kAuth + " -m tunnel"), "1:255 E2402"},
          {sa("ipcomp 5 -C deflate -R"), "1:1 W2421"},
          {sa("ipcomp 500 -C lzs"), "1:37 E2402"},
          {"add 10.0.0.0/24 10.0.0.2 esp 256 " + kEnc + kAuth + ";", "1:13 E2402"},
          {"add 10.0.0.1[4500] 10.0.0.2[4500] esp-udp 192.168.0.2 256 -f zero-pad " + kEnc + kAuth + ";", ""},
          {sa("esp 256 " + kEnc + kAuth) + "\n" + sa("esp 256 " + kEnc + kAuth), "2:1 E2404"},
          // The kernel asks for destination, protocol and SPI alone.
          {sa("esp 256 " + kEnc + kAuth) + "\nadd 10.0.0.9 10.0.0.2 esp 256 " + kEnc + kAuth + ";", "2:1 E2404"},
          {sa("esp 256 " + kEnc + kAuth) + "\n" + sa("esp-udp 256 " + kEnc + kAuth), "2:1 E2404"},
          {sa("esp 256 " + kEnc + kAuth) + "\n" + sa("ah 256" + kAuth), ""},
          {sa("esp 256 " + kEnc + kAuth) + "\nadd 10.0.0.1 10.0.0.9 esp 256 " + kEnc + kAuth + ";", ""},
          {sa("esp 256 " + kEnc + kAuth) + "\ndelete 10.0.0.1 10.0.0.2 esp 256;\n" + sa("esp 256 " + kEnc + kAuth), ""},
          {"deleteall 10.0.0.1[5] 10.0.0.2 esp;", "1:19 E2402"},
      });
}

TEST_CASE("setkey: values of the rare parts") {
  DiagSink sink;
  const racoon::SetkeyFile file = racoon::parse_setkey(
      FileId::None,
      "spdupdate 10.0.0.1 10.0.0.2 gre 1.2.3.4 -ctx 1 2 \"label\" -P out prio def none;\n"
      "spdupdate fe80::1%eth0 fe80::2%eth1 any -P out prio def none;\nflush esp;\n"
      "add 10.0.0.1 10.0.0.2 esp-udp 192.168.0.2 0x1000 -u 7 -bh 100 -bs 90 -f seq-pad -E null -A hmac-sha1 "
      "\"0123456789abcdefghij\";",
      sink);
  CHECK(sink.ok());
  REQUIRE((file.commands.size() == 4 && file.extras.size() == 2 && file.sas.size() == 1));
  CHECK(*file.extras[0].gre_key == 0x01020304);
  CHECK(file.extras[0].context->label == "label");
  CHECK(file.commands[1].extra == 2);
  CHECK(file.extras[1].zone_source == "eth0");
  CHECK(file.extras[1].zone_destination == "eth1");
  CHECK(file.commands[2].protocol == "esp");
  const racoon::SetkeySa& one = file.sas[0];
  CHECK(one.spi == 0x1000);
  CHECK(one.request_id == 7);
  CHECK((one.hard_bytes == 100 && one.soft_bytes == 90));
  CHECK(one.padding == "seq-pad");
  CHECK(one.original->text() == "192.168.0.2");
  CHECK(one.authentication_key.reveal() == "0123456789abcdefghij");
}

}  // namespace meshctl
