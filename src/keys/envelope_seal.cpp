#include <openssl/evp.h>

#include "keys/der.hpp"
#include "keys/envelope.hpp"
#include "keys/hex.hpp"
#include "keys/keys.hpp"
#include "keys/openssl.hpp"

namespace meshctl::envelope {
namespace {

constexpr std::size_t kBlock = 16;  // of AES, bytes

ossl::CipherContext encryption(const EVP_CIPHER* cipher, const Secret& key, std::string_view iv) {
  ossl::CipherContext context(EVP_CIPHER_CTX_new());
  ossl::must(context != nullptr);
  EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  ossl::must(EVP_EncryptInit_ex(context.get(), cipher, nullptr, ossl::bytes(key.reveal()),
                                iv.empty() ? nullptr : ossl::bytes(iv)) == 1);
  return context;
}

std::string update(EVP_CIPHER_CTX* context, std::string_view plain) {
  std::string out(plain.size() + kBlock, '\0');
  int size = 0;
  ossl::must(EVP_EncryptUpdate(context, ossl::bytes(out.data()), &size, ossl::bytes(plain),
                               static_cast<int>(plain.size())) == 1);
  out.resize(static_cast<std::size_t>(size));
  return out;
}

Secret password_key(const Secret& passphrase, std::string_view salt) {
  std::uint8_t key[32];
  const std::string_view text = passphrase.reveal();
  ossl::must(PKCS5_PBKDF2_HMAC(text.data(), static_cast<int>(text.size()), ossl::bytes(salt),
                               static_cast<int>(salt.size()), static_cast<int>(kRounds), EVP_sha256(), sizeof key,
                               key) == 1);
  Secret result({reinterpret_cast<const char*>(key), sizeof key});
  wipe(key, sizeof key);
  return result;
}

/// RFC 3211, 2.3.1: length, three check bytes, key, random filling to whole blocks; CBC twice without a new IV, so
/// that every byte of the result depends on every byte of the input.
std::string wrap_under_password(const Secret& content_key, const Secret& kek, std::string_view iv) {
  const std::string_view key = content_key.reveal();
  std::string block;
  block.reserve(3 * kBlock);
  block += static_cast<char>(key.size());
  for (std::size_t i = 0; i < 3; ++i) block += static_cast<char>(static_cast<unsigned char>(key[i]) ^ 0xFFU);
  block += key;
  block += random_bytes(3 * kBlock - block.size()).reveal();
  const Secret padded = Secret::take(block);
  const auto context = encryption(EVP_aes_256_cbc(), kek, iv);
  ossl::must(EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1);
  const std::string once = update(context.get(), padded.reveal());
  return update(context.get(), once);
}

std::string password_recipient(const Secret& content_key, const Secret& passphrase) {
  const Secret salt = random_bytes(16);
  const Secret iv = random_bytes(kBlock);
  const std::string wrapped = wrap_under_password(content_key, password_key(passphrase, salt.reveal()), iv.reveal());
  const std::string prf = der::sequence({der::oid::hmac_sha256, der::null()});
  const std::string parameters =
      der::sequence({der::octets(salt.reveal()), der::integer(kRounds), der::integer(32), prf});
  const std::string cipher = der::sequence({der::oid::aes256_cbc, der::octets(iv.reveal())});
  return der::context(3, {der::integer(0), der::context(0, {der::oid::pbkdf2, parameters}),
                          der::sequence({der::oid::pwri_kek, cipher}), der::octets(wrapped)});
}

std::string key_recipient(const Secret& content_key, const Secret& kek) {
  const auto context = encryption(EVP_aes_256_wrap(), kek, "");
  const std::string wrapped = update(context.get(), content_key.reveal());
  const Secret id = parse_hex(kek_id(kek)).value();
  return der::context(2, {der::integer(4), der::sequence({der::octets(id.reveal())}),
                          der::sequence({der::oid::aes256_wrap}), der::octets(wrapped)});
}

}  // namespace

std::string kek_id(const Secret& kek) {
  Secret named(std::string_view("meshctl key file v1 "));
  named.append(kek.reveal());
  return sha256_hex(named.reveal()).substr(0, 16);
}

std::string seal(std::string_view content, const Opener& opener) {
  const Secret content_key = random_bytes(32);
  std::string recipients;
  if (!opener.kek.empty()) recipients += key_recipient(content_key, opener.kek);
  if (!opener.passphrase.empty()) recipients += password_recipient(content_key, opener.passphrase);

  const Secret nonce = random_bytes(12);
  const auto context = encryption(EVP_aes_256_gcm(), content_key, nonce.reveal());
  const std::string sealed = update(context.get(), content);
  std::uint8_t rest[kBlock];
  int size = 0;
  ossl::must(EVP_EncryptFinal_ex(context.get(), rest, &size) == 1 && size == 0);
  std::string tag(16, '\0');
  ossl::must(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, 16, tag.data()) == 1);

  const std::string gcm = der::sequence({der::octets(nonce.reveal()), der::integer(16)});
  const std::string encrypted =
      der::sequence({der::oid::data, der::sequence({der::oid::aes256_gcm, gcm}), der::context_primitive(0, sealed)});
  const std::string body = der::sequence({der::integer(0), der::set(recipients), encrypted, der::octets(tag)});
  return der::sequence({der::oid::auth_enveloped, der::context(0, {body})});
}

}  // namespace meshctl::envelope
