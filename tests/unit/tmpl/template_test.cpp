#include "tmpl/template.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "tmpl/slots.hpp"

namespace meshctl {
namespace {

enum Slot { kName, kPort, kKey };
enum Flag { kLast };
enum Loop { kPeers, kPorts };

const Vocabulary kPortWords{{{"port", SlotType::Number, kPort}}, {{"last", kLast}}, {}};
const Vocabulary kPeerWords{{{"name", SlotType::Word, kName}}, {}, {{"ports", kPorts, &kPortWords}}};
const Vocabulary kWords{{{"key", SlotType::Secret, kKey}}, {}, {{"peers", kPeers, &kPeerWords}}};

/// Two peers, "p0" with ports 1 2 and "p1" with none.
struct Fake final : Values {
  std::string key = "mk1-abc";
  int peer = -1;
  int port = -1;
  void slot(int id, std::string& out) const override {
    if (id == kName) out += "p" + std::to_string(peer);
    if (id == kPort) out += std::to_string(port + 1);
    if (id == kKey) out += key;
  }
  [[nodiscard]] bool flag(int id) const override { return id == kLast && port == 1; }
  void begin(int loop) override { (loop == kPeers ? peer : port) = -1; }
  bool next(int loop) override {
    if (loop == kPeers) return ++peer < 2;
    return ++port < (peer == 0 ? 2 : 0);
  }
};

std::string run(std::string_view text) {
  Sources sources;
  const auto compiled = Template::compile("t", text, kWords, sources);
  REQUIRE(compiled);
  Fake values;
  std::string out;
  REQUIRE(compiled->render(values, out));
  return out;
}

std::string errors(std::string_view text) {
  Sources sources;
  const auto compiled = Template::compile("t", text, kWords, sources);
  REQUIRE_FALSE(compiled);
  std::string out;
  for (const Diag& diag : compiled.error()) out += render(diag, sources, false);
  return out;
}

}  // namespace

TEST_CASE("text without tags passes through") {
  CHECK(run("").empty());
  CHECK(run("remote { }\n} } {") == "remote { }\n} } {");
}

TEST_CASE("loops nest, inner levels see the outer slots") {
  CHECK(run("{{#each peers}}[{{name}}{{#each ports}} {{name}}:{{port}}{{key}}{{/each}}]{{/each}}") ==
        "[p0 p0:1mk1-abc p0:2mk1-abc][p1]");
}

TEST_CASE("conditions") {
  CHECK(run("{{#each peers}}{{#each ports}}{{port}}{{#if last}}.{{else}}, {{/if}}{{/each}}{{/each}}") == "1, 2.");
  CHECK(run("{{#each peers}}{{#each ports}}{{#if last}}L{{/if}}-{{/each}}{{/each}}") == "-L-");
}

TEST_CASE("a block tag alone on its line leaves no line") {
  CHECK(run("a\n{{#each peers}}\n  {{name}}\n  {{#each ports}}\n  p {{ port }}\n  {{/each}}\n{{/each}}\nb\n") ==
        "a\n  p0\n  p 1\n  p 2\n  p1\nb\n");
  CHECK(run("{{#each peers}} x\n{{/each}}") == " x\n x\n");
}

TEST_CASE("a value with a forbidden byte stops the rendering") {
  Sources sources;
  const auto compiled = Template::compile("t", "{{key}}", kWords, sources);
  REQUIRE(compiled);
  for (const char* bad : {"a\"b", "a b", "a\nb", "a;b", "a#b", "a{b"}) {
    Fake values;
    values.key = bad;
    std::string out;
    CHECK_FALSE(compiled->render(values, out));
  }
}

TEST_CASE("every byte against every slot type") {
  const auto allowed = [](SlotType type) {
    std::string out;
    for (int byte = 0; byte < 256; ++byte) {
      const char c = static_cast<char>(byte);
      if (tmpl::fits(type, {&c, 1})) out += c;
    }
    return out;
  };
  CHECK(allowed(SlotType::Number) == "0123456789");
  CHECK(allowed(SlotType::Address) == "./0123456789:abcdef");
  CHECK(allowed(SlotType::Word) == "-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");
  CHECK(allowed(SlotType::Token) == " +,-./0123456789:ABCDEFGHIJKLMNOPQRSTUVWXYZ[]_abcdefghijklmnopqrstuvwxyz");
  CHECK(allowed(SlotType::Secret) == "+-/0123456789=ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");
  CHECK(allowed(SlotType::Quoted).size() == 95 - 2);
  CHECK(allowed(SlotType::Lines).size() == 256 - 33 + 2);
  CHECK_FALSE(tmpl::fits(SlotType::Quoted, "a\"b"));
  CHECK(tmpl::fits(SlotType::Word, ""));
}

TEST_CASE("errors name the place and the nearest word") {
  CHECK(errors("a\n  {{kye}}\n") ==
        "t:2:3: error[E4101]: unknown slot 'kye'\n"
        "      {{kye}}\n"
        "      ^~~~~~~\n"
        "  help: did you mean 'key'?\n");
  CHECK(errors("{{#each peer}}{{/each}}") ==
        "t:1:1: error[E4101]: unknown loop 'peer'\n"
        "    {{#each peer}}{{/each}}\n"
        "    ^~~~~~~~~~~~~~\n"
        "  help: did you mean 'peers'?\n");
  CHECK(errors("{{port}}") ==
        "t:1:1: error[E4101]: unknown slot 'port'\n"
        "    {{port}}\n"
        "    ^~~~~~~~\n"
        "  help: known here: key\n");
}

TEST_CASE("errors of structure") {
  CHECK(errors("{{#each peers}}\nx") ==
        "t:1:1: error[E4102]: this block is never closed\n"
        "    {{#each peers}}\n"
        "    ^~~~~~~~~~~~~~~\n"
        "  help: end it with {{/each}}\n");
  CHECK(errors("{{#each peers}}{{/if}}{{/each}}").find("t:1:16: error[E4102]: '{{/if}}' closes nothing") == 0);
  CHECK(errors("{{else}}").find("t:1:1: error[E4102]: '{{else}}' without an open '{{#if}}'") == 0);
  CHECK(errors("x {{key").find("t:1:3: error[E4103]: '{{' without '}}' on the same line") == 0);
  CHECK(errors("{{Key!}}").find("t:1:1: error[E4103]: cannot read the tag '{{Key!}}'") == 0);
  CHECK(errors("{{#with x}}").find("cannot read the tag") != std::string::npos);
}

TEST_CASE("all faults are reported in one run") {
  const std::string text = errors("{{a1}}\n{{b1}}\n{{/each}}");
  CHECK(text.find("t:1:1") != std::string::npos);
  CHECK(text.find("t:2:1") != std::string::npos);
  CHECK(text.find("t:3:1") != std::string::npos);
}

TEST_CASE("a folder replaces built-in templates by name and nothing else") {
  namespace fs = std::filesystem;
  const fs::path dir = fs::path(MESHCTL_BINARY_DIR) / "tmpl_override";
  fs::remove_all(dir);
  fs::create_directories(dir / "racoon");
  TemplateSet set = TemplateSet::embedded();
  REQUIRE_FALSE(set.all().empty());
  CHECK(set.override_from(dir));

  std::ofstream(dir / "racoon/psk.txt") << "mine\n";
  REQUIRE(set.override_from(dir));
  CHECK(set.at("racoon/psk.txt").text == "mine\n");
  CHECK(set.at("racoon/psk.txt").origin == (dir / "racoon/psk.txt").string());

  std::ofstream(dir / "racoon/pks.txt") << "x";
  const auto wrong = set.override_from(dir);
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().front().code == "E4104");
  CHECK(wrong.error().front().hint == "did you mean 'racoon/psk.txt'?");
  CHECK_FALSE(set.override_from(dir / "absent"));
  fs::remove_all(dir);
}

}  // namespace meshctl
