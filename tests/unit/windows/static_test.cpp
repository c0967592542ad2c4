// netsh ipsec static: the grammar of its help, with the examples that contradict it.
#include <doctest/doctest.h>

#include "backend/windows/static_file.hpp"

using namespace meshctl;
using namespace meshctl::windows;

namespace {

std::string static_faults(const std::string& text, ScriptKind kind = ScriptKind::NetshFile) {
  DiagSink sink;
  parse_static(FileId::None, text, kind, sink);
  std::string out;
  for (const Diag& diag : sink.take()) {
    out += std::string(diag.code) + " " + std::to_string(diag.where.line) + ":" + std::to_string(diag.where.col) + " ";
  }
  return out;
}

std::string policy(const std::string& methods) {
  return static_faults("ipsec static add policy name=\"p\" assign=no mmsecmethods=\"" + methods + "\"");
}
std::string action(const std::string& methods) {
  return static_faults("ipsec static add filteraction name=\"a\" action=negotiate qmsecmethods=\"" + methods + "\"");
}

}  // namespace

TEST_CASE("a whole policy") {
  CHECK(static_faults(
            "ipsec static add policy name=\"meshctl\" mmpfs=no activatedefaultrule=no assign=no "
            "mmsecmethods=\"3DES-SHA1-3 3DES-SHA1-2\"\n"
            "ipsec static add filterlist name=\"L1\"\n"
            "ipsec static add filter filterlist=\"L1\" srcaddr=me dstaddr=192.0.2.20 protocol=ANY mirrored=yes\n"
            "ipsec static add filteraction name=\"A1\" qmpfs=no inpass=no soft=no action=negotiate "
            "qmsecmethods=\"ESP[3DES,SHA1]:100000k/3600s\"\n"
            "ipsec static add rule name=\"R1\" policy=\"meshctl\" filterlist=\"L1\" filteraction=\"A1\" conntype=all "
            "activate=yes kerberos=no psk=\"EXAMPLE-ONLY\"\n"
            "ipsec static set policy name=\"meshctl\" assign=yes\n") == "");
  CHECK(static_faults("pushd ipsec static\nset store local\npopd\nexit\n") == "E2035 2:1 E2043 2:11 ");
  CHECK(static_faults("pushd ipsec static\nset store location=local\npopd\nexit\n") == "");
}

TEST_CASE("methods") {
  CHECK(policy("3DES-SHA1-3 3DES-MD5-2").find("W2022") == 0);
  CHECK(policy("3DES-SHA1-3") == "");
  for (const char* wrong :
       {"AES256-SHA1-3", "3DES-SHA1-4", "3DES-SHA1 DHGroup2;AES128-SHA256 DHGroup14", "3DES-SHA1"}) {
    CAPTURE(wrong);
    CHECK(policy(wrong).find("E2036") == 0);
  }
  for (const char* good :
       {"ESP[3DES,SHA1]", "ESP[3DES,SHA1]:3600s", "AH[SHA1]+ESP[3DES,None]:100000k/1000s", "ESP[None,SHA1]:100000k"}) {
    CAPTURE(good);
    CHECK(action(good) == "");
  }
  CHECK(action("AH[MD5]:204800k/300s ESP[DES,SHA1]:30000k/480s") == "W2022 1:1 ");
  for (const char* wrong :
       {"ESP[AES128,SHA1]", "ESP:3DES-SHA1", "ESP[None,None]", "ESP[3DES,SHA256]", "ESP[3DES,SHA1]:3600"}) {
    CAPTURE(wrong);
    CHECK(action(wrong).find("E2036") == 0);
  }
}

TEST_CASE("rules and filters") {
  const std::string rule = "ipsec static add rule name=r policy=p filterlist=l filteraction=a ";
  CHECK(static_faults(rule) == "E2045 1:1 ");
  CHECK(static_faults(rule + "psk=x") == "W2038 1:1 ");
  CHECK(static_faults(rule + "psk=x kerberos=no tunnel=no") == "E2036 1:92 ");
  CHECK(static_faults(rule + "kerberos=yes tunnel=192.0.2.1") == "");
  CHECK(static_faults(rule + "kerberos=y") == "E2036 1:76 ");
  CHECK(static_faults(rule + "kerb=yes") == "E2033 1:67 ");
  CHECK(static_faults("netsh ipsec static add rule name=r policy=p filterlist=l filteraction=a kerberos=no psk=x",
                      ScriptKind::Batch) == "W2035 1:89 ");
  const std::string filter = "ipsec static add filter filterlist=l srcaddr=me dstaddr=";
  CHECK(static_faults(filter + "192.0.2.1 dstport=80") == "E2047 1:1 ");
  CHECK(static_faults(filter + "192.0.2.1 dstport=80 protocol=tcp") == "");
  CHECK(static_faults(filter + "192.0.2.1-192.0.2.9 srcmask=255.255.255.0") == "");
  CHECK(static_faults(filter + "host.example.com") == "");
  CHECK(static_faults(filter + "2001:db8::1") == "");
  CHECK(static_faults(filter + "192.0.2.999") == "E2036 1:57 ");
  CHECK(static_faults("ipsec static add filteraction name=a action=permit qmsecmethods=\"ESP[3DES,SHA1]\"") ==
        "E2046 1:1 ");
  CHECK(static_faults("ipsec static delete all") == "W2033 1:1 ");
  CHECK(static_faults("advfirewall show store") == "E2032 1:1 ");
  CHECK(static_faults("ipsec static sing policy") == "E2032 1:1 ");
}
