#include <doctest/doctest.h>
#include <fmt/core.h>
#include <rapidcheck.h>

#include <chrono>
#include <set>

#include "io/file.hpp"
#include "keys/hex.hpp"
#include "keys/keys.hpp"
#include "unit/io/temp_dir.hpp"

using namespace meshctl;
using test::shell;

namespace {

KeyStore store_of(std::string mesh) {
  KeyStore store;
  store.mesh = std::move(mesh);
  store.master = parse_hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f").value();
  return store;
}

std::string psk(PskDeriver& deriver, std::string_view a, std::string_view b, unsigned epoch) {
  std::string out;
  deriver.append(a, b, epoch, out);
  return out;
}

std::string psk(std::string mesh, std::string_view a, std::string_view b, unsigned epoch) {
  PskDeriver deriver(store_of(std::move(mesh)));
  return psk(deriver, a, b, epoch);
}

}  // namespace

TEST_CASE("the test vectors of docs/keys.md") {
  CHECK(psk("office", "sfere", "deodand", 1) == "mk1-82KVxOQ5s1LBgcDEGgA8tW6SA2upN0Knc0N_mkxZFQA");
  CHECK(psk("office", "deodand", "sfere", 1) == "mk1-82KVxOQ5s1LBgcDEGgA8tW6SA2upN0Knc0N_mkxZFQA");
  CHECK(psk("office", "sfere", "deodand", 2) == "mk1-2nknlSK254jLVQVBPiTAPMaASCkXJg0I3O4-Snw7pug");
  std::string digest;
  append_hex(digest_key(store_of("office")).reveal(), digest);
  CHECK(digest == "de3fcec270391bad7ccae13f7627024e19a9f933163675c0f78e17ef85de6a5c");
  const std::string page = read_file(MESHCTL_SOURCE_DIR "/docs/keys.md").value();
  CHECK(page.find("mk1-82KVxOQ5s1LBgcDEGgA8tW6SA2upN0Knc0N_mkxZFQA") != page.npos);
  CHECK(page.find("3523f87bdfd74e3b298ef35705e432b9549038d64db57923e6c850a746de1e5e") != page.npos);
}

TEST_CASE("the openssl command computes the same key") {
  // The steps of docs/keys.md, by another program than ours.
  const std::string script =
      "prk=$(openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt mode:EXTRACT_ONLY -kdfopt 'salt:meshctl v1' "
      "-kdfopt hexkey:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f -binary HKDF | od -An -tx1 | tr "
      "-d ' \\n'); "
      "{ printf '\\000\\000\\000\\016meshctl psk v1\\000\\000\\000\\006office\\000\\000\\000\\007deodand'; "
      "printf '\\000\\000\\000\\005sfere\\000\\000\\000\\001\\001'; } | "
      "openssl mac -digest SHA256 -macopt hexkey:$prk -binary HMAC | openssl base64 -A | tr '+/' '-_' | tr -d =";
  const auto [status, out] = shell(script);
  CHECK(status == 0);
  CHECK("mk1-" + out == psk("office", "sfere", "deodand", 1));
}

TEST_CASE("a key depends on its mesh, its two hosts and its epoch, and on nothing else") {
  CHECK(rc::check([] {
    const auto id = rc::gen::nonEmpty(rc::gen::string<std::string>());
    const std::string a = *id;
    const std::string b = *id;
    const auto epoch = *rc::gen::inRange<unsigned>(1, 1000000);
    PskDeriver deriver(store_of("office"));
    const std::string key = psk(deriver, a, b, epoch);
    RC_ASSERT(key.size() == 47U);
    RC_ASSERT(key.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == key.npos);
    RC_ASSERT(psk(deriver, b, a, epoch) == key);
    RC_ASSERT(psk(deriver, "other", b + "x", epoch) != key);  // hosts come and go: nobody else's key moves
    RC_ASSERT(psk(deriver, a, b, epoch) == key);
    RC_ASSERT(psk(*deriver.clone(), a, b, epoch) == key);
    RC_ASSERT(psk(deriver, a, b, epoch + 1) != key);
    RC_ASSERT(psk("offices", a, b, epoch) != key);
  }));
}

TEST_CASE("lengths keep names apart") {
  std::set<std::string> keys{psk("m", "ab", "c", 1), psk("m", "a", "bc", 1), psk("ma", "b", "c", 1),
                             psk("m", "abc", "", 1)};
  CHECK(keys.size() == 4);
}

TEST_CASE("the epoch of a link is the highest that touches it") {
  KeyStore store = store_of("office");
  CHECK(store.epoch("a", "b") == 1);
  store.mesh_epoch = 2;
  CHECK(store.epoch("a", "b") == 2);
  store.host_epochs["b"] = 3;
  CHECK(store.epoch("a", "b") == 3);
  CHECK(store.epoch("b", "a") == 3);
  CHECK(store.epoch("a", "c") == 2);
  store.link_epochs[link_key("b", "a")] = 5;
  CHECK(store.link_epochs.count("a b") == 1);
  CHECK(store.epoch("b", "a") == 5);
  CHECK(store.epoch("b", "c") == 3);
  store.mesh_epoch = 9;
  CHECK(store.epoch("a", "b") == 9);
}

TEST_CASE("SHA-256, HMAC and random bytes") {
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");  // FIPS 180-2, B.1
  Hmac hmac(Secret("Jefe"));
  const std::string expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";  // RFC 4231, case 2
  CHECK(hmac.hex("what do ya want for nothing?") == expected);
  CHECK(hmac.hex("") != expected);
  CHECK(hmac.clone().hex("what do ya want for nothing?") == expected);
  CHECK(hmac.hex("what do ya want for nothing?") == expected);  // a used context starts afresh
  CHECK(Hmac(Secret()).hex("") == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
  CHECK(random_bytes(32).size() == 32);
  CHECK(!(random_bytes(32) == random_bytes(32)));
}

TEST_CASE("deriving the keys of a thousand-host mesh is no matter of seconds") {
  PskDeriver deriver(store_of("office"));
  std::string out;
  constexpr int count = 100000;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < count; ++i) {
    out.clear();
    deriver.append("host-0001", "host-0002", static_cast<unsigned>(i), out);
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  MESSAGE(fmt::format("{:.0f} keys a second", count / seconds));
  CHECK(count / seconds > 20000);  // far below what is normal, far above a key schedule for each
}
