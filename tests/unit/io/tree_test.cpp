#include "io/tree.hpp"

#include <doctest/doctest.h>
#include <fmt/core.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>

#include "base/parallel.hpp"
#include "io/file.hpp"
#include "unit/io/temp_dir.hpp"

using namespace meshctl;
using test::shell;
using test::TempDir;
namespace fs = std::filesystem;

namespace {

/// Everything in a folder, with modes: "drwx------ out/a".
std::string listing(const TempDir& dir) {
  return shell(fmt::format("cd '{}' && find . -mindepth 1 -printf '%M %P\\n' | LC_ALL=C sort -k2", dir.path().native()))
      .second;
}

Result<void> write_tree(const fs::path& target, std::string_view content) {
  auto tree = TreeWriter::begin(target);
  if (!tree) return tl::unexpected(tree.error());
  if (auto added = tree->add("a/files/etc/x.conf", 0640, content); !added) return added;
  return tree->commit();
}

}  // namespace

TEST_CASE("a tree appears as a whole and is replaced as a whole") {
  const TempDir dir;
  {
    auto tree = TreeWriter::begin(dir / "out/");
    REQUIRE(tree);
    REQUIRE(tree->add("old/file", 0600, "1"));
    CHECK(!fs::exists(dir / "out"));
    REQUIRE(tree->commit());
  }
  REQUIRE(write_tree(dir / "out", "new"));
  CHECK(
      listing(dir) ==
      "drwx------ out\n-rw------- out/.meshctl\ndrwx------ out/a\ndrwx------ out/a/files\ndrwx------ out/a/files/etc\n"
      "-rw-r----- out/a/files/etc/x.conf\n");
  CHECK(read_file(dir / "out/a/files/etc/x.conf").value() == "new");
}

TEST_CASE("a tree not committed leaves nothing, and so does one left by a kill once another begins") {
  const TempDir dir;
  {
    auto tree = TreeWriter::begin(dir / "out");
    REQUIRE(tree->add("a", 0600, "secret"));
  }
  CHECK(listing(dir).empty());
  fs::create_directories(dir / ".out.meshctl-killed/host");
  // One of another name, which may never be written again; and one that meshctl did not make.
  fs::create_directories(dir / ".other.meshctl-killed/host");
  std::ofstream(dir / ".other.meshctl-killed/.meshctl") << "made by meshctl\n";
  fs::create_directories(dir / ".mine.meshctl-notes/host");
  {
    auto running = TreeWriter::begin(dir / "out");  // takes away what was left
    CHECK(!fs::exists(dir / ".out.meshctl-killed"));
    CHECK(!fs::exists(dir / ".other.meshctl-killed"));
    CHECK(fs::exists(dir / ".mine.meshctl-notes"));
    REQUIRE(running->add("a", 0600, "1"));
    REQUIRE(write_tree(dir / "out", "2"));  // does not take away the other one's folder
    REQUIRE(running->add("b", 0600, "1"));
  }
  CHECK(read_file(dir / "out/a/files/etc/x.conf").value() == "2");
}

TEST_CASE("what is not ours is refused") {
  const TempDir dir;
  fs::create_directory(dir / "empty");
  CHECK(write_tree(dir / "empty", "x"));
  fs::create_directory(dir / "full");
  REQUIRE(write_atomic(dir / "full/precious", "1", 0600U));
  fs::create_directory_symlink("empty", dir / "link");
  REQUIRE(write_atomic(dir / "file", "1", 0600U));
  for (const std::string_view name : {"full", "link", "file"}) {
    const auto refused = write_tree(dir / name, "x");
    REQUIRE(!refused);
    CHECK(refused.error()[0].code == "E4010");
  }
  CHECK(write_tree(dir / "full", "x").error()[0].text ==
        fmt::format("'{}' will not be replaced: it holds files that meshctl did not write", (dir / "full").native()));
  CHECK(fs::exists(dir / "full/precious"));
  CHECK(!write_tree("/", "x"));
  CHECK(write_tree(dir / "no/such/out", "x").error()[0].code == "E4007");
}

TEST_CASE("a target that became somebody's between begin and commit is refused") {
  const TempDir dir;
  auto tree = TreeWriter::begin(dir / "out");
  REQUIRE(tree->add("a", 0600, "1"));
  fs::create_directory(dir / "out");
  REQUIRE(write_atomic(dir / "out/precious", "1", 0600U));
  CHECK(tree->commit().error()[0].code == "E4010");
  CHECK(fs::exists(dir / "out/precious"));
}

TEST_CASE("hostile paths and paths twice are refused") {
  const TempDir dir;
  auto tree = TreeWriter::begin(dir / "out");
  for (const std::string_view path : {"", "/etc/passwd", "..", "a/../b", "a//b", "a/", "./a"}) {
    INFO(path);
    CHECK(tree->add(path, 0600, "x").error()[0].code == "E4011");
  }
  REQUIRE(tree->add("a/b", 0600, "x"));
  CHECK(tree->add("a/b", 0600, "x").error()[0].text == "'a/b' would be written twice");
  CHECK(tree->add("a/b/c", 0600, "x").error()[0].code == "E4007");
}

TEST_CASE("many threads add to one tree") {
  const TempDir dir;
  auto tree = TreeWriter::begin(dir / "out");
  std::atomic<int> failures = 0;
  parallel_for(200, 8, [&](std::size_t index, unsigned) {
    if (!tree->add(fmt::format("shared/h{}/f", index), 0644, std::to_string(index))) ++failures;
  });
  CHECK(failures == 0);
  REQUIRE(tree->commit());
  for (int i = 0; i < 200; ++i) {
    CHECK(read_file(dir / fmt::format("out/shared/h{}/f", i)).value() == std::to_string(i));
  }
}
