// Keys that somebody else made: numbers, texts and PEM files in, checked before anything relies on them.
#include <fmt/core.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include <optional>

#include "keys/base64.hpp"
#include "keys/hex.hpp"
#include "keys/pkey.hpp"
#include "keys/rsa.hpp"

namespace meshctl {
namespace {

using Builder = ossl::Handle<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using Params = ossl::Handle<OSSL_PARAM, OSSL_PARAM_free>;
using Context = ossl::Handle<BN_CTX, BN_CTX_free>;

tl::unexpected<Diags> unusable(std::string_view name, std::string_view why, std::string hint = {}) {
  return fail("E3031", fmt::format("the key in '{}' cannot be used: {}", name, why), {}, std::move(hint));
}

/// Named numbers -> a key. nullptr where OpenSSL refuses them.
class KeyBuilder {
 public:
  KeyBuilder() : builder_(OSSL_PARAM_BLD_new()) { ossl::must(builder_ != nullptr); }
  void push(const char* name, ossl::Number number) {
    // The builder keeps only a pointer until it makes the parameters.
    ossl::must(OSSL_PARAM_BLD_push_BN(builder_.get(), name, number.get()) == 1);
    numbers_.push_back(std::move(number));
  }
  [[nodiscard]] ossl::Pkey make(int selection) {
    const Params params(OSSL_PARAM_BLD_to_param(builder_.get()));
    const ossl::PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
    ossl::must(params != nullptr && context != nullptr && EVP_PKEY_fromdata_init(context.get()) == 1);
    EVP_PKEY* key = nullptr;
    if (EVP_PKEY_fromdata(context.get(), &key, selection, params.get()) != 1) return nullptr;
    return ossl::Pkey(key);
  }

 private:
  Builder builder_;
  std::vector<ossl::Number> numbers_;
};

struct Primes {
  ossl::Number p, q;  // p > q
};

/// The primes from n, e and d: for a random g, g^((ed-1)/2^k) is for some k a square root of one other than +-1 with a
/// chance of one half or more (Handbook of Applied Cryptography, 8.2.2).
std::optional<Primes> factor(const BIGNUM* n, const BIGNUM* e, const BIGNUM* d) {
  const Context context(BN_CTX_new());
  const ossl::Number odd(BN_new());
  const ossl::Number base(BN_new());
  const ossl::Number x(BN_new());
  const ossl::Number square(BN_new());
  const ossl::Number last(BN_dup(n));
  ossl::must(context && odd && base && x && square && last);
  ossl::must(BN_mul(odd.get(), e, d, context.get()) == 1 && BN_sub_word(odd.get(), 1) == 1 &&
             BN_sub_word(last.get(), 1) == 1);
  if (BN_is_zero(odd.get()) || BN_is_odd(odd.get())) return std::nullopt;
  int halvings = 0;
  while (!BN_is_odd(odd.get())) {
    ossl::must(BN_rshift1(odd.get(), odd.get()) == 1);
    ++halvings;
  }
  for (int tries = 0; tries < 64; ++tries) {
    ossl::must(BN_priv_rand_range(base.get(), last.get()) == 1);
    if (BN_is_zero(base.get()) || BN_mod_exp(x.get(), base.get(), odd.get(), n, context.get()) != 1) continue;
    for (int i = 0; i < halvings && !BN_is_one(x.get()) && BN_cmp(x.get(), last.get()) != 0; ++i) {
      ossl::must(BN_mod_sqr(square.get(), x.get(), n, context.get()) == 1);
      if (BN_is_one(square.get())) {
        Primes found{ossl::Number(BN_new()), ossl::Number(BN_new())};
        ossl::must(found.p && found.q && BN_sub_word(x.get(), 1) == 1);
        ossl::must(BN_gcd(found.p.get(), x.get(), n, context.get()) == 1);
        ossl::must(BN_div(found.q.get(), nullptr, n, found.p.get(), context.get()) == 1);
        if (BN_cmp(found.p.get(), found.q.get()) < 0) std::swap(found.p, found.q);
        return found;
      }
      ossl::must(BN_copy(x.get(), square.get()) != nullptr);
    }
  }
  return std::nullopt;
}

/// d mod (prime - 1)
ossl::Number reduced(const BIGNUM* d, const BIGNUM* prime) {
  const Context context(BN_CTX_new());
  const ossl::Number less(BN_dup(prime));
  ossl::Number out(BN_new());
  ossl::must(context && less && out && BN_sub_word(less.get(), 1) == 1 &&
             BN_mod(out.get(), d, less.get(), context.get()) == 1);
  return out;
}

/// q^-1 mod p
ossl::Number inverse(const BIGNUM* q, const BIGNUM* p) {
  const Context context(BN_CTX_new());
  ossl::must(context != nullptr);
  return ossl::Number(BN_mod_inverse(nullptr, q, p, context.get()));
}

bool sound(EVP_PKEY* key) {
  const ossl::PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  return context != nullptr && EVP_PKEY_check(context.get()) == 1;
}

ossl::Number number(const Secret& bytes) { return ossl::number_of(bytes.reveal()); }

}  // namespace

Result<KeyPair> rsa_from_numbers(const RsaNumbers& in, std::string_view name) {
  const ossl::ErrorQueue queue;
  const auto n = ossl::number_of(in.modulus);
  const auto e = ossl::number_of(in.public_exponent);
  const auto d = number(in.private_exponent);
  const unsigned bits = static_cast<unsigned>(BN_num_bits(n.get()));
  if (bits < 512 || bits > 16384) return unusable(name, "the modulus is not 512 to 16384 bits long");
  if (BN_num_bits(d.get()) > BN_num_bits(n.get()) || BN_num_bits(e.get()) > BN_num_bits(n.get())) {
    return unusable(name, "an exponent is longer than the modulus");
  }
  Primes primes{number(in.prime1), number(in.prime2)};
  if (in.prime1.empty()) {
    auto found = factor(n.get(), e.get(), d.get());
    if (!found) return unusable(name, "its numbers do not belong together");
    primes = std::move(*found);
  }
  const bool given = !in.exponent1.empty() && !in.exponent2.empty() && !in.coefficient.empty();
  if (BN_is_zero(primes.p.get()) || BN_is_one(primes.p.get()) || BN_is_zero(primes.q.get()) ||
      BN_is_one(primes.q.get())) {
    return unusable(name, "its numbers do not belong together");
  }
  auto coefficient = given ? number(in.coefficient) : inverse(primes.q.get(), primes.p.get());
  if (!coefficient) return unusable(name, "its numbers do not belong together");
  KeyBuilder builder;
  builder.push(OSSL_PKEY_PARAM_RSA_EXPONENT1, given ? number(in.exponent1) : reduced(d.get(), primes.p.get()));
  builder.push(OSSL_PKEY_PARAM_RSA_EXPONENT2, given ? number(in.exponent2) : reduced(d.get(), primes.q.get()));
  builder.push(OSSL_PKEY_PARAM_RSA_COEFFICIENT1, std::move(coefficient));
  builder.push(OSSL_PKEY_PARAM_RSA_N, ossl::number_of(in.modulus));
  builder.push(OSSL_PKEY_PARAM_RSA_E, ossl::number_of(in.public_exponent));
  builder.push(OSSL_PKEY_PARAM_RSA_D, number(in.private_exponent));
  builder.push(OSSL_PKEY_PARAM_RSA_FACTOR1, std::move(primes.p));
  builder.push(OSSL_PKEY_PARAM_RSA_FACTOR2, std::move(primes.q));
  const ossl::Pkey key = builder.make(EVP_PKEY_KEYPAIR);
  if (!key || !sound(key.get())) return unusable(name, "its numbers do not belong together");
  return ossl::pair_of(key.get());
}

Result<void> must_be_rsa(std::string_view spki, std::string_view name) {
  if (is_rsa(spki)) return {};
  return unusable(name, "it is not an RSA key");
}

Result<std::string> rsa_public_from_numbers(std::string_view modulus, std::string_view exponent,
                                            std::string_view name) {
  const ossl::ErrorQueue queue;
  KeyBuilder builder;
  auto n = ossl::number_of(modulus);
  auto e = ossl::number_of(exponent);
  const int bits = BN_num_bits(n.get());
  if (bits < 512 || bits > 16384 || !BN_is_odd(n.get())) return unusable(name, "the modulus is not an RSA modulus");
  if (!BN_is_odd(e.get()) || BN_is_one(e.get()) || BN_cmp(e.get(), n.get()) >= 0) {
    return unusable(name, "the public exponent is not an RSA exponent");
  }
  builder.push(OSSL_PKEY_PARAM_RSA_N, std::move(n));
  builder.push(OSSL_PKEY_PARAM_RSA_E, std::move(e));
  const ossl::Pkey key = builder.make(EVP_PKEY_PUBLIC_KEY);
  if (!key) return unusable(name, "OpenSSL refuses it");
  return ossl::spki_of(key.get());
}

Result<std::string> rsa_public_from_text(std::string_view text, std::string_view name) {
  std::optional<Secret> wire;
  if (text.starts_with("0s")) wire = parse_base64(text.substr(2));
  if (text.starts_with("0x")) {
    std::string digits(text.substr(2));
    for (char& c : digits) c = static_cast<char>(c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);
    wire = parse_hex(digits);
  }
  if (!wire) return unusable(name, "it is neither 0s and base64 nor 0x and hex digits");
  const std::string_view all = wire->reveal();
  const std::size_t size = all.empty() ? 0 : static_cast<unsigned char>(all[0]);
  if (size == 0 || all.size() <= 1 + size) return unusable(name, "its length byte does not fit (RFC 3110)");
  return rsa_public_from_numbers(all.substr(1 + size), all.substr(1, size), name);
}

Result<KeyPair> private_from_pem(const Secret& pem, std::string_view name) {
  const ossl::ErrorQueue queue;
  const ossl::Bio bio(BIO_new_mem_buf(pem.reveal().data(), static_cast<int>(pem.size())));
  ossl::must(bio != nullptr);
  // An encrypted key must not make OpenSSL ask on the terminal.
  const auto refuse = [](char*, int, int, void*) { return -1; };
  const ossl::Pkey key(PEM_read_bio_PrivateKey(bio.get(), nullptr, refuse, nullptr));
  if (!key) {
    return unusable(name, "it is not an unencrypted PEM private key",
                    "take the pass phrase off in a safe place: openssl pkey -in FILE -out PLAIN");
  }
  if (!sound(key.get())) return unusable(name, "its numbers do not belong together");
  return ossl::pair_of(key.get());
}

Result<KeyPair> private_from_pkcs12(const Secret& der, std::string_view name) {
  const ossl::ErrorQueue queue;
  const unsigned char* at = ossl::bytes(der.reveal());
  const ossl::Handle<PKCS12, PKCS12_free> pfx(d2i_PKCS12(nullptr, &at, static_cast<long>(der.size())));
  EVP_PKEY* found = nullptr;
  X509* shown = nullptr;
  const bool opened = pfx && PKCS12_parse(pfx.get(), "", &found, &shown, nullptr) == 1;
  const ossl::Pkey key(found);
  const ossl::Certificate certificate(shown);
  if (!opened || !key) return unusable(name, "it is not a PKCS#12 file with a private key and an empty password");
  if (!sound(key.get())) return unusable(name, "its numbers do not belong together");
  return ossl::pair_of(key.get());
}

Result<std::string> public_from_pem(std::string_view pem, std::string_view name) {
  const ossl::ErrorQueue queue;
  const ossl::Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  ossl::must(bio != nullptr);
  const ossl::Pkey key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
  if (!key) return unusable(name, "it is not a PEM public key", "make one with: openssl pkey -in PRIVATE -pubout");
  return ossl::spki_of(key.get());
}

}  // namespace meshctl
