// A line that is right but for one rule is refused with that rule's name.
#include <doctest/doctest.h>
#include <fmt/core.h>
#include <rapidcheck.h>

#include <map>

#include "backend/windows/netsh_checks.hpp"
#include "unit/windows/kit.hpp"

using namespace meshctl;
using namespace meshctl::windows;
using windows_test::line_faults;

namespace {

/// A rule as key -> value, so that variants are easy; written in the order of the map, name first.
struct Line {
  std::string context = "consec add rule";
  std::string name = "\"meshctl-office-bob\"";
  std::map<std::string, std::string> keys;

  [[nodiscard]] std::string text() const {
    std::string out = "advfirewall " + context + " name=" + name;
    for (const auto& [key, value] : keys) out += fmt::format(" {}={}", key, value);
    return out;
  }
};

std::string address(bool v6) {
  const unsigned last = *rc::gen::inRange(1u, 250u);
  return v6 ? fmt::format("2001:db8::{:x}", last) : fmt::format("192.0.2.{}", last);
}

/// A valid PSK rule in transport mode, with what does not matter to most rules drawn at random.
Line psk_line() {
  Line line;
  const bool v6 = *rc::gen::arbitrary<bool>();
  line.keys = {{"endpoint1", *rc::gen::arbitrary<bool>() ? "any" : address(v6)},
               {"endpoint2", address(v6)},
               {"action", *rc::gen::element<std::string>("requireinrequireout", "requestinrequestout")},
               {"mode", "transport"},
               {"enable", "yes"},
               {"profile", *rc::gen::element<std::string>("any", "domain,private")},
               {"type", "static"},
               {"auth1", "computerpsk"},
               {"auth1psk", "\"mk1-0123456789\""},
               {"qmpfs", *rc::gen::element<std::string>("none", "dhgroup14", "ecdhp384", "mainmode")},
               {"qmsecmethods",
                *rc::gen::element<std::string>("esp:sha1-aes256+60min+100000kb", "esp:aesgcm256-aesgcm256+5min+20480kb",
                                               "ah:sha256+esp:sha256-aes128+2879min+2147483647kb")}};
  if (*rc::gen::arbitrary<bool>()) {
    line.keys["protocol"] = "tcp";
    line.keys["port2"] = *rc::gen::element<std::string>("80", "80,443", "any");
  }
  return line;
}

Line certificate_line() {
  Line line = psk_line();
  line.keys.erase("auth1psk");
  line.keys["auth1"] = "computercert";
  line.keys["auth1ca"] = "\"C=SE, O=Acme, CN=Acme \\'Root, 1\\'\"";
  return line;
}

Line tunnel_line() {
  Line line = certificate_line();
  line.keys.erase("protocol");
  line.keys.erase("port2");
  line.keys["mode"] = "tunnel";
  line.keys["action"] = *rc::gen::element<std::string>("requireinrequireout", "requireinclearout");
  line.keys["localtunnelendpoint"] = *rc::gen::element<std::string>("any", "192.0.2.1");
  line.keys["remotetunnelendpoint"] = "192.0.2.2";
  line.keys["applyauthz"] = "yes";
  return line;
}

using Keys = std::map<std::string, std::string>;
struct Breakage {
  std::string rule;
  Line (*base)();
  void (*breaks)(Line&);
};

const std::vector<Breakage>& breakages() {
  static const std::vector<Breakage> all = {
      {"W01", psk_line, [](Line& l) { l.name = *rc::gen::element<std::string>("all", "ALL", "\"a|b\"", "\"\""); }},
      {"W02", psk_line, [](Line& l) { l.keys["description"] = "\"a | b\""; }},
      {"W02", psk_line, [](Line& l) { l.keys["auth1psk"] = *rc::gen::element<std::string>("\"a|b\"", "\"\""); }},
      {"W03", psk_line, [](Line& l) { l.keys["action"] = "requireinclearout"; }},
      {"W04", tunnel_line,
       [](Line& l) { l.keys.erase(*rc::gen::element<std::string>("localtunnelendpoint", "remotetunnelendpoint")); }},
      {"W04", tunnel_line,
       [](Line& l) {
         l.keys["action"] = *rc::gen::element<std::string>("requestinrequestout", "requireinrequestout");
       }},
      {"W04", tunnel_line,
       [](Line& l) {
         l.keys["localtunnelendpoint"] = "192.0.2.1";
         l.keys["remotetunnelendpoint"] = "2001:db8::2";
       }},
      {"W05", tunnel_line, [](Line& l) { l.keys["protocol"] = *rc::gen::element<std::string>("tcp", "47"); }},
      {"W05", tunnel_line, [](Line& l) { l.keys["port1"] = "any"; }},
      {"W06", psk_line,
       [](Line& l) {
         l.keys["protocol"] = *rc::gen::element<std::string>("any", "icmpv4", "132");
         l.keys["port1"] = "80";
       }},
      {"W07", psk_line,
       [](Line& l) {
         l.keys["protocol"] = "udp";
         l.keys["port1"] = *rc::gen::element<std::string>("1-2", "22,8000-8080");
       }},
      {"W08", psk_line,
       [](Line& l) {
         l.keys[*rc::gen::element<std::string>("applyauthz", "exemptipsecprotectedconnections")] =
             *rc::gen::element<std::string>("yes", "no");
       }},
      {"W09", psk_line, [](Line& l) { l.keys["action"] = "noauthentication"; }},
      {"W10", psk_line, [](Line& l) { l.keys.erase("auth1psk"); }},
      {"W10", certificate_line, [](Line& l) { l.keys["auth1psk"] = "\"mk1-0123456789\""; }},
      {"W11", psk_line, [](Line& l) { l.keys["auth1"] = "computerpsk,computerntlm"; }},
      {"W11", psk_line, [](Line& l) { l.keys["auth1"] = "computerpsk,computerpsk"; }},
      {"W12", psk_line, [](Line& l) { l.keys["auth2"] = "userkerb"; }},
      {"W13", certificate_line, [](Line& l) { l.keys["auth2"] = "computercert,userkerb"; }},
      {"W13", certificate_line, [](Line& l) { l.keys["auth2"] = "anonymous"; }},
      {"W14", certificate_line, [](Line& l) { l.keys.erase("auth1ca"); }},
      {"W14", certificate_line, [](Line& l) { l.keys["auth1"] = "computercert,computercertecdsap256"; }},
      {"W15", certificate_line, [](Line& l) { l.keys["auth1"] = "computercert,computerkerb,computercert"; }},
      {"W15", certificate_line, [](Line& l) { l.keys["auth1ca"] = "\"CN=a | CN=b catype:intermediate\""; }},
      {"W15", certificate_line,
       [](Line& l) {
         l.keys["auth1"] = "computercert,computercertecdsap256";
         l.keys["auth1ecdsap256ca"] = "\"CN=b\"";
         l.keys["auth1ecdsap256healthcert"] = "yes";
       }},
      {"W16", psk_line,
       [](Line& l) {
         const bool v6 = l.keys["endpoint2"].find(':') != std::string::npos;
         l.keys["endpoint1"] = v6 ? *rc::gen::element<std::string>("ff02::1", "::1", "::")
                                  : *rc::gen::element<std::string>("224.0.0.5", "127.0.0.1", "0.0.0.0");
       }},
      {"W16", psk_line,
       [](Line& l) {
         l.keys["endpoint1"] = address(l.keys["endpoint2"].find(':') != std::string::npos);
         l.keys["interfacetype"] = "lan";
       }},
      {"W17", psk_line,
       [](Line& l) { l.keys["endpoint1"] = address(l.keys["endpoint2"].find(':') == std::string::npos); }},
      {"W18", psk_line,
       [](Line& l) {
         l.keys["qmsecmethods"] =
             fmt::format("esp:sha1-aes256+{}min+100000kb", *rc::gen::element(0, 1, 4, 2880, 2881, 99999));
       }},
      {"W19", psk_line,
       [](Line& l) {
         l.keys["qmsecmethods"] = fmt::format("esp:sha1-aes256+60min+{}kb", *rc::gen::element(0u, 20479u, 2147483648u));
       }},
      {"W20", psk_line,
       [](Line& l) {
         l.keys.erase("auth1");
         l.keys.erase("auth1psk");
       }},
      {"W21", certificate_line,
       [](Line& l) {
         l.keys["auth1ca"] = *rc::gen::element<std::string>("\"C=SE, CN='Root, 1'\"", "\"CN=\\'Root\"",
                                                            "\"CN=\"Root, 1\"\"", "\"CN=a\\\"\"");
       }},
      {"W22", psk_line,
       [](Line& l) {
         l.keys["qmsecmethods"] =
             *rc::gen::element<std::string>("esp:md5-aes256+60min+100000kb", "esp:sha1-des", "ah:md5");
       }},
      {"W22", psk_line, [](Line& l) { l.keys["qmpfs"] = "dhgroup1"; }},
  };
  return all;
}

}  // namespace

TEST_CASE("generated rules are valid") {
  CHECK(rc::check([] {
    RC_ASSERT(line_faults(psk_line().text()) == "");
    RC_ASSERT(line_faults(certificate_line().text()) == "");
    RC_ASSERT(line_faults(tunnel_line().text()) == "");
  }));
}

TEST_CASE("one broken rule is refused with its name") {
  for (const Breakage& breakage : breakages()) {
    CAPTURE(breakage.rule);
    CHECK(rc::check("breaks " + breakage.rule, [&] {
      Line line = breakage.base();
      breakage.breaks(line);
      const std::string found = line_faults(line.text());
      RC_LOG() << line.text() << "\n" << found;
      RC_ASSERT(found.find("[" + breakage.rule + "]") != std::string::npos);
    }));
  }
}

// Read by tests/windows/test_netsh.py: `line<TAB>RULE<TAB>LINE`, with "ok" for a rule that nothing is wrong with.
TEST_CASE("print lines for another reader" * doctest::skip()) {
  const auto print = [](const std::string& rule, const Line& line) { fmt::print("line\t{}\t{}\n", rule, line.text()); };
  CHECK(rc::check([&] {
    print("ok", psk_line());
    print("ok", certificate_line());
    print("ok", tunnel_line());
  }));
  for (const Breakage& breakage : breakages()) {
    CHECK(rc::check([&] {
      Line line = breakage.base();
      breakage.breaks(line);
      print(breakage.rule, line);
    }));
  }
}

TEST_CASE("two rules with one name, and every rule has a breakage above") {
  const std::string line =
      "advfirewall consec add rule name=\"a\" endpoint1=any endpoint2=any action=noauthentication\n";
  CHECK(line_faults(line + line).find("E2001 2:34 [W01]") == 0);
  for (const RuleName& rule : rule_names()) {
    const auto& all = breakages();
    CAPTURE(rule.id);
    CHECK(std::any_of(all.begin(), all.end(), [&](const Breakage& b) { return b.rule == rule.id; }));
  }
}
