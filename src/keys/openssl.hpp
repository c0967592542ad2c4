// OpenSSL handles as values. Internal to src/keys/.
#pragma once
#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>

namespace meshctl::ossl {

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* handle) const {
    Free(handle);
  }
};
template <class T, auto Free>
using Handle = std::unique_ptr<T, Freer<Free>>;

using Mac = Handle<EVP_MAC, EVP_MAC_free>;
using MacContext = Handle<EVP_MAC_CTX, EVP_MAC_CTX_free>;
using CipherContext = Handle<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;
using Cms = Handle<CMS_ContentInfo, CMS_ContentInfo_free>;
using Bio = Handle<BIO, BIO_free>;

/// For calls that fail only when memory is exhausted or OpenSSL lacks SHA-256 or AES: nothing sensible could go on,
/// and going on with a key that was not made would be worse than stopping.
inline void must(bool good) {
  if (good) return;
  std::fputs("meshctl: OpenSSL failed at a basic operation; is its configuration complete?\n", stderr);
  std::abort();
}

/// OpenSSL's per-thread error queue, empty before and after: nobody else should find what a failed attempt left there.
struct ErrorQueue {
  ErrorQueue() { ERR_clear_error(); }
  ErrorQueue(const ErrorQueue&) = delete;
  ErrorQueue& operator=(const ErrorQueue&) = delete;
  ~ErrorQueue() { ERR_clear_error(); }
};

inline const std::uint8_t* bytes(std::string_view text) { return reinterpret_cast<const std::uint8_t*>(text.data()); }
inline std::uint8_t* bytes(char* text) { return reinterpret_cast<std::uint8_t*>(text); }

}  // namespace meshctl::ossl
