// The strict reader of policies.xfrm.
#include "backend/strongswan/xfrm.hpp"

#include <doctest/doctest.h>

using namespace meshctl;

namespace {

constexpr std::string_view kGood =
    "xfrm policy update src 192.0.2.1/32 dst 192.0.2.2/32 dir out priority 10000 tmpl proto esp reqid 77 mode "
    "transport "
    "level required\n";

std::string xfrm_codes(std::string_view text) {
  Sources sources;
  DiagSink sink;
  (void)strongswan::parse_xfrm("policies.xfrm", text, sources, sink);
  std::string out;
  for (const auto& diag : sink.take()) {
    if (!out.empty()) out += "; ";
    out += std::string(diag.code) + " " + std::to_string(diag.where.line) + ":" + std::to_string(diag.where.col);
  }
  return out;
}

std::string replaced(std::string_view from, std::string_view to) {
  std::string text(kGood);
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("the canonical line is accepted, and nothing that differs from it") {
  CHECK(xfrm_codes(kGood) == "");
  CHECK(xfrm_codes("# comment\n\n" + std::string(kGood)) == "");
  CHECK(xfrm_codes(replaced("xfrm policy update", "xfrm policy delete")) == "E2701 1:13");
  CHECK(xfrm_codes(replaced("192.0.2.1/32", "192.0.2.1")) == "E2701 1:24");
  CHECK(xfrm_codes(replaced("192.0.2.1/32", "2001:db8::1/128")) == "E2701 1:57");
  CHECK(xfrm_codes(replaced("192.0.2.1/32", "192.0.2.1/24")) == "E2701 1:24");
  CHECK(xfrm_codes(replaced(" dir", "  dir")) == "E2701 1:54");
  CHECK(xfrm_codes(replaced("10000", "010000")) == "E2701 1:71");
  CHECK(xfrm_codes(replaced("reqid 77", "reqid 0")) == "E2701 1:98");
  CHECK(xfrm_codes(replaced("required", "required ")) != "");
  CHECK(xfrm_codes(replaced("required", "required x")) == "E2701 1:131");
  CHECK(xfrm_codes(replaced("mode transport", "mode tunnel")) != "");
  CHECK(xfrm_codes(replaced("esp", "ah")) == "");
  CHECK(xfrm_codes(replaced("esp", "gre")) == "E2701 1:88");
  CHECK(xfrm_codes(replaced(" priority", " mark 0 mask 0x1 priority")) == "");
  CHECK(xfrm_codes(replaced(" priority", " mark 0x2 mask 0x1 priority")) != "");
  CHECK(xfrm_codes(replaced(" priority", " mark 0x0 mask 0x1 priority")) != "");
  CHECK(xfrm_codes(replaced("dir out", "dir up")) == "E2701 1:58");
  CHECK(xfrm_codes(replaced("\n", "\r\n")) != "");
}

TEST_CASE("the same key twice, and a file that was cut off") {
  CHECK(xfrm_codes(std::string(kGood) + replaced("10000", "10001")) == "E2702 2:1");
  CHECK(xfrm_codes(kGood.substr(0, kGood.size() - 1)) == "E2703 1:1");
  CHECK(xfrm_codes(kGood.substr(0, 60)) == "E2703 1:1; E2701 1:61");
}

TEST_CASE("a source port of anybody that reaches every port") {
  const auto line = [](const std::string& rest) { return xfrm_codes("xfrm policy update " + rest + "\n"); };
  CHECK(line("src 0.0.0.0/0 dst 0.0.0.0/0 proto 6 sport 22 dir in priority 1 action allow") == "W2704 1:1");
  CHECK(line("src 0.0.0.0/0 dst 0.0.0.0/0 proto 6 sport 22 dir fwd priority 1 action allow") == "W2704 1:1");
  CHECK(line("src ::/0 dst 2001:db8::1/128 proto 17 sport 53 dir in priority 1 action allow") == "W2704 1:1");
  CHECK(line("src 0.0.0.0/0 dst 0.0.0.0/0 proto 6 sport 22 dir in priority 1 action block").empty());
  CHECK(line("src 0.0.0.0/0 dst 0.0.0.0/0 proto 6 dport 22 dir in priority 1 action allow").empty());
  CHECK(line("src 192.0.2.1/32 dst 0.0.0.0/0 proto 6 sport 22 dir in priority 1 action allow").empty());
}

TEST_CASE("reading is writing backwards") {
  for (const std::string_view line :
       {"xfrm policy update src ::/0 dst ::/0 proto 58 type 135 dir in priority 1000 action allow",
        "xfrm policy update src 0.0.0.0/0 dst 0.0.0.0/0 proto 17 sport 500 dport 500 dir out priority 1 action block",
        "xfrm policy update src 192.0.2.1/32 dst 192.0.2.2/32 proto 6 dport 80 dir fwd priority 0 tmpl src 192.0.2.1 "
        "dst "
        "192.0.2.2 proto esp reqid 4294967295 mode tunnel level use",
        "xfrm policy update src 10.1.0.0/24 dst 10.2.0.0/24 proto 1 type 0 code 0 dir fwd mark 0x1 mask 0x1 priority 7 "
        "action block",
        "xfrm policy update src fd00::/64 dst ::/0 dir out priority 7 tmpl src 192.0.2.1 dst 192.0.2.2 proto comp "
        "reqid "
        "9 mode tunnel level required tmpl proto esp reqid 9 mode transport level required tmpl proto ah reqid 9 mode "
        "transport level required"}) {
    Sources sources;
    DiagSink sink;
    const auto policies = strongswan::parse_xfrm("x", std::string(line) + "\n", sources, sink);
    CHECK(sink.ok());
    REQUIRE(policies.size() == 1);
    std::string out;
    strongswan::append_line(policies[0], out);
    CHECK(out == line);
  }
}
