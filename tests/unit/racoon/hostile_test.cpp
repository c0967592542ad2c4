// A megabyte made to hurt: every reader gives up, or is through, in under a second.
#include <doctest/doctest.h>

#include "backend/check.hpp"
#include "unit/cpu_time.hpp"

namespace meshctl {
namespace {

constexpr std::size_t kMegabyte = 1 << 20;

std::string repeated(std::string_view head, std::string_view part, std::string_view tail = "") {
  std::string out(head);
  while (out.size() + part.size() + tail.size() <= kMegabyte) out += part;
  out += tail;
  return out;
}

}  // namespace

TEST_CASE("a hostile megabyte takes less than a second") {
  const std::string sainfo =
      " {encryption_algorithm aes;authentication_algorithm hmac_sha1;compression_algorithm deflate;}\n";
  const std::string many_sainfos = [&] {
    std::string out;
    for (unsigned i = 0; out.size() < kMegabyte; ++i) {
      out += "sainfo address 10.0.0.1 " + std::to_string(i % 250) + " address 10." + std::to_string(i >> 16) + "." +
             std::to_string((i >> 8) & 255) + "." + std::to_string(i & 255) + " any" + sainfo;
    }
    return out;
  }();
  const std::string many_policies = [] {
    std::string out;
    for (unsigned i = 0; out.size() < kMegabyte; ++i) {
      out += "spdupdate 10." + std::to_string(i >> 15) + "." + std::to_string((i >> 7) & 255) + "." +
             std::to_string((i & 127) * 2) + "/31 0.0.0.0/0 any -P out prio def none;\n";
    }
    return out;
  }();
  struct Hostile {
    const char* what;
    Format format;
    std::string text;
  };
  const Hostile files[] = {
      {"braces", Format::Racoon, repeated("", "{")},
      {"blocks", Format::Racoon, repeated("", "remote 10.0.0.1 {proposal {")},
      {"statements", Format::Racoon, repeated("", "log info;")},
      {"proposals", Format::Racoon, repeated("remote 10.0.0.1 {exchange_mode main;", "proposal {dh_group 14;}", "}")},
      {"letters", Format::Racoon, std::string(kMegabyte, 'z')},
      {"hex letters", Format::Racoon, std::string(kMegabyte, 'a')},
      {"quotes", Format::Racoon, repeated("", "\"")},
      {"open comment words", Format::Racoon, repeated("path certificate ", "x ")},
      {"sainfos", Format::Racoon, many_sainfos},
      {"children", Format::Racoon,
       repeated("remote 10.0.0.9 {exchange_mode main;}\n",
                "remote 10.0.0.1 inherit 10.0.0.9 {peers_identifier fqdn \"a\";}\n")},
      {"semicolons", Format::Setkey, repeated("", ";")},
      {"policies", Format::Setkey, many_policies},
      {"requests", Format::Setkey,
       repeated("spdadd 10.0.0.1 10.0.0.2 any -P out ipsec ", "esp/transport//require ", ";")},
      {"flushes", Format::Setkey, repeated("", "flush;")},
      {"lines", Format::Psk, repeated("", "a\n")},
      {"keys", Format::Psk, repeated("", "10.0.0.1 0123456789abcdef\n")},
      {"numbers", Format::PlainRsa, repeated(": RSA {", "Modulus: 0x01 ")},
      {"one number", Format::PlainRsa, ": PUB 0x" + std::string(kMegabyte, 'f')},
      {"colons", Format::PlainRsa, std::string(kMegabyte, ':')},
      {"sections", Format::RacoonTool, repeated("", "connection(a):\n")},
      {"properties", Format::RacoonTool, repeated("connection(a):\n", "src_ip: 10.0.0.1\n")},
      {"proposals", Format::RacoonTool, repeated("peer(10.0.0.1):\n", "dh_group[1]: 14\n")},
      {"nesting", Format::Swanctl, repeated("", "a {")},
      {"settings", Format::Swanctl, repeated("connections {", "a = b\n", "}")},
      {"connections", Format::Swanctl, repeated("connections {", "a {\n}\n", "}")},
  };
  for (const Hostile& file : files) {
    INFO(std::string(file.what) << " of " << std::string(text(file.format)));
    Sources sources;
    const test::CpuTime spent;
    static_cast<void>(check_file("f", file.text, file.format, sources));
    CHECK(spent.seconds() < 1.0);
  }
}

}  // namespace meshctl
