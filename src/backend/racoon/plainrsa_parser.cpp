// Plain RSA key files -> numbers. No text of them reaches a diagnostic.
#include <fmt/format.h>

#include <array>
#include <iterator>
#include <optional>

#include "backend/racoon/bytes.hpp"
#include "backend/racoon/masked.hpp"
#include "backend/racoon/plainrsa_file.hpp"
#include "backend/racoon/plainrsa_lexer.hpp"
#include "backend/racoon/setkey_policy.hpp"

namespace meshctl::racoon {
namespace {

using RsaKind = RsaToken::Kind;

constexpr std::array<std::string_view, 8> kNames = {"Modulus", "PublicExponent", "PrivateExponent", "Prime1",
                                                    "Prime2",  "Exponent1",      "Exponent2",       "Coefficient"};
enum Number : std::size_t { kModulus, kPublicExponent, kPrivateExponent, kFirstOfCrt };

class RsaParser {
 public:
  RsaParser(FileId file, std::string_view text, PlainRsaUse use, DiagSink& sink)
      : lexer_(file, text, sink), sink_(sink) {
    out_.use = use;
  }

  PlainRsaFile run() {
    advance();
    if (is(RsaKind::End))
      fail("E2801", "the file has no key", "plainrsa-gen writes the public one as a comment: drop its '#'");
    while (!is(RsaKind::End) && sink_.errors() < 500) {
      if (!entry()) recover();
    }
    return std::move(out_);
  }

 private:
  void advance() { token_ = lexer_.next(); }
  [[nodiscard]] bool is(RsaKind kind) const { return token_.kind == kind; }
  [[nodiscard]] bool is_word(std::string_view word) const { return is(RsaKind::Word) && token_.text == word; }

  bool fail(std::string_view code, std::string text, std::string hint = {}) {
    sink_.error(code, token_.where, std::move(text)).with_hint(std::move(hint));
    return false;
  }

  /// To what may begin the next entry.
  void recover() {
    do {
      advance();
    } while (!is(RsaKind::End) && !is(RsaKind::Colon) && !is(RsaKind::Address));
  }

  /// [ADDRESS [ADDRESS]] ":" KEY. One address is the peer's.
  bool entry() {
    PlainRsaKey key;
    key.where = token_.where;
    std::optional<Prefix> ends[2];
    std::size_t count = 0;
    while (count < 2 && (is(RsaKind::Address) || is_word("any"))) {
      if (!end_of(ends[count++])) return false;
    }
    if (!is(RsaKind::Colon)) return fail("E2802", "expected ':' and a key, with at most two addresses before");
    advance();
    key.peer = count == 2 ? ends[1] : ends[0];
    if (count == 2) key.local = ends[0];
    const std::size_t before = sink_.errors();
    const bool good = is_word("RSA") ? private_key(key) : public_key(key);
    if (good && sink_.errors() == before) out_.keys.push_back(std::move(key));
    return good;
  }

  bool end_of(std::optional<Prefix>& out) {
    if (is_word("any")) {
      advance();
      return true;
    }
    const Range where = token_.where;
    const Address address = *Address::parse(token_.text);
    unsigned length = address.bits();
    advance();
    if (is(RsaKind::Slash)) {
      advance();
      const auto number = is(RsaKind::Number) ? decimal(token_.text, address.bits()) : std::nullopt;
      if (!number) return fail("E2802", "wrong prefix length");
      length = static_cast<unsigned>(*number);
      advance();
    }
    out = masked(address, length);
    if (out->address != address) sink_.warning("W2802", where, "bits are set behind the prefix");
    return true;
  }

  /// PUB 0s… | PUB 0x…
  bool public_key(PlainRsaKey& key) {
    if (!is_word("PUB")) {
      return fail("E2802", is_word("PSK") ? "pre-shared keys belong into psk.txt" : "expected RSA or PUB");
    }
    if (out_.use == PlainRsaUse::Private) {
      return fail("E2803", "racoon refuses a public key in a private key's file", "remove it");
    }
    out_.use = PlainRsaUse::Public;
    advance();
    const Range where = token_.where;
    const bool base64 = is(RsaKind::Base64);
    if (!base64 && !is(RsaKind::Hex)) return fail("E2802", "expected 0s and base64, or 0x and hex digits");
    const auto bytes = base64 ? decode_base64(token_.text) : std::optional(decode_hex_number(token_.text));
    advance();
    if (!bytes) {
      sink_.error("E2804", where, "not base64")
          .with_hint("plainrsa-gen 0.9.1 writes one or two stray letters at the end: count groups of four");
      return true;
    }
    if (!take_numbers(*bytes, key)) {
      sink_.error("E2805", where, "does not hold an exponent and a modulus (RFC 3110)");
    }
    return true;
  }

  /// One byte length of the exponent, exponent, modulus.
  static bool take_numbers(std::string_view bytes, PlainRsaKey& key) {
    if (bytes.empty()) return false;
    const auto length = static_cast<std::size_t>(static_cast<unsigned char>(bytes[0]));
    if (bytes.size() <= length + 1) return false;
    key.public_exponent = without_zeros(bytes.substr(1, length));
    key.modulus = without_zeros(bytes.substr(1 + length));
    return !key.public_exponent.empty() && !key.modulus.empty();
  }

  /// RSA { NAME: 0x… … }
  bool private_key(PlainRsaKey& key) {
    if (out_.use == PlainRsaUse::Public) {
      sink_.warning("W2803", token_.where, "a private key in a file for public ones: racoon takes its public part")
          .with_hint("write PUB: the private key should stay on its own host");
    } else {
      out_.use = PlainRsaUse::Private;
    }
    key.has_private = true;
    const Range where = token_.where;
    advance();
    if (!is(RsaKind::Open)) return fail("E2802", "expected '{'");
    advance();
    std::array<Secret, kNames.size()> numbers;
    std::array<bool, kNames.size()> given{};
    while (!is(RsaKind::Close)) {
      if (!number(numbers, given)) return false;
    }
    advance();
    store(numbers, given, where, key);
    return true;
  }

  bool number(std::array<Secret, kNames.size()>& numbers, std::array<bool, kNames.size()>& given) {
    std::size_t index = 0;
    while (index < kNames.size() && !is_word(kNames[index])) ++index;
    if (index == kNames.size())
      return fail("E2802", is(RsaKind::End) ? "expected '}'" : "expected the name of a number");
    if (given[index]) fail("E2806", fmt::format("{} is given twice", kNames[index]));
    given[index] = true;
    advance();
    if (!is(RsaKind::Colon)) return fail("E2802", "expected ':'");
    advance();
    if (!is(RsaKind::Hex)) return fail("E2802", "expected 0x and hex digits");
    std::string bytes = decode_hex_number(token_.text);
    numbers[index] = Secret::take(bytes);
    advance();
    return true;
  }

  void store(std::array<Secret, kNames.size()>& numbers, const std::array<bool, kNames.size()>& given, Range where,
             PlainRsaKey& key) {
    const std::size_t mandatory = out_.use == PlainRsaUse::Public ? kPrivateExponent : kFirstOfCrt;
    for (std::size_t i = 0; i < mandatory; ++i) {
      if (numbers[i].empty()) sink_.error("E2807", where, fmt::format("the key has no {}", kNames[i]));
    }
    std::size_t crt = 0;
    for (std::size_t i = kFirstOfCrt; i < kNames.size(); ++i) crt += given[i] ? 1U : 0U;
    key.modulus = numbers[kModulus].reveal();
    key.public_exponent = numbers[kPublicExponent].reveal();
    key.private_exponent = std::move(numbers[kPrivateExponent]);
    if (crt == kNames.size() - kFirstOfCrt) {
      std::size_t i = kFirstOfCrt;
      for (Secret* part : {&key.prime1, &key.prime2, &key.exponent1, &key.exponent2, &key.coefficient}) {
        *part = std::move(numbers[i++]);
      }
    } else if (crt != 0) {
      sink_
          .warning("W2804", where,
                   "some of Prime1 to Coefficient are missing: racoon ignores the others, and is slower")
          .with_hint("write all five, or none");
    }
  }

  RsaLexer lexer_;
  DiagSink& sink_;
  RsaToken token_;
  PlainRsaFile out_;
};

}  // namespace

PlainRsaFile parse_plainrsa(FileId file, std::string_view text, PlainRsaUse use, DiagSink& sink) {
  return RsaParser(file, text, use, sink).run();
}

}  // namespace meshctl::racoon
