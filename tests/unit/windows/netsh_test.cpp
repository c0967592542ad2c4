// Lines of netsh that are right, lines that are wrong, and where the fault is said to be.
#include <doctest/doctest.h>

#include "backend/check.hpp"
#include "unit/windows/kit.hpp"

using namespace meshctl;
using namespace meshctl::windows;
using windows_test::faults;
using windows_test::line_faults;

namespace {

const std::string kRule =
    "advfirewall consec add rule name=\"meshctl-1\" endpoint1=192.0.2.10 endpoint2=192.0.2.20 "
    "action=requireinrequireout ";

std::string with_quick(const std::string& proposal) {
  return line_faults(kRule + "auth1=computerkerb qmsecmethods=" + proposal);
}
std::string with_main(const std::string& proposal) {
  return line_faults("advfirewall set global mainmode mmsecmethods " + proposal);
}

}  // namespace

TEST_CASE("quick-mode proposals: the accepted ones") {
  for (const char* proposal :
       {"esp:sha256-aes256+60min+100000kb", "ah:sha256", "ah:aesgmac128+esp:aesgcm128-aesgcm128",
        "esp:sha1-none+5min+20480kb", "authnoencap:sha1,esp:sha1-aes128", "default", "ah:sha1+esp:sha1-aes128",
        "ah:sha1+esp:sha1-none", "esp:aesgmac256-none", "esp:aesgcm256-aesgcm256", "ah:aesgmac192+esp:aesgmac192-none",
        "esp:sha1-aes128+60min+100000kb,ah:sha1", "esp:aesgcm128-aesgcm128+400min+100000000kb"}) {
    CAPTURE(proposal);
    CHECK(with_quick(proposal) == "");
  }
}

TEST_CASE("quick-mode proposals: the refused ones") {
  for (const char* proposal : {"esp:sha384-aes256",
                               "esp:aesgcm128-aes128",
                               "esp:aesgcm256-aesgcm128",
                               "esp:aesgmac128-aes128",
                               "ah:aesgcm128",
                               "ah:sha1+esp:sha256-aes128",
                               "authnoencap:sha1",
                               "esp:sha1-aes128+4min+100000kb",
                               "esp:sha1-aes128+60min+20479kb",
                               "esp:sha1-aes128+2881min+100000kb",
                               "esp:aes128-sha1",
                               "ESP[3DES,SHA1]",
                               "esp:aesgcm128-none",
                               "esp:sha1-aes128+100000kb+60min",
                               "esp:sha1",
                               "esp:sha1-aes128+ah:sha1",
                               "",
                               "esp:sha1-aes128,",
                               "esp:sha512-aes256",
                               "ah:aesgmac128+esp:aesgcm256-aesgcm256",
                               "esp:sha1-aes128+60"}) {
    CAPTURE(proposal);
    CHECK(with_quick(proposal).find("E20") != std::string::npos);
  }
}

TEST_CASE("every combination of integrity and encryption is judged as the table says") {
  int good = 0;
  for (const auto& integrity : esp_integrity_words()) {
    for (const auto& encryption : esp_encryption_words()) {
      QuickProposal esp;
      esp.esp = {integrity.value, encryption.value};
      good += why_bad_combination(esp).empty() ? 1 : 0;
      for (const auto& ah : ah_words()) {
        QuickProposal both = esp;
        both.ah = ah.value;
        good += why_bad_combination(both).empty() ? 1 : 0;
      }
    }
  }
  // ESP: 6 with none, 3 x 5 with a CBC cipher, 3 GCM. AH+ESP: the first 21 with their own integrity, 3 combined.
  CHECK(good == 24 + 24);
}

TEST_CASE("main-mode proposals") {
  for (const char* proposal : {"ecdhp384:aes256-sha384", "dhgroup14:aes256-sha256", "dhgroup2:3des-sha1", "default",
                               "dhgroup14:aes256-sha256,dhgroup14:aes128-sha1", "dhgroup24:aes192-sha256"}) {
    CAPTURE(proposal);
    CHECK(with_main(proposal) == "");
  }
  for (const char* proposal : {"dhgroup5:aes128-sha1", "dhgroup14-aes256-sha256", "dhgroup14:aesgcm256-sha256",
                               "dhgroup14:aes256-sha512", "dhgroup14:aes256-sha256, dhgroup14:aes128-sha1",
                               "dhgroup14:aes256-sha256,dhgroup2:aes128-sha1", "dhgroup1:3des-sha256, 3des-sha384"}) {
    CAPTURE(proposal);
    CHECK(with_main(proposal).find("E20") == 0);
  }
  CHECK(with_main("dhgroup1:des-md5").find("W2022 1:46 [W22]") == 0);
}

TEST_CASE("public lines that work are accepted") {
  CHECK(line_faults("advfirewall consec add rule name=\"lab\" endpoint1=any endpoint2=192.0.2.0/24 "
                    "action=requestinrequestout auth1=computerkerb,anonymous auth2=userkerb") == "");
  CHECK(line_faults("advfirewall mainmode add rule name=\"MyMainmodeRule\" auth1=computerkerb") == "");
  CHECK(line_faults("advfirewall consec add rule name=\"t\" endpoint1=192.0.2.1 endpoint2=192.0.2.2 "
                    "action=requireinclearout mode=tunnel localtunnelendpoint=any remotetunnelendpoint=192.0.2.9 "
                    "protocol=any auth1=computercert auth1ca=\"C=US, O=MSFT, CN=\\'Microsoft North, South\\' "
                    "certmapping:yes catype:intermediate\" applyauthz=yes") == "");
  CHECK(line_faults("advfirewall consec add rule name=dhcp endpoint1=dhcp,localsubnet "
                    "endpoint2=192.0.2.0/255.255.255.0,2001:db8::1-2001:db8::9 action=noauthentication port1=1-1024 "
                    "protocol=tcp") == "");
  CHECK(line_faults("advfirewall set global ipsec defaultexemptions neighbordiscovery,dhcp") == "");
  CHECK(line_faults("advfirewall consec set rule name=a new endpoint2=192.0.2.3") == "");
  CHECK(line_faults("advfirewall consec delete rule name=a protocol=tcp port1=80") == "");
  CHECK(line_faults("# a comment\nadvfirewall consec show rule name=all verbose") == "");
  CHECK(line_faults("advfirewall export \"C:\\ProgramData\\x.wfw\"") == "");
}

TEST_CASE("places and rule names of faults") {
  CHECK(line_faults(kRule + "auth1=computerkerb protocol=tcp port1=80-90") ==
        "E2007 1:153 [W07] a range of ports is for action=noauthentication only\n");
  CHECK(line_faults("advfirewall consec add rule name=a endpoint1=any endpoint1=any endpoint2=any "
                    "action=noauthentication") == "E2034 1:50 'endpoint1' is given twice\n");
  CHECK(line_faults("advfirewall consec del rule name=a") == "E2032 1:1 netsh advfirewall has no such command\n");
  CHECK(line_faults("advfirewall consec show rule all") ==
        "E2035 1:1 name= is missing\nE2043 1:30 'all' is not of the form key=value\n");
  CHECK(line_faults("advfirewall dump") == "E2032 1:1 netsh advfirewall has no such command\n");
  CHECK(line_faults(kRule + "desc=x") == "E2033 1:115 there is no parameter 'desc' here\n");
  CHECK(line_faults("advfirewall consec add rule name = a").find("E2043 1:34 a blank before '='") == 0);
  CHECK(line_faults("advfirewall set global mainmode mmsecmethods=default").find("E2043") == 0);
  CHECK(line_faults("advfirewall set global mainmode mmkeylifetime 480min,0sess mmforcedh yes").find("E2032") == 0);
  CHECK(line_faults(kRule + "auth1=computerkerb protocol=icmpv4:8,0").find("E2036") == 0);
}

TEST_CASE("batch files: what cmd takes apart in its own way is refused") {
  const std::string good = "@echo off\r\nnetsh advfirewall consec delete rule name=\"a\" >nul 2>&1\r\n";
  CHECK(faults(good) == "");
  CHECK(faults("netsh advfirewall reset") == "");  // a single line has nobody who could look
  CHECK(faults("\xef\xbb\xbf" + good).find("E2030 1:1 ") == 0);
  CHECK(faults("@echo off\nexit /b 0\n").find("W2030 1:1 ") == 0);
  CHECK(faults("netsh advfirewall reset\r\necho done\r\n").find("W2031 1:7 ") == 0);
  CHECK(faults("netsh advfirewall reset\r\nif errorlevel 1 goto end\r\n:end\r\n") == "");
  CHECK(faults("netsh advfirewall reset\r\nif errorlevel 1 goto gone\r\n").find("E2041 2:22 ") == 0);
  CHECK(faults("netsh advfirewall reset || exit /b 1\r\n").find("W2034 1:25 ") != std::string::npos);
  CHECK(faults("netsh advfirewall export \"a\r\n").find("E2031 1:26 ") == 0);
  CHECK(faults("netsh advfirewall export \"C:\\x\\\" >nul 2>&1\r\n").find("E2031 1:31 ") == 0);
  CHECK(faults("netsh advfirewall export 5%\r\n").find("E2031 1:27 ") == 0);
  CHECK(faults("netsh advfirewall export a^b\r\n").find("E2031 1:27 ") == 0);
  CHECK(faults("powershell -c x\r\n").find("W2040 1:1 ") == 0);
  CHECK(faults("netsh advfirewall reset " + std::string(8200, ' ') + "\r\n").find("E2039 1:1 ") == 0);
  CHECK(faults("netsh advfirewall consec add rule name=a ^\r\n endpoint1=any endpoint2=any "
               "action=noauthentication >nul 2>&1\r\n") == "N2030 1:42 a command that goes on in the next line\n");
  CHECK(faults("netsh advfirewall consec add rule name=a endpoint1=any endpoint2=192.0.2.1 "
               "action=requireinrequireout auth1=computerpsk auth1psk=secret >nul 2>&1\r\n")
            .find("W2035 1:") == 0);
  CHECK(faults("netsh advfirewall consec delete rule name=all >nul 2>&1\r\n").find("W2033 1:43 ") == 0);
}

TEST_CASE("an exemption that lets whoever sends from one port reach every port") {
  const auto codes = [](const std::string& text, Format format) {
    Sources sources;
    std::string out;
    for (const Diag& diag : check_file("f", text, format, sources)) {
      if (diag.severity != Severity::Note) out += std::string(diag.code) + " ";
    }
    return out;
  };
  const auto rule = [&](const std::string& rest) {
    return codes("netsh advfirewall consec add rule name=a action=noauthentication protocol=tcp " + rest +
                     " >nul 2>&1\r\nif not \"%errorlevel%\"==\"0\" exit /b 1\r\n",
                 Format::Netsh);
  };
  CHECK(rule("endpoint1=any endpoint2=any port1=22 port2=any") == "W2041 ");
  CHECK(rule("endpoint1=any endpoint2=any port1=any port2=22") == "W2041 ");
  CHECK(rule("endpoint1=192.0.2.1 endpoint2=any port1=any port2=22") == "W2041 ");
  CHECK(rule("endpoint1=192.0.2.1 endpoint2=any port1=22 port2=any").empty());
  CHECK(rule("endpoint1=192.0.2.1 endpoint2=16.0.0.0/4 port1=any port2=22") == "W2041 ");
  CHECK(rule("endpoint1=192.0.2.1 endpoint2=198.51.100.1,11.0.0.0-12.255.255.255 port1=any port2=22") == "W2041 ");
  CHECK(rule("endpoint1=2001:db8::1 endpoint2=2000::/3 port1=any port2=22") == "W2041 ");
  CHECK(rule("endpoint1=192.0.2.1 endpoint2=10.0.0.0/8 port1=any port2=22").empty());
  CHECK(rule("endpoint1=2001:db8::1 endpoint2=2001::/16 port1=any port2=22").empty());
  CHECK(rule("endpoint1=192.0.2.1 endpoint2=192.0.2.2 port1=any port2=22").empty());
  CHECK(rule("endpoint1=any endpoint2=any port1=500 port2=500").empty());
  const auto cmdlet = [&](const std::string& rest) {
    return codes(
        "New-NetIPsecRule -DisplayName 'a' -InboundSecurity None -OutboundSecurity None -Protocol TCP " + rest + "\r\n",
        Format::Powershell);
  };
  CHECK(cmdlet("-RemotePort 22").find("W2041") != std::string::npos);
  CHECK(cmdlet("-LocalPort 22").find("W2041") == std::string::npos);
}

TEST_CASE("a percent sign is doubled in a batch file and single in a netsh file") {
  DiagSink sink;
  const std::string batch =
      "netsh advfirewall consec add rule name=\"100%%\" endpoint1=any endpoint2=any action=noauthentication >nul "
      "2>&1\r\n";
  const NetshFile file = parse_netsh(FileId::None, batch, ScriptKind::Batch, sink);
  REQUIRE(file.rules.size() == 1);
  CHECK(file.rules[0].rule.name == "100%");
  CHECK(line_faults("advfirewall consec delete rule name=\"100%\"") == "");
}
