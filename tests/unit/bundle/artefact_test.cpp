#include <doctest/doctest.h>

#include <algorithm>

#include "unit/bundle/sample.hpp"

using namespace meshctl;

namespace {

bool zeros(const char* data, std::size_t size) {
  return std::all_of(data, data + size, [](char c) { return c == '\0'; });
}

}  // namespace

TEST_CASE("forgetting wipes a secret content and keeps its buffer") {
  Artefact secret = test::artefact("/etc/psk.txt", 0600, true, std::string(500, 's'));
  const char* buffer = secret.content.data();
  secret.forget();
  CHECK(secret.content.empty());
  CHECK(secret.content.data() == buffer);
  CHECK(zeros(buffer, 500));
}

TEST_CASE("assigning over a secret wipes it, and the source is left empty") {
  Artefact target = test::artefact("/etc/psk.txt", 0600, true, std::string(500, 's'));
  Artefact source = test::artefact("/etc/conf", 0644, false, std::string(600, 'c'));
  const char* old = target.content.data();
  target = std::move(source);
  CHECK(target.content == std::string(600, 'c'));
  CHECK(!target.secret);
  CHECK(source.content.data() == old);  // NOLINT(bugprone-use-after-move): the wiped buffer moved there for reuse
  CHECK(zeros(old, 500));
}
