#include "io/file.hpp"

#include <doctest/doctest.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rapidcheck.h>

#include "unit/io/temp_dir.hpp"

using namespace meshctl;
using test::TempDir;
namespace fs = std::filesystem;

namespace {

unsigned mode_of(const fs::path& path) {
  struct stat info {};
  REQUIRE(::lstat(path.c_str(), &info) == 0);
  return info.st_mode & 07777U;
}

template <class T>
void check_error(const Result<T>& result, std::string_view code, const std::string& text) {
  REQUIRE(!result);
  CHECK(result.error()[0].code == code);
  CHECK(result.error()[0].text == text);
}

std::size_t entries(const TempDir& dir) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(dir.path()), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("any content comes back as it was written") {
  const TempDir dir;
  CHECK(rc::check([&](const std::string& content) {
    RC_ASSERT(write_atomic(dir / "f", content, 0600U).has_value());
    RC_ASSERT(read_file(dir / "f").value() == content);
    RC_ASSERT(std::string(read_secret_file(dir / "f").value().reveal()) == content);
  }));
  CHECK(entries(dir) == 1);
}

TEST_CASE("reading refuses what is no plain file of a sane size") {
  const TempDir dir;
  const std::string at = dir.path().native();
  check_error(read_file(dir / "none"), "E4001", fmt::format("cannot open '{}/none': no such file or directory", at));
  check_error(read_file(dir.path()), "E4002", fmt::format("'{}' is not a regular file", at));
  REQUIRE(::mkfifo((dir / "fifo").c_str(), 0600) == 0);
  check_error(read_file(dir / "fifo"), "E4002", fmt::format("'{}/fifo' is not a regular file", at));
  check_error(read_file("/dev/zero"), "E4002", "'/dev/zero' is not a regular file");
  REQUIRE(write_atomic(dir / "f", "12345", 0600U));
  CHECK(read_file(dir / "f", {.limit = 5}).value() == "12345");
  check_error(read_file(dir / "f", {.limit = 4}), "E4003", fmt::format("'{}/f' is larger than 4 bytes", at));
  fs::create_symlink("f", dir / "link");
  CHECK(read_file(dir / "link").value() == "12345");
  check_error(read_file(dir / "link", {.follow_links = false}), "E4002",
              fmt::format("'{}/link' is a symbolic link, which is not followed here", at));
  CHECK(!read_file("/proc/self/status").value().empty());  // claims to have 0 bytes
}

TEST_CASE("secret files must be closed to others") {
  const TempDir dir;
  for (const unsigned mode : {0640U, 0604U, 0620U, 0601U, 0777U}) {
    REQUIRE(write_atomic(dir / "s", "hidden words", mode));
    check_error(read_secret_file(dir / "s"), "E4004",
                fmt::format("'{}' holds a secret, but others may read it (mode {:04o})", (dir / "s").native(), mode));
  }
  REQUIRE(write_atomic(dir / "s", "hidden words", 0400U));
  CHECK(read_secret_file(dir / "s").value().reveal() == "hidden words");
  if (::geteuid() == 0) {
    REQUIRE(::chown((dir / "s").c_str(), 12345, 12345) == 0);
    check_error(read_secret_file(dir / "s"), "E4005",
                fmt::format("'{}' holds a secret, but belongs to user 12345", (dir / "s").native()));
  }
}

TEST_CASE("a secret line is one line") {
  const TempDir dir;
  const auto line = [&](std::string_view content) {
    REQUIRE(write_atomic(dir / "s", content, 0600U));
    return read_secret_line(dir / "s");
  };
  CHECK(line("a word").value().reveal() == "a word");
  CHECK(line("a word\n").value().reveal() == "a word");
  CHECK(line("a word\r\n").value().reveal() == "a word");
  CHECK(line(std::string(1024, 'x') + "\n").value().size() == 1024);
  using namespace std::string_view_literals;
  for (const std::string_view bad : {""sv, "\n"sv, "two\nlines\n"sv, "one\n\n"sv, "nul\0byte"sv}) {
    check_error(line(bad), "E4006", fmt::format("'{}' must hold one line of 1 to 1024 bytes", (dir / "s").native()));
  }
  CHECK(!line(std::string(1025, 'x')));
}

TEST_CASE("writing replaces atomically and leaves nothing over") {
  const TempDir dir;
  const ::mode_t before = ::umask(0077);
  REQUIRE(write_atomic(dir / "f", "1", 0664U));
  ::umask(before);
  CHECK(mode_of(dir / "f") == 0664U);
  REQUIRE(write_atomic(dir / "f", "2", 0600U));
  CHECK(mode_of(dir / "f") == 0600U);
  check_error(write_atomic(dir / "f", "3", {.mode = 0600, .replace = false}), "E4008",
              fmt::format("'{}' is there already", (dir / "f").native()));
  CHECK(read_file(dir / "f").value() == "2");
  CHECK(write_atomic(dir / "g", "3", {.mode = 0600, .replace = false}));
  fs::create_symlink("f", dir / "link");
  REQUIRE(write_atomic(dir / "link", "4", 0600U));
  CHECK(read_file(dir / "f").value() == "2");
  CHECK(!fs::is_symlink(dir / "link"));
  CHECK(write_atomic(dir / "no/f", "1").error()[0].code == "E4007");
  fs::create_directory(dir / "folder");
  CHECK(write_atomic(dir / "folder", "1").error()[0].code == "E4007");
  CHECK(entries(dir) == 4);  // f, g, link, folder
}
