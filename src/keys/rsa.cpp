#include "keys/rsa.hpp"

#include <fmt/core.h>
#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "keys/base64.hpp"
#include "keys/hex.hpp"
#include "keys/keys.hpp"
#include "keys/pkey.hpp"

namespace meshctl {
namespace {

ossl::Number number(const EVP_PKEY* key, const char* name) {
  BIGNUM* value = nullptr;
  ossl::must(EVP_PKEY_get_bn_param(key, name, &value) == 1);
  return ossl::Number(value);
}

std::string public_number(const EVP_PKEY* key, const char* name) { return ossl::bytes_of(number(key, name).get()); }

Secret private_number(const EVP_PKEY* key, const char* name) { return ossl::secret_bytes_of(number(key, name).get()); }

ossl::Pkey must_read_key(std::string_view spki) {
  ossl::Pkey key = ossl::public_key(spki);
  ossl::must(key != nullptr);  // the vault's reader let only good ones in
  return key;
}

}  // namespace

Result<KeyPair> generate_rsa(unsigned bits) {
  if (bits < kRsaMinBits || bits > kRsaMaxBits || bits % 8 != 0) {
    return fail(
        "E3030", fmt::format("an RSA key of {} bits cannot be made", bits), {},
        fmt::format("give {} to {} bits in steps of 8; {} is good for years", kRsaMinBits, kRsaMaxBits, kRsaBits));
  }
  const ossl::Pkey key(EVP_RSA_gen(bits));  // e = 65537
  ossl::must(key != nullptr);
  return ossl::pair_of(key.get());
}

RsaNumbers rsa_numbers(const KeyPair& pair) {
  const ossl::Pkey key = ossl::private_key(pair.pkcs8);
  ossl::must(key != nullptr);
  return {public_number(key.get(), OSSL_PKEY_PARAM_RSA_N),
          public_number(key.get(), OSSL_PKEY_PARAM_RSA_E),
          private_number(key.get(), OSSL_PKEY_PARAM_RSA_D),
          private_number(key.get(), OSSL_PKEY_PARAM_RSA_FACTOR1),
          private_number(key.get(), OSSL_PKEY_PARAM_RSA_FACTOR2),
          private_number(key.get(), OSSL_PKEY_PARAM_RSA_EXPONENT1),
          private_number(key.get(), OSSL_PKEY_PARAM_RSA_EXPONENT2),
          private_number(key.get(), OSSL_PKEY_PARAM_RSA_COEFFICIENT1)};
}

Secret plainrsa_private(const KeyPair& pair) {
  const RsaNumbers numbers = rsa_numbers(pair);
  std::string text;
  text.reserve(256 + 2 * (numbers.modulus.size() * 5 + 64));  // no growing: that would leave copies behind
  text += ": RSA\t{\n";
  const auto line = [&text](std::string_view name, std::string_view bytes) {
    text += '\t';
    text += name;
    text += ": 0x";
    append_hex(bytes, text);
    text += '\n';
  };
  line("Modulus", numbers.modulus);
  line("PublicExponent", numbers.public_exponent);
  line("PrivateExponent", numbers.private_exponent.reveal());
  line("Prime1", numbers.prime1.reveal());
  line("Prime2", numbers.prime2.reveal());
  line("Exponent1", numbers.exponent1.reveal());
  line("Exponent2", numbers.exponent2.reveal());
  line("Coefficient", numbers.coefficient.reveal());
  text += "  }\n";
  return Secret::take(text);
}

Secret private_pem(const KeyPair& pair) {
  const ossl::Pkey key = ossl::private_key(pair.pkcs8);
  ossl::must(key != nullptr);
  const ossl::Bio bio(BIO_new(BIO_s_mem()));  // wiped when it grows and when it is freed
  ossl::must(PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return Secret(std::string_view(data, static_cast<std::size_t>(size)));
}

std::string plainrsa_public(std::string_view spki) {
  const ossl::Pkey key = must_read_key(spki);
  const std::string exponent = public_number(key.get(), OSSL_PKEY_PARAM_RSA_E);
  std::string wire(1, static_cast<char>(exponent.size()));
  wire += exponent + public_number(key.get(), OSSL_PKEY_PARAM_RSA_N);
  std::string text = "0s";
  append_base64(wire, text);
  return text;
}

unsigned key_bits(std::string_view spki) { return static_cast<unsigned>(EVP_PKEY_get_bits(must_read_key(spki).get())); }

bool is_rsa(std::string_view spki) { return EVP_PKEY_get_base_id(must_read_key(spki).get()) == EVP_PKEY_RSA; }

std::string public_pem(std::string_view spki) {
  const ossl::Bio bio(BIO_new(BIO_s_mem()));
  ossl::must(PEM_write_bio_PUBKEY(bio.get(), must_read_key(spki).get()) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string key_fingerprint(std::string_view spki) { return sha256_hex(spki); }

}  // namespace meshctl
