// Files: what is too large, what cannot be read, in which order includes count; the lock file.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "inventory/load.hpp"
#include "unit/cpu_time.hpp"

using namespace meshctl;
namespace fs = std::filesystem;

namespace {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (fs::temp_directory_path() / "meshctl-test-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  fs::path write(const std::string& name, const std::string& text) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << text;
    return path_ / name;
  }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string only_error(const Result<Inventory>& result) {
  REQUIRE_FALSE(result);
  REQUIRE(result.error().size() == 1);
  CHECK_FALSE(result.error()[0].hint.empty());
  return std::string(result.error()[0].code);
}

constexpr const char* kHost = "version: 1\nmesh: m\nhosts: {a: {addresses: [192.0.2.1]}}\n";

}  // namespace

TEST_CASE("100 MB of garbage are refused before they are read") {
  const TemporaryFolder folder;
  const fs::path file = folder.write("garbage.yaml", "x");
  fs::resize_file(file, 100'000'000);  // sparse
  Sources sources;
  DiagSink sink;
  const test::CpuTime took;
  CHECK(only_error(load_inventory(file, sources, sink)) == "E0102");
  CHECK(took.seconds() < 0.2);
}

TEST_CASE("the limit counts the inventory and what it includes together") {
  const TemporaryFolder folder;
  const std::string filler = "# " + std::string(std::size_t{6} << 20, 'x') + "\n";
  for (const char* name : {"b.yaml", "c.yaml", "d.yaml"}) folder.write(name, filler + "links: []\n");
  const fs::path file = folder.write("a.yaml", std::string(kHost) + "include: [b.yaml, c.yaml, d.yaml]\n");
  Sources sources;
  DiagSink sink;
  const auto result = load_inventory(file, sources, sink);
  CHECK(only_error(result) == "E0102");
  CHECK(result.error()[0].where.line == 4);
  CHECK(result.error()[0].where.col == 27);
}

TEST_CASE("files that cannot be read") {
  const TemporaryFolder folder;
  const auto load = [](const fs::path& file) {
    Sources sources;
    DiagSink sink;
    return only_error(load_inventory(file, sources, sink));
  };
  CHECK(load(folder.path() / "absent.yaml") == "E0101");
  CHECK(load(folder.path()) == "E0101");
  CHECK(load("/dev/zero") == "E0101");
}

TEST_CASE("an inventory includes what is in its folder, and elsewhere what its user allows") {
  const TemporaryFolder folder;
  const std::string secret = "correct horse battery staple";
  folder.write("mesh.pass", secret + "\n");
  folder.write("common/b.yaml", "hosts: {b: {addresses: [192.0.2.2]}}\n");
  folder.write("repo/parts/c.yaml", "hosts: {c: {addresses: [192.0.2.3]}}\ninclude: [../d.yaml]\n");
  folder.write("repo/d.yaml", "hosts: {d: {addresses: [192.0.2.4]}}\n");
  fs::create_symlink("../mesh.pass", folder.path() / "repo/link.yaml");
  fs::create_directory_symlink("..", folder.path() / "repo/up");
  const auto load = [&](const std::string& include, const std::vector<std::string>& allowed = {}) {
    const fs::path file = folder.write("repo/a.yaml", kHost + ("include: [" + include + "]\n"));
    Sources sources;
    DiagSink sink;
    const auto result = load_inventory(file, sources, sink, allowed);
    if (result) return std::string();
    std::string shown;
    for (const Diag& diag : result.error()) shown += render(diag, sources, false);
    CHECK(shown.find("correct") == shown.npos);
    return std::string(result.error()[0].code);
  };
  CHECK(load("parts/c.yaml").empty());
  CHECK(load((folder.path() / "repo/d.yaml").string()).empty());
  CHECK(load("../common/b.yaml") == "E0115");
  CHECK(load("../absent.yaml") == "E0115");  // nor does it say what is there
  CHECK(load("../mesh.pass") == "E0115");
  CHECK(load("link.yaml") == "E0115");
  CHECK(load("up/mesh.pass") == "E0115");
  CHECK(load("/etc/passwd") == "E0115");
  CHECK(load("../common/b.yaml", {(folder.path() / "common").string()}).empty());
  CHECK(load("../common/b.yaml", {(folder.path() / "common/").string()}).empty());
  CHECK(load("../mesh.pass", {(folder.path() / "common").string()}) == "E0115");
  CHECK(load("../mesh.pass", {(folder.path() / "com").string()}) == "E0115");
}

TEST_CASE("no message quotes a file that is no part of an inventory, or that only its owner may read") {
  const TemporaryFolder folder;
  const fs::path file = folder.write("a.yaml", std::string(kHost) + "include: [secret]\n");
  for (const mode_t mode : {0644U, 0600U}) {
    for (const char* text : {"correct horse battery staple", "- correct", "correct: {",
                             "correct: horse\ncorrect: staple", "hosts: {correct: 1, horse: [}"}) {
      const bool names_hosts = std::string_view(text).starts_with("hosts");
      if (mode == 0644U && (names_hosts || std::string_view(text).starts_with("correct: "))) continue;
      REQUIRE(::chmod(folder.write("secret", text).c_str(), mode) == 0);
      Sources sources;
      DiagSink sink;
      const auto result = load_inventory(file, sources, sink);
      REQUIRE_FALSE(result);
      for (const Diag& diag : result.error()) {
        const std::string shown = render(diag, sources, false);
        INFO(shown);
        CHECK(shown.find("correct") == shown.npos);
        CHECK(shown.find("E0116") != shown.npos);
      }
    }
  }
  // Nor the one that an inventory is a link to
  for (const char* text : {"correct horse battery staple", "correct:*:20228:0:99999:7:::", "correct: {"}) {
    const TemporaryFolder other;
    const fs::path link = other.path() / "linked.yaml";
    fs::create_symlink(folder.write("elsewhere", text), link);
    Sources sources;
    DiagSink sink;
    const auto result = load_inventory(link, sources, sink);
    REQUIRE_FALSE(result);
    REQUIRE(result.error().size() == 1);
    CHECK(result.error()[0].code == "E0116");
    CHECK(render(result.error()[0], sources, false).find("correct") == std::string::npos);
  }
  const TemporaryFolder other;
  fs::create_symlink(folder.write("good.yaml", kHost), other.path() / "linked.yaml");
  Sources linked;
  DiagSink none;
  CHECK(load_inventory(other.path() / "linked.yaml", linked, none));
  // What is one of its maps is explained, without its lines.
  REQUIRE(::chmod(folder.write("secret", "hosts: {b: {addresses: 7, raw: correct}}").c_str(), 0600) == 0);
  Sources sources;
  DiagSink sink;
  const auto result = load_inventory(file, sources, sink);
  REQUIRE_FALSE(result);
  for (const Diag& diag : result.error()) CHECK(render(diag, sources, false).find("correct}}") == std::string::npos);
}

TEST_CASE("what a file includes comes before the file itself") {
  const TemporaryFolder folder;
  folder.write("parts/b.yaml", "hosts: {b: {addresses: [192.0.2.2]}}\nlinks: [[a, b]]\ndefaults: {suite: modern}\n");
  const fs::path file = folder.write(
      "a.yaml", std::string(kHost) +
                    "links: [{between: [a, b], level: use}]\ndefaults: {mode: transport}\ninclude: [parts/b.yaml]\n");
  Sources sources;
  DiagSink sink;
  const auto result = load_inventory(file, sources, sink);
  REQUIRE(result);
  REQUIRE(result->links.size() == 2);
  CHECK_FALSE(result->links[0].options.level);
  CHECK(result->links[1].options.level->value == Level::Use);
  CHECK(result->hosts[0].name.value == "b");
  CHECK(result->defaults.suite->value.name == "modern");
  CHECK(result->defaults.mode->value == Mode::Transport);
  CHECK(result->files.size() == 2);
}

TEST_CASE("1,000 hosts load in well under a second or two") {
  std::string text = "version: 1\nmesh: m\ndefaults: {backend: racoon, suite: modern}\nhosts:\n";
  for (int i = 0; i < 1000; ++i) {
    const std::string ends = std::to_string(i / 250) + "." + std::to_string(i % 250 + 1);
    const std::string v6 = std::to_string(i / 250) + ":" + std::to_string(i % 250 + 1);
    text += "  host-" + std::to_string(i) + ": {addresses: [10.0." + ends + ", \"2001:db8::" + v6 +
            "\"], tags: [server, rack-" + std::to_string(i % 40) + "], ssh: {user: root, port: 22}}\n";
  }
  text += "links:\n  - {among: all}\n";
  Sources sources;
  DiagSink sink;
  const test::CpuTime took;
  const auto result = parse_inventory("large.yaml", text, sources, sink);
  REQUIRE(result);
  CHECK(result->hosts.size() == 1000);
  MESSAGE("took " << took.seconds() << " s");
  CHECK(took.seconds() < 5.0);  // room for sanitizers
}

TEST_CASE("time grows with the number of links, not with its square") {
  const auto time = [](int links) {
    std::string text =
        "version: 1\nmesh: m\nhosts: {a: {addresses: [192.0.2.1]}, b: {addresses: [192.0.2.2]}}\nlinks:\n";
    for (int i = 0; i < links; ++i) text += "  - [a, b]\n";
    Sources sources;
    DiagSink sink;
    const test::CpuTime took;
    const auto result = parse_inventory("links.yaml", text, sources, sink);
    const double seconds = took.seconds();
    REQUIRE(result);
    CHECK(result->links.size() == static_cast<std::size_t>(links));
    return seconds;
  };
  const double small = time(2'000);
  const double large = time(20'000);
  MESSAGE("2,000 links: " << small << " s, 20,000 links: " << large << " s");
  CHECK(large < 40 * small);  // ten times, with room for noise; the square would be a hundred
}

TEST_CASE("lock file: written, read back, the same bytes again") {
  Facts facts;
  facts.hosts["web-1"].resolved["web-1.example.com"] = {*Address::parse("2001:db8::1"), *Address::parse("192.0.2.7")};
  facts.hosts["web-1"].backend = BackendKind::Strongswan;
  facts.hosts["web-1"].os = "Debian GNU/Linux 12 \"bookworm\"";
  facts.hosts["web-1"].backend_version = "strongSwan 5.9.8";
  facts.hosts["db-1"].ikev1 = false;
  facts.hosts["web-1"].ikev1 = true;
  const std::string text = write_facts(facts);
  CHECK(text ==
        "{\n  \"hosts\": {\n    \"db-1\": {\n      \"ikev1\": false\n    },\n    \"web-1\": {\n      \"backend\": "
        "\"strongswan\",\n"
        "      \"backend_version\": \"strongSwan 5.9.8\",\n      \"ikev1\": true,\n      \"os\": \"Debian GNU/Linux 12 "
        "\\\"bookworm\\\"\",\n"
        "      \"resolved\": {\n        \"web-1.example.com\": [\n          \"192.0.2.7\",\n          \"2001:db8::1\"\n"
        "        ]\n      }\n    }\n  },\n  \"schema_version\": 1\n}\n");
  const TemporaryFolder folder;
  Sources sources;
  const auto back = load_facts(folder.write("meshctl.lock", text), sources);
  REQUIRE(back);
  CHECK(write_facts(*back) == text);
  CHECK(back->hosts.at("web-1").resolved.at("web-1.example.com").front() == *Address::parse("192.0.2.7"));
  CHECK(back->hosts.at("web-1").backend == BackendKind::Strongswan);
  CHECK(back->hosts.at("web-1").ikev1 == true);
  CHECK(back->hosts.at("db-1").ikev1 == false);
}

TEST_CASE("lock file: a missing one knows nothing, a broken one is an error with a place") {
  const TemporaryFolder folder;
  Sources sources;
  const auto none = load_facts(folder.path() / "meshctl.lock", sources);
  REQUIRE(none);
  CHECK(none->hosts.empty());
  const struct {
    const char* text;
    const char* code;
  } rows[] = {
      {"", "E0117"},
      {"[]", "E0117"},
      {"correct horse battery staple", "E0117"},
      {"root:*:20228:0:99999:7:::\n", "E0117"},
      {"<<<<<<< HEAD\n{\"hosts\": {}}\n", "E0117"},
      {"{\"hosts\": {}}", "E0231"},
      {"{\"schema_version\": 2, \"hosts\": {}}", "E0210"},
      {"{\"schema_version\": 1, \"host\": {}}", "E0201"},
      {"{\"schema_version\": 1, \"hosts\": {\"a/b\": {}}}", "E0231"},
      {"{\"schema_version\": 1, \"hosts\": {\"a\": {\"backend\": \"auto\"}}}", "E0231"},
      {"{\"schema_version\": 1, \"hosts\": {\"a\": {\"backend\": \"x\"}}}", "E0203"},
      {"{\"schema_version\": 1, \"hosts\": {\"a\": {\"resolved\": {\"n\": [\"x\"]}}}}", "E0231"},
      {"{\"schema_version\": 1, \"hosts\": {\"a\": {\"os\": \"x\\u001b[2J\"}}}", "E0211"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const auto facts = load_facts(folder.write("meshctl.lock", row.text), sources);
    REQUIRE_FALSE(facts);
    REQUIRE(facts.error().size() == 1);
    CHECK(facts.error()[0].code == row.code);
    CHECK_FALSE(facts.error()[0].hint.empty());
    const std::string shown = render(facts.error()[0], sources, false);
    for (const char* secret : {"correct", "20228", "HEAD"}) CHECK(shown.find(secret) == shown.npos);
  }
}

TEST_CASE("lock file: words of a host cannot break it") {
  Facts facts;
  const TemporaryFolder folder;
  const std::string rows[] = {"bad \xff utf-8, \"quotes\" and \n\r\x1b[2J\x7f", std::string(1000, 'x'),
                              std::string(255, 'x') + "\xc3\xa9\xc3\xa9", "*a &b", "\xc3\xa9"};
  for (const std::string& words : rows) {
    facts.hosts["a"].os = words;
    const std::string text = write_facts(facts);
    CHECK(text.find('\xff') == std::string::npos);
    Sources sources;
    const auto back = load_facts(folder.write("meshctl.lock", text), sources);
    REQUIRE(back);
    CHECK(write_facts(*back) == text);
  }
}
