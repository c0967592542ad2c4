#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "net/address.hpp"

using namespace meshctl;

namespace {
std::optional<Prefix> parse(const char* text) { return Prefix::parse(text); }
}  // namespace

TEST_CASE("prefixes are read strictly") {
  CHECK(parse("10.0.0.0/8")->text() == "10.0.0.0/8");
  CHECK(parse("10.0.0.1/32")->text() == "10.0.0.1");
  CHECK(parse("10.0.0.1")->length == 32);
  CHECK(parse("2001:DB8::/32")->text() == "2001:db8::/32");
  CHECK(parse("::1/128")->text() == "::1");
  CHECK(parse("0.0.0.0/0") == Prefix::all(Family::V4));
  CHECK(parse("::/0") == Prefix::all(Family::V6));
  for (const char* text :
       {"10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/08", "10.0.0.0/ 8", "10.0.0.0/+8", "10.0.0.0/-1",
        "10.0.0.0/8/8", "2001:db8::/129", "2001:db8::1/64", "/8", "", "10/8", "10.0.0.0/4294967304"}) {
    CAPTURE(text);
    CHECK_FALSE(parse(text).has_value());
  }
}

TEST_CASE("the network around an address") {
  const auto around = [](const char* address, unsigned length) {
    return Prefix::around(*Address::parse(address), length).text();
  };
  CHECK(around("10.1.0.1", 16) == "10.1.0.0/16");
  CHECK(around("10.1.255.255", 15) == "10.0.0.0/15");
  CHECK(around("192.0.2.129", 25) == "192.0.2.128/25");
  CHECK(around("192.0.2.1", 32) == "192.0.2.1");
  CHECK(around("192.0.2.1", 0) == "0.0.0.0/0");
  CHECK(around("2001:db8:1:2::3", 48) == "2001:db8:1::/48");
  CHECK(around("2001:db8::1", 0) == "::/0");
}

TEST_CASE("a prefix contains the addresses that share its bits, bit by bit") {
  for (const unsigned bits : {32U, 128U}) {
    const Address base = bits == 32 ? *Address::parse("170.85.170.85") : *Address::parse("aa55:aa55::aa55:aa55");
    for (unsigned length = 0; length <= bits; ++length) {
      auto bytes = base.bytes();
      for (unsigned bit = length; bit < bits; ++bit) bytes[bit / 8] &= static_cast<std::uint8_t>(~(0x80U >> bit % 8));
      const Address network = bits == 32 ? Address::v4(static_cast<std::uint32_t>(bytes[0] << 24 | bytes[1] << 16) |
                                                       static_cast<std::uint32_t>(bytes[2] << 8 | bytes[3]))
                                         : Address::v6(bytes);
      const Prefix prefix{network, static_cast<std::uint8_t>(length)};
      CHECK(Prefix::parse(network.text() + "/" + std::to_string(length)) == prefix);
      CHECK(prefix.contains(base));
      for (unsigned bit = 0; bit < bits; ++bit) {  // one flipped bit is inside exactly when it is a host bit
        auto other = base.bytes();
        other[bit / 8] ^= static_cast<std::uint8_t>(0x80U >> bit % 8);
        const Address flipped = bits == 32 ? Address::v4(static_cast<std::uint32_t>(other[0]) << 24 |
                                                         static_cast<std::uint32_t>(other[1]) << 16 |
                                                         static_cast<std::uint32_t>(other[2]) << 8 | other[3])
                                           : Address::v6(other);
        CHECK(prefix.contains(flipped) == (bit >= length));
      }
    }
  }
  CHECK_FALSE(Prefix::all(Family::V4).contains(*Address::parse("::")));
}
