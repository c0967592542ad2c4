#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <vector>

#include "net/name.hpp"

using namespace meshctl;

TEST_CASE("good names") {
  for (const char* name : {"a", "0", "sfere", "web-1", "db_2", "fra.example", "A.b", "ALL", "all1"}) {
    CAPTURE(name);
    CHECK_FALSE(why_bad_name(name).has_value());
  }
  CHECK_FALSE(why_bad_name(std::string(63, 'x')).has_value());
}

TEST_CASE("bad names say why") {
  const std::pair<std::string, std::string> cases[] = {
      {"", "a name must not be empty"},
      {std::string(64, 'x'), "a name has at most 63 characters, this one has 64"},
      {"a b", "a name has only letters, digits, '.', '_' and '-', not a blank"},
      {"a\xe2\x80\x9d", "a name has only letters, digits, '.', '_' and '-', not a curly quotation mark"},
      {"a/b", "a name has only letters, digits, '.', '_' and '-', not '/'"},
      {"a\nb", "a name has only letters, digits, '.', '_' and '-', not the byte 0x0a"},
      {"\xc3\xa4", "a name has only letters, digits, '.', '_' and '-', not U+00E4"},
      {".a", "a name starts with a letter or a digit, not '.'"},
      {"-a", "a name starts with a letter or a digit, not '-'"},
      {"a..b", "a name must not contain '..'"},
      {"all", "'all' is the word for every host"},
  };
  for (const auto& [name, why] : cases) CHECK(why_bad_name(name) == why);
}

TEST_CASE("of all bytes only letters, digits and ._- stand in a name") {
  const std::string good = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    CHECK(why_bad_name(std::string("a") + c + "b").has_value() == (good.find(c) == std::string::npos));
  }
}

TEST_CASE("DNS names") {
  for (const char* name : {"localhost", "a.b", "web-1.example.org", "3com.com", "xn--bcher-kva.example"}) {
    CAPTURE(name);
    CHECK(is_dns_name(name));
  }
  for (const char* name : {"", ".", "a.", ".a", "a..b", "-a.b", "a-.b", "a_b.c", "10.0.0.256", "1.2.3", "a b", "a/b"}) {
    CAPTURE(name);
    CHECK_FALSE(is_dns_name(name));
  }
  CHECK(is_dns_name(std::string(63, 'a') + ".b"));
  CHECK_FALSE(is_dns_name(std::string(64, 'a') + ".b"));
  std::string longest;
  for (int i = 0; i < 126; ++i) longest += "a.";
  CHECK(is_dns_name(longest + "b"));         // 253
  CHECK_FALSE(is_dns_name(longest + "bc"));  // 254
}

TEST_CASE("edit distance by hand") {
  CHECK(edit_distance("", "", 3) == 0);
  CHECK(edit_distance("abc", "abc", 3) == 0);
  CHECK(edit_distance("abc", "acb", 3) == 1);  // neighbours swapped
  CHECK(edit_distance("abc", "ab", 3) == 1);
  CHECK(edit_distance("abc", "xabc", 3) == 1);
  CHECK(edit_distance("kitten", "sitting", 5) == 3);
  CHECK(edit_distance("kitten", "sitting", 2) == 3);  // limit + 1
  CHECK(edit_distance("a", "abcdefgh", 2) == 3);
}

namespace {
/// The definition, without rows or bounds: slow and plain.
unsigned by_definition(const std::string& a, const std::string& b, std::size_t i, std::size_t j,
                       std::map<std::pair<std::size_t, std::size_t>, unsigned>& known) {
  if (i == 0) return static_cast<unsigned>(j);
  if (j == 0) return static_cast<unsigned>(i);
  if (const auto it = known.find({i, j}); it != known.end()) return it->second;
  unsigned best = std::min(by_definition(a, b, i - 1, j, known), by_definition(a, b, i, j - 1, known)) + 1;
  best = std::min(best, by_definition(a, b, i - 1, j - 1, known) + (a[i - 1] == b[j - 1] ? 0 : 1));
  if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
    best = std::min(best, by_definition(a, b, i - 2, j - 2, known) + 1);
  }
  return known[{i, j}] = best;
}
}  // namespace

TEST_CASE("edit distance equals its definition, up to the limit") {
  CHECK(rc::check([] {
    const auto word = rc::gen::container<std::string>(rc::gen::elementOf(std::string("abc")));
    const std::string a = *word;
    const std::string b = *word;
    const unsigned limit = *rc::gen::inRange(0u, 8u);
    std::map<std::pair<std::size_t, std::size_t>, unsigned> known;
    RC_ASSERT(edit_distance(a, b, limit) == std::min(by_definition(a, b, a.size(), b.size(), known), limit + 1));
  }));
}

TEST_CASE("the nearest candidate is offered, or none") {
  const std::vector<std::string> names{"sfere", "deodand", "win10"};
  CHECK(nearest("sfree", names) == "sfere");
  CHECK(nearest("deodnad", names) == "deodand");
  CHECK(nearest("printer", names).empty());
  CHECK(nearest("", names).empty());
}
