#include "base/secret.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <type_traits>

using namespace meshctl;

namespace {

bool zeros(const char* data, std::size_t size) {
  return std::all_of(data, data + size, [](char c) { return c == '\0'; });
}

}  // namespace

static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);

TEST_CASE("taking wipes the source, clearing wipes the rest") {
  std::string bytes(100, 's');
  const char* source = bytes.data();
  Secret secret = Secret::take(bytes);
  CHECK(bytes.empty());
  CHECK(zeros(source, 100));  // the buffer still belongs to `bytes`
  const char* inside = secret.reveal().data();
  CHECK(secret.reveal() == std::string(100, 's'));
  secret.clear();
  CHECK(secret.empty());
  CHECK(zeros(inside, 100));
}

TEST_CASE("room that was reserved is used in place") {
  Secret secret(std::string_view("begin"));
  secret.reserve(1000);
  const char* inside = secret.reveal().data();
  std::string expected = "begin";
  for (int i = 0; i < 90; ++i) {
    secret.append("0123456789");
    expected += "0123456789";
  }
  CHECK(secret.reveal().data() == inside);
  CHECK(secret.reveal() == expected);
}

TEST_CASE("moves leave nothing behind, short secrets included") {
  for (const std::size_t size : {3U, 200U}) {
    Secret first{std::string(size, 'x')};
    Secret second = std::move(first);
    CHECK(first.empty());  // NOLINT(bugprone-use-after-move): what a move leaves is the point
    CHECK(second.size() == size);
    Secret third(std::string_view("old"));
    third = std::move(second);
    CHECK(third.reveal() == std::string(size, 'x'));
    CHECK(second.empty());  // NOLINT(bugprone-use-after-move)
    CHECK(third.clone() == third);
  }
}

TEST_CASE("comparison and appending agree with strings") {
  CHECK(rc::check([](const std::string& a, const std::string& b) {
    RC_ASSERT((Secret(a) == Secret(b)) == (a == b));
    Secret joined(a);
    joined.append(b);
    RC_ASSERT(joined.reveal() == a + b);
  }));
}
