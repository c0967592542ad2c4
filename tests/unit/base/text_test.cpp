#include "base/text.hpp"

#include <doctest/doctest.h>

using namespace meshctl;

TEST_CASE("a character is named so that a person finds it") {
  CHECK(describe_character("a/b", 1) == "'/'");
  CHECK(describe_character("a b", 1) == "a blank");
  CHECK(describe_character("\u201coffice\u201d", 0) == "a curly quotation mark");
  CHECK(describe_character("\u2018", 0) == "a curly quotation mark");
  CHECK(describe_character("\u00ab", 0) == "a curly quotation mark");
  CHECK(describe_character("a\u00a0b", 1) == "a no-break space");
  CHECK(describe_character("b\u00fcro", 1) == "U+00FC");
  CHECK(describe_character("\U0001F600", 0) == "U+1F600");
  CHECK(describe_character("\x1b[m", 0) == "the byte 0x1b");
  CHECK(describe_character("\x7f", 0) == "the byte 0x7f");
}

TEST_CASE("broken UTF-8 has no code point") {
  CHECK(describe_character("\xe2\x80", 0) == "the byte 0xe2");
  CHECK(describe_character("\xff", 0) == "the byte 0xff");
  CHECK(describe_character("\xc3x", 0) == "the byte 0xc3");
}

TEST_CASE("one host, two hosts") {
  CHECK(counted(0, "host") == "0 hosts");
  CHECK(counted(1, "host") == "1 host");
  CHECK(counted(2, "host") == "2 hosts");
}
