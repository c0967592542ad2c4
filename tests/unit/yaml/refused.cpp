// Texts that must be refused: each with one error, at its place, at once.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <string>

#include "unit/cpu_time.hpp"
#include "yaml/doc.hpp"

using namespace meshctl;
using namespace std::string_literals;

namespace {

Diags errors_of(std::string_view text) {
  DiagSink sink;
  static_cast<void>(yaml::parse(static_cast<FileId>(1), text, sink));
  return sink.take();
}

std::string repeat(std::string_view part, std::size_t count) {
  std::string out;
  out.reserve(part.size() * count);
  for (std::size_t i = 0; i < count; ++i) out += part;
  return out;
}

}  // namespace

TEST_CASE("each is refused with one error at its place") {
  const struct {
    std::string name;
    std::string text;
    const char* error;  // code line:col
  } rows[] = {
      {"empty", "", "E0114 0:0"},
      {"comment only", "# nothing\n", "E0114 0:0"},
      {"UTF-16 LE with mark",
       "\xff\xfe"
       "a\0:\0"s,
       "E0103 0:0"},
      {"UTF-16 BE without mark", "\0a\0:\0 \0b"s, "E0103 0:0"},
      {"UTF-32", "\xff\xfe\0\0a\0\0\0"s, "E0103 0:0"},
      {"Latin-1", "a: b\nc: caf\xe9\n", "E0103 2:7"},
      {"overlong", "a: \xc0\xaf", "E0103 1:4"},
      {"surrogate", "a: \xed\xa0\x80", "E0103 1:4"},
      {"cut off sequence", "a: \xe2\x82", "E0103 1:4"},
      {"NUL", "a: b\nc: d\0e\n"s, "E0104 2:5"},
      {"escape character", "a: \x1b[31m\n", "E0104 1:4"},
      {"lone carriage return", "a: b\rc: d\n", "E0104 1:5"},
      {"right-to-left override",
       "a: \xe2\x80\xae"
       "b\n",
       "E0104 1:4"},
      {"mark in the middle",
       "a: \xef\xbb\xbf"
       "b\n",
       "E0104 1:4"},
      {"not closed list", "a: [b, c\nd: e\n", "E0105 2:2"},
      {"not closed quote", "a: 'b\n", "E0105 1:4"},
      {"two values", "a: b: c\n", "E0105 1:5"},
      {"tab", "a:\n\tb: c\n", "E0105 2:3"},
      {"anchor", "a: &x b\n", "E0107 1:4"},
      {"alias", "a: *x\n", "E0107 1:4"},
      {"anchor on a map", "a: &x\n  b: c\n", "E0107 1:4"},
      {"tag", "a: !!python/object x\n", "E0108 1:4"},
      {"short tag", "a: ! x\n", "E0108 1:4"},
      {"own tag", "a: !vault x\n", "E0108 1:4"},
      {"two documents", "a: b\n---\nc: d\n", "E0109 2:1"},
      {"duplicate", "a: b\nc: d\na: e\n", "E0110 3:1"},
      {"duplicate, one quoted", "a: b\n\"a\": e\n", "E0110 2:1"},
      {"list as a key", "[a]: b\n", "E0105 1:1"},
      {"no key", "? \n: b\n", "E0105 2:1"},
      {"deep lists", repeat("[", 100'000), "E0106 1:33"},
      {"deep maps", repeat("{a: ", 100'000), "E0106 1:129"},
      {"deep block lists", repeat("- ", 100'000), "E0106 1:65"},
      {"deep after a quote", "a: it's\nb: " + repeat("[", 1000), "E0106 2:36"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const Diags diags = errors_of(row.text);
    REQUIRE(diags.size() == 1);
    CHECK(fmt::format("{} {}:{}", diags[0].code, diags[0].where.line, diags[0].where.col) == row.error);
    CHECK(diags[0].where.file == static_cast<FileId>(1));
  }
}

TEST_CASE("a duplicate key shows both places") {
  const Diags diags = errors_of("a: b\na: c\n");
  REQUIRE(diags.size() == 1);
  REQUIRE(diags[0].related.size() == 1);
  CHECK(diags[0].related[0].where.line == 1);
}

TEST_CASE("bombs are refused at once") {
  const struct {
    const char* name;
    std::string text;
    const char* code;
  } rows[] = {
      {"billion laughs", "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "E0107"},
      {"17 MiB", repeat("a", std::size_t{17} << 20), "E0102"},
      {"16 MiB of open lists", repeat("[", std::size_t{16} << 20), "E0106"},
      {"16 MiB of commas", "[" + repeat("a,", std::size_t{8} << 19), "E0106"},
      {"16 MiB of hidden lists", repeat("[\"]\" ", std::size_t{3} << 20), "E0106"},
      {"16 MiB of zeros", std::string(std::size_t{16} << 20, '\0'), "E0104"},
      {"16 MiB of high bytes", std::string(std::size_t{16} << 20, '\xfe'), "E0103"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const test::CpuTime took;
    const Diags diags = errors_of(row.text);
    REQUIRE(diags.size() == 1);
    CHECK(diags[0].code == row.code);
    CHECK(took.seconds() < 2.0);  // generous for sanitizers; milliseconds in truth
  }
}

TEST_CASE("a byte order mark is not part of the text") {
  CHECK(yaml::without_bom("\xef\xbb\xbf"
                          "a: b") == "a: b");
  CHECK(yaml::without_bom("a: b") == "a: b");
}
