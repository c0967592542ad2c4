#include "keys/pkcs12.hpp"

#include <openssl/pkcs12.h>

#include <array>

#include "keys/pkey.hpp"

namespace meshctl {
namespace {

using ossl::must;

constexpr int kPbe = NID_pbe_WithSHA1And3_Key_TripleDES_CBC;
/// What OpenSSL writes unless told otherwise. With an empty password any number is as good.
constexpr int kRounds = 2048;
constexpr const char* kPassword = "";
/// Without a word about it Windows takes a provider for RSA keys that cannot sign with SHA-256. It finds the one for
/// keys of elliptic curves by itself.
constexpr std::string_view kRsaProvider = "Microsoft Enhanced RSA and AES Cryptographic Provider";

struct BagsFreer {
  void operator()(STACK_OF(PKCS12_SAFEBAG) * bags) const { sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free); }
};
struct SafesFreer {
  void operator()(STACK_OF(PKCS7) * safes) const { sk_PKCS7_pop_free(safes, PKCS7_free); }
};
using Bag = ossl::Handle<PKCS12_SAFEBAG, PKCS12_SAFEBAG_free>;
using Bags = std::unique_ptr<STACK_OF(PKCS12_SAFEBAG), BagsFreer>;
using Safes = std::unique_ptr<STACK_OF(PKCS7), SafesFreer>;
using Safe = ossl::Handle<PKCS7, PKCS7_free>;
using Pkcs8Handle = ossl::Handle<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free>;
using Pfx = ossl::Handle<PKCS12, PKCS12_free>;

using Digest = std::array<unsigned char, EVP_MAX_MD_SIZE>;

/// One for each use: key, certificate and MAC must not share it.
struct Salt {
  Salt(std::string_view use, std::string_view certificate) {
    const std::string text = std::string(use) + std::string(certificate);
    must(EVP_Digest(text.data(), text.size(), bytes_.data(), nullptr, EVP_sha256(), nullptr) == 1);
  }
  [[nodiscard]] unsigned char* data() { return bytes_.data(); }
  static constexpr int size = PKCS12_SALT_LEN;

 private:
  Digest bytes_{};
};

Bags only(Bag bag) {
  Bags bags(sk_PKCS12_SAFEBAG_new_null());
  must(bags && sk_PKCS12_SAFEBAG_push(bags.get(), bag.get()) > 0);
  static_cast<void>(bag.release());
  return bags;
}

/// The key and its certificate find each other by the same id.
void label(PKCS12_SAFEBAG* bag, const std::string& name, X509* certificate) {
  Digest id{};
  unsigned size = 0;
  must(X509_digest(certificate, EVP_sha1(), id.data(), &size) == 1);
  must(PKCS12_add_localkeyid(bag, id.data(), static_cast<int>(size)) == 1);
  must(PKCS12_add_friendlyname_utf8(bag, name.data(), static_cast<int>(name.size())) == 1);
}

Safe key_safe(EVP_PKEY* key, X509* certificate, const std::string& name, Salt salt) {
  Pkcs8Handle plain(EVP_PKEY2PKCS8(key));
  must(plain != nullptr);
  Bag bag(PKCS12_SAFEBAG_create_pkcs8_encrypt(kPbe, kPassword, 0, salt.data(), Salt::size, kRounds, plain.get()));
  must(bag != nullptr);
  label(bag.get(), name, certificate);
  if (EVP_PKEY_is_a(key, "RSA") == 1)
    must(PKCS12_add_CSPName_asc(bag.get(), kRsaProvider.data(), static_cast<int>(kRsaProvider.size())) == 1);
  return Safe(PKCS12_pack_p7data(only(std::move(bag)).get()));
}

Safe certificate_safe(X509* certificate, const std::string& name, Salt salt) {
  Bag bag(PKCS12_SAFEBAG_create_cert(certificate));
  must(bag != nullptr);
  label(bag.get(), name, certificate);
  return Safe(PKCS12_pack_p7encdata(kPbe, kPassword, 0, salt.data(), Salt::size, kRounds, only(std::move(bag)).get()));
}

void add(Safe safe, const Safes& safes) {
  must(safe && sk_PKCS7_push(safes.get(), safe.get()) > 0);
  static_cast<void>(safe.release());
}

}  // namespace

Secret pkcs12(const KeyPair& pair, std::string_view certificate, const std::string& name) {
  const ossl::Pkey key = ossl::private_key(pair.pkcs8);
  const ossl::Certificate shown = ossl::certificate(certificate);
  const Safes safes(sk_PKCS7_new_null());
  const Pfx pfx(PKCS12_init(NID_pkcs7_data));
  must(key && shown && safes && pfx);
  add(certificate_safe(shown.get(), name, Salt("certificate", certificate)), safes);
  add(key_safe(key.get(), shown.get(), name, Salt("key", certificate)), safes);
  must(PKCS12_pack_authsafes(pfx.get(), safes.get()) == 1);
  Salt salt("mac", certificate);
  must(PKCS12_set_mac(pfx.get(), kPassword, 0, salt.data(), Salt::size, kRounds, EVP_sha1()) == 1);
  std::string der = ossl::der_of(pfx.get(), i2d_PKCS12);
  return Secret::take(der);
}

}  // namespace meshctl
