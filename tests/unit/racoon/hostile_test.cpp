// Text made to hurt: four times as much of it never costs a reader ten times as much, so a file of the largest size
// that is read costs what its length says. (What is quadratic costs sixteen times as much.)
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

#include "backend/check.hpp"
#include "unit/cpu_time.hpp"

namespace meshctl {
namespace {

constexpr std::size_t kMegabyte = 1 << 20;

using Text = std::function<std::string(std::size_t size)>;

Text repeated(std::string_view head, std::string_view part, std::string_view tail = "") {
  return [=](std::size_t size) {
    std::string out(head);
    while (out.size() + part.size() + tail.size() <= size) out += part;
    out += tail;
    return out;
  };
}

Text letters(std::string_view head, char letter) {
  return [=](std::size_t size) { return std::string(head) + std::string(size, letter); };
}

std::string sainfos(std::size_t size) {
  std::string out;
  for (unsigned i = 0; out.size() < size; ++i) {
    out += "sainfo address 10.0.0.1 " + std::to_string(i % 250) + " address 10." + std::to_string(i >> 16) + "." +
           std::to_string((i >> 8) & 255) + "." + std::to_string(i & 255) +
           " any {encryption_algorithm aes;authentication_algorithm hmac_sha1;compression_algorithm deflate;}\n";
  }
  return out;
}

std::string policies(std::size_t size) {
  std::string out;
  for (unsigned i = 0; out.size() < size; ++i) {
    out += "spdupdate 10." + std::to_string(i >> 15) + "." + std::to_string((i >> 7) & 255) + "." +
           std::to_string((i & 127) * 2) + "/31 0.0.0.0/0 any -P out prio def none;\n";
  }
  return out;
}

/// CPU-seconds, the better of two: the first one may find cold pages.
double cost(const std::string& text, Format format) {
  double best = 1e9;
  for (int i = 0; i < 2; ++i) {
    Sources sources;
    const test::CpuTime spent;
    static_cast<void>(check_file("f", text, format, sources));
    best = std::min(best, spent.seconds());
  }
  return best;
}

}  // namespace

TEST_CASE("hostile text costs what its length says") {
  struct Hostile {
    const char* what;
    Format format;
    Text text;
  };
  const Hostile files[] = {
      {"braces", Format::Racoon, repeated("", "{")},
      {"blocks", Format::Racoon, repeated("", "remote 10.0.0.1 {proposal {")},
      {"statements", Format::Racoon, repeated("", "log info;")},
      {"proposals", Format::Racoon, repeated("remote 10.0.0.1 {exchange_mode main;", "proposal {dh_group 14;}", "}")},
      {"letters", Format::Racoon, letters("", 'z')},
      {"hex letters", Format::Racoon, letters("", 'a')},
      {"quotes", Format::Racoon, repeated("", "\"")},
      {"open comment words", Format::Racoon, repeated("path certificate ", "x ")},
      {"sainfos", Format::Racoon, sainfos},
      {"children", Format::Racoon,
       repeated("remote 10.0.0.9 {exchange_mode main;}\n",
                "remote 10.0.0.1 inherit 10.0.0.9 {peers_identifier fqdn \"a\";}\n")},
      {"semicolons", Format::Setkey, repeated("", ";")},
      {"policies", Format::Setkey, policies},
      {"requests", Format::Setkey,
       repeated("spdadd 10.0.0.1 10.0.0.2 any -P out ipsec ", "esp/transport//require ", ";")},
      {"flushes", Format::Setkey, repeated("", "flush;")},
      {"lines", Format::Psk, repeated("", "a\n")},
      {"keys", Format::Psk, repeated("", "10.0.0.1 0123456789abcdef\n")},
      {"numbers", Format::PlainRsa, repeated(": RSA {", "Modulus: 0x01 ")},
      {"one number", Format::PlainRsa, letters(": PUB 0x", 'f')},
      {"colons", Format::PlainRsa, letters("", ':')},
      {"sections", Format::RacoonTool, repeated("", "connection(a):\n")},
      {"properties", Format::RacoonTool, repeated("connection(a):\n", "src_ip: 10.0.0.1\n")},
      {"proposals", Format::RacoonTool, repeated("peer(10.0.0.1):\n", "dh_group[1]: 14\n")},
      {"nesting", Format::Swanctl, repeated("", "a {")},
      {"settings", Format::Swanctl, repeated("connections {", "a = b\n", "}")},
      {"connections", Format::Swanctl, repeated("connections {", "a {\n}\n", "}")},
  };
  for (const Hostile& file : files) {
    INFO(std::string(file.what) << " of " << std::string(text(file.format)));
    const double quarter = cost(file.text(kMegabyte / 4), file.format);
    CHECK(cost(file.text(kMegabyte), file.format) < 10 * std::max(quarter, 0.005));
  }
}

}  // namespace meshctl
