// Key pairs between their DER forms and OpenSSL's handles. Internal to src/keys/.
#pragma once
#include <openssl/bn.h>
#include <openssl/x509.h>

#include <string>
#include <string_view>
#include <type_traits>

#include "base/secret.hpp"
#include "keys/material.hpp"
#include "keys/openssl.hpp"

namespace meshctl::ossl {

using Pkey = Handle<EVP_PKEY, EVP_PKEY_free>;
using Certificate = Handle<X509, X509_free>;
using Crl = Handle<X509_CRL, X509_CRL_free>;
using PkeyContext = Handle<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
/// Wiped when freed, whatever it holds.
using Number = Handle<BIGNUM, BN_clear_free>;

/// nullptr for what is not of the kind; also when bytes are left over.
Pkey private_key(const Secret& pkcs8);
Pkey public_key(std::string_view spki);
Certificate certificate(std::string_view der);
Crl crl(std::string_view der);

Secret pkcs8_of(EVP_PKEY* key);
std::string spki_of(const EVP_PKEY* key);
/// Both halves; `key` must have both.
KeyPair pair_of(EVP_PKEY* key);

/// Big-endian, minimal.
std::string bytes_of(const BIGNUM* number);
Secret secret_bytes_of(const BIGNUM* number);
Number number_of(std::string_view big_endian);

/// What an i2d_ function writes.
template <class T>
std::string der_of(const T* value, int (*i2d)(std::type_identity_t<const T>*, unsigned char**)) {
  const int size = i2d(value, nullptr);
  must(size > 0);
  std::string out(static_cast<std::size_t>(size), '\0');
  unsigned char* position = bytes(out.data());
  must(i2d(value, &position) == size);
  return out;
}

}  // namespace meshctl::ossl
