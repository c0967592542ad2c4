// The strict reader of swanctl.conf: what is refused, what is warned about, what is only remarked, and where.
#include <doctest/doctest.h>

#include "backend/strongswan/model.hpp"

using namespace meshctl;

namespace {

/// "E2301 3:7; W2312 1:1", in order of place.
std::string codes(std::string_view text) {
  Sources sources;
  DiagSink sink;
  (void)strongswan::parse_swanctl("x.conf", text, sources, sink);
  std::string out;
  for (const auto& diag : sink.take()) {
    if (!out.empty()) out += "; ";
    out += std::string(diag.code) + " " + std::to_string(diag.where.line) + ":" + std::to_string(diag.where.col);
  }
  return out;
}

std::string rendered(std::string_view text) {
  Sources sources;
  DiagSink sink;
  (void)strongswan::parse_swanctl("x.conf", text, sources, sink);
  std::string out;
  for (const auto& diag : sink.take()) out += render(diag, sources, false);
  return out;
}

strongswan::SwanFile parsed(std::string_view text) {
  Sources sources;
  DiagSink sink;
  auto file = strongswan::parse_swanctl("x.conf", text, sources, sink);
  CHECK(sink.ok());
  return file;
}

}  // namespace

TEST_CASE("what strongSwan refuses is an error: it would unload every connection") {
  CHECK(codes("connections { x {\n") == "E2303 2:1");
  CHECK(codes("connections {\n} }\n") == "E2302 2:3");
  CHECK(codes("connections\n") == "E2301 2:1");
  CHECK(codes("connections {\n x = \"abc\n}\n") == "E2304 2:6");
  CHECK(codes("= x\n") == "E2301 1:1");
  CHECK(codes("connections { a.b { } }") == "E2301 1:16");
  CHECK(codes("connections { \"a\" { } }") == "E2301 1:15");
  CHECK(codes(std::string_view("connections { x {\0 } }", 22)).starts_with("E2301 1:18"));
}

TEST_CASE("traffic selectors: numbers, names that a host's tables decide, names that no table has") {
  const auto said = [](const std::string& selectors) {
    return codes("connections { a { children { c {\n local_ts = " + selectors + "\n } } } }");
  };
  for (const char* good :
       {"dynamic", "dynamic[6/22]", "10.1.0.0/16[tcp/443], 10.2.0.0/16[udp]", "dynamic[/500]", "dynamic[tcp/1-1023]",
        "dynamic[0x11/any]", "dynamic[any/opaque]", "dynamic[gre]", "192.0.2.1"}) {
    INFO(good);
    CHECK(said(good).empty());
  }
  for (const char* looked_up : {"dynamic[tcp/ssh]", "10.1.0.0/16[eigrp]", "dynamic[6], dynamic[udp/isakmp]"}) {
    INFO(looked_up);
    CHECK(said(looked_up) == "W2316 2:13");
  }
  for (const char* bad : {"dynamic[tpc]", "dynamic[tcp/sssh]", "dynamic[256]", "dynamic[tcp/70000]", "dynamic[tcp"}) {
    INFO(bad);
    CHECK(said(bad) == "E2313 2:13");
  }
}

TEST_CASE("a passthrough child that a source port makes a way in to every port") {
  const auto said = [](const std::string& selectors, const std::string& mode = "pass") {
    return codes("connections { a { remote_addrs = 192.0.2.2\n children { c {\n mode = " + mode + "\n " + selectors +
                 "\n } } } }");
  };
  for (const char* open :
       {"remote_ts = 0.0.0.0/0[tcp/22]", "remote_ts = ::/0[udp/53]\n local_ts = 2001:db8::1/128[udp]",
        "remote_ts = dynamic[tcp/22]",  // everybody, whatever remote_addrs says
        "remote_ts = 64.0.0.0/2[6/22]\n local_ts = 192.0.2.1[6]", "remote_ts = 0.0.0.0/0[tcp/1-1023]",
        "local_ts = dynamic[17]\n remote_ts = 192.0.2.2[tcp], 0.0.0.0/0[17/123]\n"}) {
    INFO(open);
    CHECK(said(open).starts_with("W2317 2:13"));
    CHECK(said(open, "drop").empty());
    CHECK(said(open, "transport").empty());
  }
  for (const char* narrow :
       {"remote_ts = 192.0.2.2[tcp/22]", "remote_ts = 0.0.0.0/0[tcp/22]\n local_ts = 192.0.2.1[tcp/5432]",
        "local_ts = 192.0.2.1[tcp/22]\n remote_ts = 0.0.0.0/0[tcp]", "remote_ts = 0.0.0.0/0[1]",
        "remote_ts = 0.0.0.0/0[icmp/2048]", "remote_ts = 0.0.0.0/0[17/500]\n local_ts = 0.0.0.0/0[17/500]",
        "remote_ts = 0.0.0.0/0[17/53]\n local_ts = dynamic[6]"}) {
    INFO(narrow);
    CHECK(said(narrow).empty());
  }
}

TEST_CASE("bad values: strongSwan discards the connection") {
  CHECK(codes("connections {\n a {\n  version = 3\n } }") == "E2313 3:13");
  CHECK(codes("connections {\n a {\n  mobike = maybe\n } }") == "E2313 3:12");
  CHECK(codes("connections {\n a {\n  rekey_time = 4 hours\n } }") == "E2313 3:16");
  CHECK(codes("connections {\n a {\n  rekey_time = 99999999999s\n } }") == "E2313 3:16");
  CHECK(codes("connections {\n a {\n children {\n c {\n mode = transprt\n } } } }") == "E2313 5:9");
}

TEST_CASE("twice the same") {
  CHECK(codes("connections {\n a {\n  version = 1\n  version = 2\n } }") == "E2310 4:3");
  CHECK(codes("connections {\n a { }\n a { }\n}") == "E2311 3:2");
  CHECK(codes("connections { }\nconnections { }") == "N2311 2:1");
}

TEST_CASE("accepted, but in another sense: a warning") {
  CHECK(codes("connections { a { version = 2 mobike = no } }") == "E2313 1:29; W2304 1:29");
  CHECK(codes("connections {\n a {\n  keyingtrys = 0\n } }") == "W2312 3:3");
  CHECK(codes("conections {\n}") == "W2314 1:1");
  CHECK(codes("connections {\n a {\n  proposals =\n } }") == "W2303 3:3");
  CHECK(codes("connections {\n a {\n  proposals = \"a\" b\n } }") == "W2305 3:15");
  CHECK(codes("connections {\n a : b {\n } }") == "W2315 2:6");
  CHECK(codes("\xef\xbb\xbf"
              "connections {\n}")
            .starts_with("W2301 1:1"));
  CHECK(codes("connections {\n a {\n  children = x\n } }") == "W2312 3:3");
}

TEST_CASE("sections inherit what they lack") {
  Sources sources;
  DiagSink sink;
  const auto file =
      strongswan::parse_swanctl("f",
                                "base {\n version = 2\n mobike = no\n local {\n auth = psk\n id = a\n }\n}\n"
                                "connections {\n a : base {\n mobike = yes\n local {\n id = b\n }\n }\n"
                                " c : connections.a, base {\n remote_addrs = 10.0.0.1\n }\n}\n",
                                sources, sink);
  CHECK(sink.ok());
  REQUIRE(file.connections.size() == 2);
  CHECK(file.connections[0].version == 2);
  CHECK(file.connections[0].mobike);
  CHECK(file.connections[0].local[0].auth == "psk");
  CHECK(file.connections[0].local[0].id == "b");
  CHECK(file.connections[1].mobike);
  CHECK(file.connections[1].local[0].id == "b");
  CHECK(file.connections[1].remote_addrs == "10.0.0.1");
}

TEST_CASE("inheritance that has no end is an error, others are not followed twice") {
  CHECK(codes("a : a {\n}\n").find("E2315") == std::string::npos);
  CHECK(codes("a : b {\n}\nb : a {\n}\n").find("E2315") == std::string::npos);
  CHECK(codes("a {\n b : a {\n }\n c : a {\n }\n}\n").find("E2315") != std::string::npos);
  CHECK(codes("s : r.q {\n}\nr : t {\n q : r {\n }\n}\nt {\n k {\n }\n}\n").find("W2315") == std::string::npos);
}

TEST_CASE("includes are reported, not followed") {
  const auto file = parsed("include conf.d/*.conf\nconnections {\n include \"a b.conf\"\n}\ninclude = x\n");
  REQUIRE(file.includes.size() == 2);
  CHECK(file.includes[0].pattern == "conf.d/*.conf");
  CHECK(file.includes[1].pattern == "a b.conf");
}

TEST_CASE("spelling: comments, quotes, one-line sections, escapes") {
  const auto file =
      parsed("# c\nconnections{a{version=2}b { # c\n local_addrs = \"192.0.2.1\" # c\n proposals=x , y\n}}\n");
  REQUIRE(file.connections.size() == 2);
  CHECK(file.connections[0].version == 2);
  CHECK(file.connections[1].local_addrs == "192.0.2.1");
  CHECK(file.connections[1].proposals == "x , y");
  const auto quoted = parsed("connections {\n a {\n  proposals = \"a\\\"b\\\\c\\td\"\n } }");
  CHECK(quoted.connections[0].proposals == "a\"b\\c\td");
  CHECK(parsed("connections {\r\n a {\r\n  version = 1\r\n }\r\n}\r\n").connections[0].version == 1);
}

TEST_CASE("times") {
  const auto file =
      parsed("connections {\n a {\n rekey_time = 4h\n over_time = 10m\n dpd_delay = 7\n reauth_time = 1d\n } }");
  CHECK(file.connections[0].rekey_time == 14400);
  CHECK(file.connections[0].over_time == 600);
  CHECK(file.connections[0].dpd_delay == 7);
  CHECK(file.connections[0].reauth_time == 86400);
}

TEST_CASE("no diagnostic shows any part of a secret") {
  for (const std::string_view text :
       {"secrets {\n ike-a {\n  secret = hunter2 hunter2=\n } }", "secrets {\n ike-a {\n  secret = x\nhunter2\n } }",
        "secrets {\n ike-a {\n  secret = \"hunter2\n } }", "secrets {\n hunter2 {\n hunter2 = 1\n hunter2 = 2\n } }",
        "secrets {\n ike-a {\n  hunter2 : x {\n", "secrets {\n ike-a {\n  secret = \"a\" hunter2\n } hunter2 }"}) {
    const std::string out = rendered(text);
    CHECK(!out.empty());
    CHECK(out.find("hunter2") == std::string::npos);
  }
}

TEST_CASE("the text of a diagnostic") {
  CHECK(rendered("connections {\n  a {\n    verson = 2\n  }\n}\n") ==
        "x.conf:3:5: warning[W2312]: 'verson' means nothing in a connection\n"
        "        verson = 2\n"
        "        ^~~~~~\n"
        "  help: did you mean 'version'?\n");
}

TEST_CASE("deep nesting is refused, not recursed into") {
  std::string text;
  for (int i = 0; i < 100000; ++i) text += "a {\n";
  CHECK(codes(text).find("E2306") != std::string::npos);
}
