// Whose journal is read: a folder of others, or one they may write to, is none of ours.
#include <doctest/doctest.h>

#include "apply/fleet.hpp"
#include "apply/journal.hpp"
#include "unit/ssh/sshd.hpp"

using namespace meshctl;
using namespace meshctl::test;

namespace {

/// "" when it is taken, for reading and for a run.
std::string code(const std::string& folder) {
  const auto read = needs_resume(folder);
  const auto opened = Journal::open(folder);
  CHECK(read.has_value() == opened.has_value());
  if (read && opened) return {};
  return std::string(read ? opened.error().front().code : read.error().front().code);
}

}  // namespace

TEST_CASE("a journal's folder is ours, or is not used") {
  const TestFolder folder;
  const std::string ours = folder / ".meshctl";
  CHECK(needs_resume(ours).value() == false);  // not there yet
  CHECK(code(ours).empty());                   // made
  CHECK(code(ours).empty());
  for (const mode_t mode : {0720U, 0702U, 0777U, 01777U}) {
    ::chmod(ours.c_str(), mode);
    CHECK(code(ours) == "E4012");
  }
  ::chmod(ours.c_str(), 0755);
  CHECK(code(ours).empty());
  const std::string link = folder / "link";
  std::filesystem::create_directory_symlink(ours, link);
  CHECK(code(link) == "E4012");
  spit(folder / "file", "");
  CHECK(code(folder / "file") == "E4012");
  if (::geteuid() != 0) return;
  REQUIRE(::chown(ours.c_str(), 65534, 65534) == 0);
  CHECK(code(ours) == "E4012");
}
