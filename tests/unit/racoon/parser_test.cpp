// The three grades of the parsers, and the texts of their diagnostics.
#include <doctest/doctest.h>

#include "backend/check.hpp"

namespace meshctl {
namespace {

std::string said(Format format, std::string_view content) {
  Sources sources;
  std::string out;
  for (const Diag& diag : check_file("f", content, format, sources)) {
    const std::string text = render(diag, sources, false);
    out += text.substr(0, text.find('\n') + 1);
  }
  return out;
}
std::string setkey(std::string_view content) { return said(Format::Setkey, content); }
std::string conf(std::string_view content) { return said(Format::Racoon, content); }
std::string psk(std::string_view content) { return said(Format::Psk, content); }
bool silent(std::string_view text) { return text.empty(); }

}  // namespace

TEST_CASE("setkey: what meshctl writes is accepted in silence") {
  CHECK(silent(setkey("")));
  CHECK(silent(
      setkey("#!/usr/sbin/setkey -f\n# c\nspdupdate 10.0.0.1 10.0.0.2[22] tcp -P out prio def + 400 ipsec "
             "esp/transport//require;\nspdupdate ::/0 ::/0 icmp6 135,0 -P in prio high + 700 none;\n"
             "spdupdate 10.0.0.0/8 0.0.0.0/0 17 -P in prio def none;\nspddelete 10.0.0.0/8 0.0.0.0/0 17 -P in;\n")));
}

TEST_CASE("setkey: rejected by the tool or the kernel") {
  CHECK(setkey("spdad 10.0.0.1 10.0.0.2 any -P out;") == "f:1:1: error[E2402]: unknown command 'spdad'\n");
  CHECK(setkey("spdadd 10.0.0.1 ::1 any -P out prio def none;").find("different address families") !=
        std::string::npos);
  CHECK(setkey("spdadd 10.0.0.1/33 10.0.0.2 any -P out prio def none;").find("wrong prefix length") !=
        std::string::npos);
  CHECK(setkey("spdadd 10 10.0.0.2 any -P out prio def none;").find("a number is not an address") != std::string::npos);
  CHECK(setkey("spdadd 10.0.0.1 10.0.0.2 esp -P out prio def none;").find("cannot be a protocol") != std::string::npos);
  CHECK(setkey("spdadd ::1 ::2 icmp6 135 -P out prio def none;").find("TYPE,CODE") != std::string::npos);
  CHECK(setkey("spdadd 10.0.0.1 10.0.0.2 any -P out prio + 10 none;").find("wrong priority") != std::string::npos);
  CHECK(setkey("spdadd 10.0.0.1 10.0.0.2 any -P out bypass;").find("Linux refuses") != std::string::npos);
  CHECK(setkey("spdadd 10.0.0.1 10.0.0.2 any -P out ipsec esp/tunnel//require;").find("both ends") !=
        std::string::npos);
  CHECK(setkey("spdadd 10.0.0.1 10.0.0.2 any -P out # c\nnone;").find("0x23 is not allowed") != std::string::npos);
  CHECK(setkey("flush;\r\n").find("0x0d is not allowed") != std::string::npos);
  CHECK(setkey("flush").find("expected ';'") != std::string::npos);
  CHECK(setkey("add 10.0.0.1 10.0.0.2 esp 1000 -E aes-cbc 0x1234;").find("a key of 16 bits") != std::string::npos);
}

TEST_CASE("setkey: accepted but wrong") {
  CHECK(setkey("spdadd 10.0.0.1 10.0.0.2 any -P out;").find("warning[W2402]") != std::string::npos);
  CHECK(setkey("spdadd 10.0.0.1 10.0.0.2 any -P out ipsec;").find("warning[W2403]") != std::string::npos);
  CHECK(setkey("spdadd 10.0.0.1/24 10.0.0.2 any -P in prio def none;").find("bits are set behind") !=
        std::string::npos);
  CHECK(setkey("spdupdate 10.0.0.1 10.0.0.2 any -P fwd prio def none;").find("warning[W2411]") != std::string::npos);
  CHECK(setkey("spdflush;").find("warning[W2412]") != std::string::npos);
}

TEST_CASE("setkey: the texts that say what happens") {
  const auto whole = [](std::string_view content) {
    Sources sources;
    std::string out;
    for (const Diag& diag : check_file("f", content, Format::Setkey, sources)) out += render(diag, sources, false);
    return out;
  };
  const auto says = [&](std::string_view content, std::string_view text) {
    return whole(content).find(text) != std::string::npos;
  };
  CHECK(says("spdadd 10.0.0.1[ssh] 10.0.0.2 tcp -P out none;",
             "without an entry setkey stops here, and loads nothing of the rest"));
  CHECK(says("spdadd 10.0.0.1[ssh] 10.0.0.2 tcp -P out none;", "write the number: 22"));
  CHECK(says("spdadd 10.0.0.1[posgresql] 10.0.0.2 tcp -P out none;", "did you mean 'postgresql'?"));
  CHECK(
      says("spdadd 10.0.0.1 10.0.0.2 any -P fwd none;", "is loaded, and only judges packets that this host forwards"));
  CHECK(says("spdadd 10.0.0.1 \\\n10.0.0.2 any -P out none;", "a command ends with ';'"));
  CHECK(says("add 10.0.0.1 10.0.0.2 esp 256 -E null\nadd 10.0.0.2 10.0.0.1 esp 256 -E null;",
             "the ';' of the command in line 1 is missing"));
  CHECK(says("spdadd 10.0.0.1 10.0.0.2 any -P out none\nspdadd 10.0.0.2 10.0.0.1 any -P in none;",
             "the ';' before this command is missing"));
}

TEST_CASE("setkey: all faults are told, and keys never") {
  const std::string two = setkey("spdad;\nspdadd x;\n");
  CHECK(two.find("f:1:1") != std::string::npos);
  CHECK(two.find("f:2:9") != std::string::npos);
  Sources sources;
  std::string all;
  for (const Diag& diag :
       check_file("f", "add 10.0.0.1 10.0.0.2 esp 1 -E 3des-cbc 0xdeadbeef;", Format::Setkey, sources)) {
    all += render(diag, sources, false);
  }
  CHECK_FALSE(all.empty());
  CHECK(all.find("deadbeef") == std::string::npos);
}

TEST_CASE("racoon.conf: refused") {
  CHECK(conf("lgo info;") == "f:1:1: error[E2502]: wrong statement\n");
  CHECK(conf("log info;;").find("one ';' too many") != std::string::npos);
  CHECK(conf("timer { phase1 30; }").find("expected a unit") != std::string::npos);
  CHECK(conf("remote 10.0.0.1 { exchange_mode main; }").find("has no proposal") != std::string::npos);
  CHECK(conf("sainfo anonymous { encryption_algorithm aes; authentication_algorithm hmac_sha1; }")
            .find("has no 'compression_algorithm'") != std::string::npos);
  CHECK(conf("sainfo address 10.0.0.1 any address 10.0.0.2 { }").find("expected a protocol") != std::string::npos);
  CHECK(conf("remote 10.0.0.1 { proposal { dh_group 20; } }").find("no such group") != std::string::npos);
  CHECK(conf("remote 10.0.0.1 {").find("expected '}'") != std::string::npos);
}

TEST_CASE("racoon.conf: the line without its ';' is named, not only the next one") {
  Sources sources;
  const Diags diags =
      check_file("f", "remote 10.0.0.1 {\n  exchange_mode main\n  lifetime time 8 hour;\n}", Format::Racoon, sources);
  REQUIRE_FALSE(diags.empty());
  CHECK(diags[0].text == "expected ';'");
  CHECK(diags[0].where.line == 3);
  CHECK(diags[0].hint == "line 2 has no ';' at its end");
}

TEST_CASE("racoon.conf: a second sainfo that differs in its ports only is a duplicate") {
  const std::string body =
      " { encryption_algorithm aes 256; authentication_algorithm hmac_sha1; compression_algorithm deflate; }\n";
  CHECK(conf("sainfo address 10.0.0.1[80] tcp address 10.0.0.2 tcp" + body +
             "sainfo address 10.0.0.1[81] tcp address 10.0.0.2 tcp" + body)
            .find("error[E2504]") != std::string::npos);
  CHECK(silent(conf("sainfo address 10.0.0.1 tcp address 10.0.0.2 tcp" + body +
                    "sainfo address 10.0.0.1 udp address 10.0.0.2 udp" + body)));
}

TEST_CASE("racoon.conf: accepted but wrong") {
  CHECK(conf("log debug2;").find("warning[W2503]") != std::string::npos);
  const std::string proposal =
      "proposal { encryption_algorithm 3des; hash_algorithm md5; authentication_method pre_shared_key; dh_group 2; }";
  const std::string text = conf("remote anonymous { exchange_mode aggressive; " + proposal + " }");
  for (const char* code : {"W2502", "W2506", "W2507", "W2508", "W2509"}) CHECK(text.find(code) != std::string::npos);
  CHECK(text.find("error") == std::string::npos);
}

TEST_CASE("psk.txt") {
  CHECK(silent(psk("# c\n10.0.0.1 mk1-0123456789abcdef\n2001:db8::1\t0x00112233445566778899aabbccddeeff\n")));
  CHECK(psk("10.0.0.1\n").find("E2603") != std::string::npos);
  CHECK(psk("10.0.0.1 0x123\n").find("E2604") != std::string::npos);
  CHECK(psk(" 10.0.0.1 x\n").find("W2601") != std::string::npos);
  CHECK(psk("10.0.0.1 mk1-0123456789abcdef \n").find("W2606") != std::string::npos);
  CHECK(psk("10.0.0.1 mk1-0123456789abcdef\r\n").find("W2605") != std::string::npos);
  CHECK(psk("2001:DB8:0::1 mk1-0123456789abcdef\n").find("W2604") != std::string::npos);
  CHECK(psk("10.0.0.1 short\n").find("W2607") != std::string::npos);
  CHECK(psk("10.0.0.1 mk1-0123456789abcdef\n10.0.0.1 mk1-0123456789abcdeX\n").find("f:2:1: warning[W2602]") == 0);
}

TEST_CASE("formats are guessed from the name, then from the first words") {
  CHECK(guess_format("/etc/racoon/racoon.conf", "") == Format::Racoon);
  CHECK(guess_format("psk.txt", "") == Format::Psk);
  CHECK(guess_format("x", "#!/usr/sbin/setkey -f\n") == Format::Setkey);
  CHECK(guess_format("x", "# c\n\nspdadd a") == Format::Setkey);
  CHECK(guess_format("x", "remote anonymous {") == Format::Racoon);
  CHECK(guess_format("x", "connections {") == Format::Swanctl);
  CHECK_FALSE(guess_format("x", "hello"));
}

}  // namespace meshctl
