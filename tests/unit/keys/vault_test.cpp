#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/core.h>
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
  const auto by_passphrase =
      shell(fmt::format("cd '{}' && openssl cms -decrypt -inform DER -in meshctl.vault -pwri_password 'correct horse'",
                        dir.path().native()));
  CHECK(by_passphrase.first == 0);
  CHECK(by_passphrase.second == expected);
  const auto by_key =
      shell(fmt::format("cd '{}' && openssl cms -decrypt -inform DER -in meshctl.vault -secretkey {} -secretkeyid {}",
                        dir.path().native(), kKeyFileHex, envelope::kek_id(parse_hex(kKeyFileHex).value())));
  CHECK(by_key.first == 0);
  CHECK(by_key.second == expected);
  const auto parsed = shell(fmt::format("openssl asn1parse -inform DER -in '{}'", (dir / "meshctl.vault").native()));
  CHECK(parsed.second.find("id-smime-ct-authEnvelopedData") != std::string::npos);
  CHECK(parsed.second.find("aes-256-gcm") != std::string::npos);
  CHECK(parsed.second.find("PBKDF2") != std::string::npos);
  CHECK(parsed.second.find("INTEGER           :0927C0") != std::string::npos);  // 600,000
  CHECK(parsed.second.find("hmacWithSHA256") != std::string::npos);
}
