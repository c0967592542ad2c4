// Addresses against the C library: inet_pton says what is an address, inet_ntop how RFC 5952 writes it.
#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cstring>

#include "net/address.hpp"

using namespace meshctl;

namespace {

std::optional<Address> libc_parse(const std::string& text) {
  std::array<std::uint8_t, 16> bytes{};
  in_addr v4{};
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) return Address::v4(ntohl(v4.s_addr));
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return Address::v6(bytes);
  return std::nullopt;
}

bool low_96_zero(const Address& a) {
  return std::all_of(a.bytes().begin(), a.bytes().begin() + 12, [](auto b) { return b == 0; });
}
bool mapped(const Address& a) {
  const auto& b = a.bytes();
  return a.family() == Family::V6 && std::all_of(b.begin(), b.begin() + 10, [](auto x) { return x == 0; }) &&
         b[10] == 0xff && b[11] == 0xff;
}

std::string libc_text(const Address& address) {
  char buffer[INET6_ADDRSTRLEN];
  inet_ntop(address.family() == Family::V4 ? AF_INET : AF_INET6, address.bytes().data(), buffer, sizeof buffer);
  return buffer;
}

/// Addresses with many zero groups, so that every place of "::" occurs.
rc::Gen<Address> any_address() {
  return rc::gen::exec([] {
    if (*rc::gen::arbitrary<bool>()) return Address::v4(*rc::gen::arbitrary<std::uint32_t>());
    std::array<std::uint8_t, 16> bytes{};
    for (std::size_t i = 0; i < 8; ++i) {
      const unsigned group = *rc::gen::weightedOneOf<unsigned>(
          {{3, rc::gen::just(0u)}, {1, rc::gen::inRange(0u, 16u)}, {2, rc::gen::inRange(0u, 65536u)}});
      bytes[2 * i] = static_cast<std::uint8_t>(group >> 8);
      bytes[2 * i + 1] = static_cast<std::uint8_t>(group & 0xff);
    }
    return Address::v6(bytes);
  });
}

}  // namespace

TEST_CASE("what is wrong with an IPv4 address is named") {
  CHECK(why_bad_ipv4("192.0.2.311") == "311 is larger than 255");
  CHECK(why_bad_ipv4("192.0.2.256") == "256 is larger than 255");
  CHECK(why_bad_ipv4("1234.0.2.1") == "1234 is larger than 255");
  CHECK(why_bad_ipv4("192.0.2") == "it has 3 of four numbers");
  CHECK(why_bad_ipv4("192.0.2.1.9") == "it has 5 of four numbers");
  CHECK(why_bad_ipv4("192.0.02.1") == "write 02 without leading zeros");
  CHECK(why_bad_ipv4("192.0..1") == "there is no number between two of its dots, or at an end");
  CHECK(why_bad_ipv4("192.0.2.") == "there is no number between two of its dots, or at an end");
  CHECK(why_bad_ipv4("11111111111111111111") == "111111111111 is larger than 255");
}

TEST_CASE("text that is no address is refused") {
  for (const char* text : {"",
                           " ",
                           "1",
                           "1.2.3",
                           "1.2.3.4.5",
                           "1.2.3.256",
                           "01.2.3.4",
                           "1.2.3.04",
                           "1.2.3.4 ",
                           " 1.2.3.4",
                           "1.2.3.-4",
                           "1.2.3.+4",
                           "0x1.2.3.4",
                           "1.2.3.4/32",
                           "1..3.4",
                           ".1.2.3.4",
                           "1.2.3.4.",
                           "1.2.3.1000",
                           "sfere",
                           ":",
                           ":::",
                           "1:2:3:4:5:6:7",
                           "1:2:3:4:5:6:7:8:9",
                           "1::2::3",
                           "::12345",
                           "::g",
                           "fe80::1%eth0",
                           "[::1]",
                           "::1/128",
                           "1:",
                           ":1",
                           "1:2:3:4:5:6:7:8::",
                           "::1:2:3:4:5:6:7:8",
                           "1:2:3:4::5:6:7:8",
                           "::1.2.3",
                           "::1.2.3.4:5",
                           "1.2.3.4::",
                           "::ffff:1.2.3.4",
                           "::ffff:102:304",
                           "0:0:0:0:0:ffff:0:1",
                           "::01.2.3.4",
                           "::-1",
                           "::+1",
                           "::0x1"}) {
    CAPTURE(text);
    CHECK_FALSE(Address::parse(text).has_value());
  }
  CHECK_FALSE(Address::parse(std::string_view("1.2.3.4\0", 8)).has_value());
}

TEST_CASE("IPv6 is written as RFC 5952 says") {
  const std::pair<const char*, const char*> cases[] = {
      {"2001:0DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},    // the first of two equal runs
      {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},  // a single zero group is not shortened
      {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},           // the longest run
      {"0:0:0:0:0:0:0:0", "::"},
      {"0:0:0:0:0:0:0:1", "::1"},
      {"1:0:0:0:0:0:0:0", "1::"},
      {"1:2:3:4:5:6::", "1:2:3:4:5:6::"},
      {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
      {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
      {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
  };
  for (const auto& [given, wanted] : cases) {
    CAPTURE(given);
    const auto address = Address::parse(given);
    REQUIRE(address.has_value());
    CHECK(address->text() == wanted);
  }
}

TEST_CASE("every octet is written and read") {
  for (unsigned value = 0; value < 256; ++value) {
    const auto address = Address::v4(value << 24 | value << 8 | 1);
    const auto wanted = std::to_string(value) + ".0." + std::to_string(value) + ".1";
    CHECK(address.text() == wanted);
    CHECK(Address::parse(wanted) == address);
  }
}

TEST_CASE("every place and length of zero groups is written as the C library does") {
  for (unsigned pattern = 0; pattern < 256; ++pattern) {
    std::array<std::uint8_t, 16> bytes{};
    for (std::size_t i = 0; i < 8; ++i) bytes[2 * i + 1] = static_cast<std::uint8_t>(pattern >> i & 1);
    const auto address = Address::v6(bytes);
    if (low_96_zero(address)) continue;  // inet_ntop writes these in dotted form
    CHECK(address.text() == libc_text(address));
    CHECK(Address::parse(address.text()) == address);
  }
}

TEST_CASE("any address survives its text and equals the C library's") {
  CHECK(rc::check([] {
    const Address address = *any_address();
    RC_PRE(!mapped(address));
    RC_ASSERT(Address::parse(address.text()) == address);
    if (address.family() == Family::V4 || !low_96_zero(address)) RC_ASSERT(address.text() == libc_text(address));
    std::string out = "before ";
    address.append_to(out);
    RC_ASSERT(out == "before " + address.text());
  }));
}

TEST_CASE("what parses is what the C library parses, but for mapped addresses") {
  CHECK(rc::check([] {
    const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("0129.:::afF:4")));
    const auto theirs = libc_parse(text);
    const auto ours = Address::parse(text);
    if (theirs && mapped(*theirs)) {
      RC_ASSERT(!ours.has_value());
    } else {
      RC_ASSERT(ours == theirs);
    }
  }));
}

TEST_CASE("a damaged address text parses as in the C library") {
  CHECK(rc::check([] {
    const Address address = *any_address();
    std::string text = address.text();
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    switch (*rc::gen::inRange(0, 3)) {
      case 0: text[at] = *rc::gen::elementOf(std::string("019.:afg% ")); break;
      case 1: text.erase(at, 1); break;
      default: text.insert(at, 1, *rc::gen::elementOf(std::string("019.:afg% "))); break;
    }
    const auto theirs = libc_parse(text);
    const auto ours = Address::parse(text);
    if (theirs && mapped(*theirs)) {
      RC_ASSERT(!ours.has_value());
    } else {
      RC_ASSERT(ours == theirs);
    }
  }));
}

TEST_CASE("order is by family, then by number") {
  const auto a = [](const char* text) { return *Address::parse(text); };
  CHECK(a("10.0.0.2") < a("10.0.0.10"));
  CHECK(a("255.255.255.255") < a("::1"));
  CHECK(a("2001:db8::1") < a("2001:db8::1:0"));
}

TEST_CASE("usable as peer, link-local") {
  const auto usable = [](const char* text) { return Address::parse(text)->usable_as_peer(); };
  for (const char* text : {"10.0.0.1", "172.17.207.1", "223.255.255.255", "169.254.1.1", "2001:db8::1", "fe80::1",
                           "fc00::1", "128.0.0.1"}) {
    CAPTURE(text);
    CHECK(usable(text));
  }
  for (const char* text : {"0.0.0.0", "0.1.2.3", "127.0.0.1", "127.9.9.9", "224.0.0.1", "239.255.255.255",
                           "255.255.255.255", "::", "::1", "::1.2.3.4", "ff02::1", "ffff::1"}) {
    CAPTURE(text);
    CHECK_FALSE(usable(text));
  }
  CHECK(Address::parse("169.254.0.1")->link_local());
  CHECK_FALSE(Address::parse("169.253.0.1")->link_local());
  CHECK(Address::parse("fe80::1")->link_local());
  CHECK(Address::parse("febf::1")->link_local());
  CHECK_FALSE(Address::parse("fec0::1")->link_local());
}
