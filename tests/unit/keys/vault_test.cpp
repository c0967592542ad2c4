#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <rapidcheck.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/file.hpp"
#include "keys/envelope.hpp"
#include "keys/hex.hpp"
#include "keys/keys.hpp"
#include "keys/store_json.hpp"
#include "unit/io/temp_dir.hpp"

using namespace meshctl;
using test::shell;
using test::TempDir;

namespace {

constexpr std::string_view kMasterHex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
constexpr std::string_view kKeyFileHex = "f0e1d2c3b4a5968778695a4b3c2d1e0ff0e1d2c3b4a5968778695a4b3c2d1e0f";

KeyStore sample() {
  KeyStore store;
  store.mesh = "office";
  store.master = parse_hex(kMasterHex).value();
  store.mesh_epoch = 2;
  store.host_epochs = {{"sfere", 3}};
  store.link_epochs = {{"deodand win10", 7}};
  return store;
}

Unlock with_passphrase(std::string_view text) {
  Unlock unlock;
  unlock.passphrase = Secret(text);
  return unlock;
}

Unlock with_key_file(const TempDir& dir) {
  REQUIRE(write_atomic(dir / "ci.key", fmt::format("{}\n", kKeyFileHex), 0600U));
  Unlock unlock;
  unlock.key_file = dir / "ci.key";
  return unlock;
}

std::string_view code_of(const Diags& diags) { return diags.at(0).code; }

void check_same(const KeyStore& store) {
  CHECK(store.mesh == "office");
  CHECK(store.master == parse_hex(kMasterHex).value());
  CHECK(store.mesh_epoch == 2);
  CHECK(store.host_epochs == sample().host_epochs);
  CHECK(store.link_epochs == sample().link_epochs);
}

}  // namespace

TEST_CASE("a vault opens with its pass phrase and with no other") {
  const TempDir dir;
  REQUIRE(save_vault(dir / "v", sample(), with_passphrase("correct horse"), false));
  struct stat info {};
  REQUIRE(::stat((dir / "v").c_str(), &info) == 0);
  CHECK((info.st_mode & 07777U) == 0600U);
  const auto loaded = load_vault(dir / "v", with_passphrase("correct horse"));
  REQUIRE(loaded);
  check_same(*loaded);
  const auto refused = load_vault(dir / "v", with_passphrase("wrong horse"));
  REQUIRE(!refused);
  CHECK(code_of(refused.error()) == "E3003");
  CHECK(refused.error()[0].text == fmt::format("'{}' does not open with the pass phrase given", (dir / "v").native()));
}

TEST_CASE("a vault opens with its key file and with no other") {
  const TempDir dir;
  const Unlock unlock = with_key_file(dir);
  REQUIRE(save_vault(dir / "v", sample(), unlock, false));
  const auto loaded = load_vault(dir / "v", unlock);
  REQUIRE(loaded);
  check_same(*loaded);
  REQUIRE(write_atomic(dir / "ci.key", std::string(64, 'a'), 0600U));
  const auto refused = load_vault(dir / "v", unlock);
  REQUIRE(!refused);
  CHECK(code_of(refused.error()) == "E3003");
}

TEST_CASE("openssl itself opens a vault as docs/keys.md says") {
  const TempDir dir;
  Unlock both = with_key_file(dir);
  both.passphrase = Secret("correct horse");
  REQUIRE(save_vault(dir / "meshctl.vault", sample(), both, false));
  const std::string expected(write_store(sample()).reveal());
  REQUIRE(write_atomic(dir / "mesh.pass", "correct horse\n", 0600U));
  // The page's own block of commands: first by pass phrase, then by key file.
  const std::string page = read_file(MESHCTL_SOURCE_DIR "/docs/keys.md").value();
  const std::size_t begin = page.find("openssl cms -decrypt -inform");
  REQUIRE(begin != page.npos);
  const std::string block = page.substr(begin, page.find("```", begin) - begin);
  const auto [status, out] = shell(fmt::format("cd '{}'; set -e; {}", dir.path().native(), block));
  CHECK(status == 0);
  CHECK(out == expected + expected);
  const auto parsed = shell(fmt::format("openssl asn1parse -inform DER -in '{}'", (dir / "meshctl.vault").native()));
  CHECK(parsed.second.find("id-smime-ct-authEnvelopedData") != std::string::npos);
  CHECK(parsed.second.find("aes-256-gcm") != std::string::npos);
  CHECK(parsed.second.find("PBKDF2") != std::string::npos);
  CHECK(parsed.second.find("INTEGER           :0927C0") != std::string::npos);  // 600,000
  CHECK(parsed.second.find("hmacWithSHA256") != std::string::npos);
}

TEST_CASE("any key store comes back from its JSON") {
  CHECK(rc::check([] {
    const auto text = rc::gen::container<std::string>(rc::gen::inRange<char>(32, 127));
    const auto epochs = rc::gen::container<std::map<std::string, unsigned>>(rc::gen::nonEmpty(text),
                                                                            rc::gen::inRange<unsigned>(1, 0x7FFFFFFF));
    KeyStore store;
    store.mesh = *text;
    store.master = random_bytes(32);
    store.mesh_epoch = *rc::gen::inRange<unsigned>(1, 0x7FFFFFFF);
    store.host_epochs = *epochs;
    store.link_epochs = *epochs;
    const auto parsed = parse_store(write_store(store), "v");
    RC_ASSERT(parsed.has_value());
    RC_ASSERT(parsed->mesh == store.mesh);
    RC_ASSERT(parsed->master == store.master);
    RC_ASSERT(parsed->mesh_epoch == store.mesh_epoch);
    RC_ASSERT(parsed->host_epochs == store.host_epochs);
    RC_ASSERT(parsed->link_epochs == store.link_epochs);
  }));
}

TEST_CASE("a key store is read strictly, and never quoted") {
  const std::string good(write_store(sample()).reveal());
  CHECK(good ==
        fmt::format(R"({{"schema_version":2,"mesh":"office","master":"{}","mesh_epoch":2,"host_epochs":{{"sfere":3}},)"
                    R"("link_epochs":{{"deodand win10":7}},"rsa":{{}},"certificates":{{}},"authorities":[],)"
                    R"("manual":{{"next_spi":4096,"sas":[]}}}})",
                    kMasterHex));
  const auto check_refused = [&](std::string_view from, std::string_view to, std::string_view code,
                                 std::string_view why) {
    std::string bad = good;
    const std::size_t at = bad.find(from);
    REQUIRE(at != bad.npos);
    bad.replace(at, from.size(), to);
    const auto parsed = parse_store(Secret(bad), "v");
    REQUIRE(!parsed);
    CHECK(code_of(parsed.error()) == code);
    CHECK(parsed.error()[0].text == why);
    CHECK(parsed.error()[0].text.find(kMasterHex.substr(0, 8)) == std::string::npos);
  };
  const std::string not_store = "the content of 'v' is not a key store: ";
  check_refused("\"mesh\"", "\"mush\"", "E3004", not_store + "the vault has no 'mesh'");
  check_refused("\"mesh\"", "\"more\":1,\"mesh\"", "E3004", not_store + "the vault has an unknown key");
  check_refused("\"mesh_epoch\":2,", "", "E3004", not_store + "the vault has no 'mesh_epoch'");
  check_refused("\"mesh_epoch\":2", "\"mesh_epoch\":0", "E3004", not_store + "an epoch is not a number from 1 up");
  check_refused("\"sfere\":3", "\"sfere\":-3", "E3004", not_store + "an epoch is not a number from 1 up");
  check_refused("\"sfere\":3", "\"sfere\":3,\"sfere\":4", "E3004", not_store + "no JSON object without doubled keys");
  check_refused("1f\"", "1\"", "E3004", not_store + "the master key is not 64 hex digits");
  check_refused("\"master\"", "\"\\u006daster\"", "E3004", not_store + "the vault.master is not a plain string");
  check_refused("\"next_spi\":4096", "\"next_spi\":-1", "E3004",
                not_store + "manual keys.next_spi is not a number from 0 up");
  check_refused("0001", "00XX", "E3004", not_store + "the master key is not 64 hex digits");
  check_refused("\"schema_version\":2", "\"schema_version\":3", "E3005",
                "'v' was written by another version of meshctl");
}

TEST_CASE("a key store of version 1 is read as it was") {
  const std::string text =
      fmt::format(R"({{"schema_version":1,"mesh":"office","master":"{}","mesh_epoch":2,"host_epochs":{{"sfere":3}},)"
                  R"("link_epochs":{{"deodand win10":7}}}})",
                  kMasterHex);
  const auto store = parse_store(Secret(text), "v");
  REQUIRE(store);
  check_same(*store);
  CHECK(store->rsa.empty());
  // It has no room for more.
  CHECK(!parse_store(Secret(text.substr(0, text.size() - 1) + ",\"rsa\":{}}"), "v"));
}

TEST_CASE("vault files are refused where others could read or have damaged them") {
  const TempDir dir;
  const Unlock unlock = with_key_file(dir);
  const std::string at = (dir / "v").native();
  CHECK(load_vault(dir / "v", unlock).error()[0].text == fmt::format("there is no vault '{}'", at));
  CHECK(code_of(load_vault(dir / "v", unlock).error()) == "E3001");
  REQUIRE(save_vault(dir / "v", sample(), unlock, false));
  CHECK(code_of(save_vault(dir / "v", sample(), unlock, false).error()) == "E4008");
  REQUIRE(::chmod(at.c_str(), 0640) == 0);
  CHECK(code_of(load_vault(dir / "v", unlock).error()) == "E4004");
  REQUIRE(::chmod(at.c_str(), 0600) == 0);
  const std::string good = read_file(dir / "v").value();
  std::size_t harmless = 0;
  // One bit at a time over the whole file: never a wrong key store, never a crash.
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    REQUIRE(write_atomic(dir / "v", bad, 0600U));
    const auto loaded = load_vault(dir / "v", unlock);
    INFO(i);
    // A few bytes of the structure (version numbers) decide nothing; what is opened is then the true content.
    if (loaded) {
      check_same(*loaded);
      ++harmless;
    } else {
      CHECK((code_of(loaded.error()) == "E3003" || code_of(loaded.error()) == "E3004"));
    }
  }
  CHECK(harmless < 20);
  REQUIRE(write_atomic(dir / "v", good + "x", 0600U));
  CHECK(code_of(load_vault(dir / "v", unlock).error()) == "E3004");
  REQUIRE(write_atomic(dir / "v", good.substr(0, good.size() - 1), 0600U));
  CHECK(code_of(load_vault(dir / "v", unlock).error()) == "E3004");
}

TEST_CASE("replacing a vault shuts nobody out") {
  const TempDir dir;
  const Unlock key = with_key_file(dir);
  Unlock both = with_key_file(dir);
  both.passphrase = Secret("correct horse");
  REQUIRE(save_vault(dir / "v", sample(), both, false));
  KeyStore changed = sample();
  changed.mesh_epoch = 9;
  CHECK(code_of(save_vault(dir / "v", changed, key, true).error()) == "E3012");
  CHECK(code_of(save_vault(dir / "v", changed, with_passphrase("correct horse"), true).error()) == "E3012");
  CHECK(load_vault(dir / "v", key)->mesh_epoch == 2);
  REQUIRE(save_vault(dir / "v", changed, both, true));
  CHECK(load_vault(dir / "v", key)->mesh_epoch == 9);
  CHECK(load_vault(dir / "v", with_passphrase("correct horse"))->mesh_epoch == 9);
}

TEST_CASE("the vault itself shows nothing") {
  const TempDir dir;
  REQUIRE(save_vault(dir / "v", sample(), with_key_file(dir), false));
  const std::string der = read_file(dir / "v").value();
  for (const std::string_view secret : {kMasterHex, kKeyFileHex}) {
    CHECK(der.find(secret.substr(0, 16)) == std::string::npos);
    const Secret raw = parse_hex(secret).value();
    CHECK(der.find(raw.reveal().substr(0, 8)) == std::string::npos);
  }
  CHECK(der.find("office") == std::string::npos);
}

TEST_CASE("bad key files and pass phrases are named, never quoted") {
  const TempDir dir;
  Unlock unlock = with_key_file(dir);
  CHECK(code_of(save_vault(dir / "v", sample(), Unlock{}, false).error()) == "E3009");
  for (const std::string_view bad : {"abc", "not hex but just as long as a key file's line would be, 64 bytes"}) {
    REQUIRE(write_atomic(unlock.key_file, bad, 0600U));
    const auto refused = save_vault(dir / "v", sample(), unlock, false);
    CHECK(refused.error()[0].text ==
          fmt::format("key file '{}' must hold 64 lower-case hex digits", unlock.key_file.native()));
  }
  REQUIRE(write_atomic(dir / "phrase", "correct horse\n", 0600U));
  CHECK(read_passphrase((dir / "phrase").native()).value().reveal() == "correct horse");
  const int fd = ::open((dir / "phrase").c_str(), O_RDONLY | O_CLOEXEC);
  CHECK(read_passphrase(fmt::format("fd:{}", fd)).value().reveal() == "correct horse");
  ::close(fd);
  CHECK(read_passphrase("fd:x").error()[0].text == "'fd:x' names no file descriptor");
  CHECK(read_passphrase("fd:998").error()[0].text == "cannot read 'fd:998': bad file descriptor");
  CHECK(code_of(read_passphrase((dir / "none").native()).error()) == "E4001");
}
