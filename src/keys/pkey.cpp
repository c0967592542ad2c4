#include "keys/pkey.hpp"

namespace meshctl::ossl {

namespace {

using Pkcs8 = Handle<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free>;

/// What a d2i_ function reads, if it reads all of `der`.
template <class Owner, class Read>
Owner whole(std::string_view der, Read d2i) {
  const ErrorQueue queue;
  const std::uint8_t* position = bytes(der);
  Owner value(d2i(nullptr, &position, static_cast<long>(der.size())));
  return value && position == bytes(der) + der.size() ? std::move(value) : nullptr;
}

}  // namespace

Pkey private_key(const Secret& pkcs8) {
  const ErrorQueue queue;
  const auto info = whole<Pkcs8>(pkcs8.reveal(), d2i_PKCS8_PRIV_KEY_INFO);
  return info ? Pkey(EVP_PKCS82PKEY(info.get())) : nullptr;
}

Pkey public_key(std::string_view spki) { return whole<Pkey>(spki, d2i_PUBKEY); }

Certificate certificate(std::string_view der) { return whole<Certificate>(der, d2i_X509); }

Crl crl(std::string_view der) { return whole<Crl>(der, d2i_X509_CRL); }

Secret pkcs8_of(EVP_PKEY* key) {
  const Pkcs8 info(EVP_PKEY2PKCS8(key));
  must(info != nullptr);
  std::string der = der_of(info.get(), i2d_PKCS8_PRIV_KEY_INFO);
  return Secret::take(der);
}

std::string spki_of(const EVP_PKEY* key) { return der_of(key, i2d_PUBKEY); }

KeyPair pair_of(EVP_PKEY* key) { return {pkcs8_of(key), "", spki_of(key)}; }

std::string bytes_of(const BIGNUM* number) {
  std::string out(static_cast<std::size_t>(BN_num_bytes(number)), '\0');
  BN_bn2bin(number, bytes(out.data()));
  return out;
}

Secret secret_bytes_of(const BIGNUM* number) {
  std::string out = bytes_of(number);
  return Secret::take(out);
}

Number number_of(std::string_view big_endian) {
  Number number(BN_bin2bn(bytes(big_endian), static_cast<int>(big_endian.size()), nullptr));
  must(number != nullptr);
  return number;
}

}  // namespace meshctl::ossl
