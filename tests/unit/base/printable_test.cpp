// Foreign text at every door: what may pass, and what becomes of the rest.
#include "base/printable.hpp"

#include <doctest/doctest.h>

#include "base/sources.hpp"

using namespace meshctl;

namespace {

std::string utf8(char32_t code) {
  std::string out;
  if (code < 0x80) return {static_cast<char>(code)};
  const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  out += static_cast<char>((0xf00U >> more & 0xf0U) | code >> (6 * more) |
                           (more == 1   ? 0xc0U
                            : more == 2 ? 0xe0U
                                        : 0xf0U));
  for (int i = more - 1; i >= 0; --i) out += static_cast<char>(0x80U | (code >> (6 * i) & 0x3fU));
  return out;
}

}  // namespace

TEST_CASE("text as people write it passes as it is") {
  for (const char* text :
       {"", "transport require esp aes256", "Zürich – 東京 ✓ 🙂", "e\u0301", "\ufffd", "a\\b"}) {
    CHECK(printable(text) == text);
  }
}

TEST_CASE("control, bidirectional, format and zero-width characters become visible") {
  CHECK(printable("\x1b]0;t\a\x7f") == R"(\x1b]0;t\x07\x7f)");
  CHECK(printable(std::string_view("a\0b", 3)) == R"(a\x00b)");
  CHECK(printable("a\tb\nc\r") == "a b c ");
  CHECK(printable_lines("a\tb\nc\r\x1b\n") == "a b\nc \\x1b\n");
  for (const char32_t code : {0x80U,   0x9bU,   0x9fU,   0xadU,    0x61cU,   0x180eU,  0x200bU,  0x200cU, 0x200dU,
                              0x200eU, 0x200fU, 0x2028U, 0x2029U,  0x202aU,  0x202eU,  0x2060U,  0x2066U, 0x2069U,
                              0xfeffU, 0xfff9U, 0xffffU, 0x1d173U, 0xe0001U, 0xe0041U, 0x10ffffU}) {
    INFO(code);
    const std::string text = utf8(code);
    CHECK(character_at(text, 0).code == code);
    CHECK(!is_visible(code));
    const std::string shown = printable(text);
    CHECK(shown.starts_with("\\u"));
    CHECK(printable(shown) == shown);
  }
}

TEST_CASE("what is not UTF-8 becomes its bytes") {
  CHECK(printable("/etc/\xff") == R"(/etc/\xff)");
  CHECK(printable("\xc3") == R"(\xc3)");                  // cut off
  CHECK(printable("\xc0\xaf") == R"(\xc0\xaf)");          // overlong
  CHECK(printable("\xe0\x82\x9b") == R"(\xe0\x82\x9b)");  // overlong C1
  CHECK(printable("\xed\xa0\x80") == R"(\xed\xa0\x80)");  // a surrogate
  CHECK(printable("\xf4\x90\x80\x80") == R"(\xf4\x90\x80\x80)");
  CHECK(printable("\x9b"
                  "31m") == R"(\x9b31m)");
}

TEST_CASE("every two bytes: valid, visible, and the same when done twice") {
  std::string bad;
  for (unsigned a = 0; a < 256; ++a) {
    for (unsigned b = 0; b < 256; ++b) {
      const std::string shown = printable(std::string{static_cast<char>(a), static_cast<char>(b)});
      bool good = printable(shown) == shown;
      for (std::size_t at = 0; good && at < shown.size();) {
        const Character character = character_at(shown, at);
        good = character.size > 0 && is_visible(character.code);
        at += character.size;
      }
      if (!good) bad += std::to_string(a) + " " + std::to_string(b) + "\n";
    }
  }
  CHECK(bad.empty());
}

TEST_CASE("a long text is cut between characters") {
  CHECK(printable("abcdef", 6) == "abcdef");
  CHECK(printable("abcdef", 5) == "abcde…");
  CHECK(printable("abcd\xc3\xbc", 5) == "abcd…");
  CHECK(printable(std::string(10, '\x80'), 6) == R"(\x80\x80…)");
}

TEST_CASE("carets stay below what they point at") {
  Sources sources;
  const FileId file = sources.add("x", "\x1b[1mü \xe2\x80\xae here\n");
  Diag diag;
  diag.code = "E0001";
  diag.text = "so";
  diag.where = {file, 1, 12, 1, 16};
  CHECK(render(diag, sources, false) ==
        "x:1:12: error[E0001]: so\n"
        "    \\x1b[1mü \\u202e here\n"
        "                    ^~~~\n");
  diag.where = {file, 1, 8, 1, 9};
  CHECK(render(diag, sources, false) ==
        "x:1:8: error[E0001]: so\n"
        "    \\x1b[1mü \\u202e here\n"
        "             ^~~~~~\n");
}
