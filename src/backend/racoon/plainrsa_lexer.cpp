#include "backend/racoon/plainrsa_lexer.hpp"

#include "net/address.hpp"

namespace meshctl::racoon {
namespace {

using RsaKind = RsaToken::Kind;

constexpr std::string_view kKeywords[] = {
    "RSA",    "PSK",    "PUB",       "any",       "Modulus",     "PublicExponent",
    "Prime1", "Prime2", "Exponent1", "Exponent2", "Coefficient", "PrivateExponent"};

bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_base64(char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '/' || c == '='; }

template <class Test>
std::size_t run_length(std::string_view text, std::size_t from, Test test) {
  std::size_t end = from;
  while (end < text.size() && test(text[end])) ++end;
  return end - from;
}

/// Length of the longest address at the beginning; an IPv6 one has a colon, an IPv4 one three dots.
std::size_t rsa_address_length(std::string_view text) {
  constexpr std::size_t most = 45;  // of IPv6 with an IPv4 tail
  const std::size_t length =
      run_length(text.substr(0, most), 0, [](char c) { return is_hex(c) || c == ':' || c == '.'; });
  for (std::size_t i = length; i > 1; --i) {
    if (Address::parse(text.substr(0, i))) return i;
  }
  return 0;
}

}  // namespace

RsaLexer::Match RsaLexer::match() const {
  const std::string_view rest = text_.substr(cursor_.offset());
  Match best{RsaKind::End};
  const auto better = [&best](RsaKind kind, std::size_t length, std::size_t skip = 0) {
    if (length > best.length) best = {kind, length, skip};
  };
  switch (rest[0]) {
    case '{': return {RsaKind::Open, 1};
    case '}': return {RsaKind::Close, 1};
    case '/': return {RsaKind::Slash, 1};
    default: break;
  }
  for (const std::string_view word : kKeywords) {
    if (rest.starts_with(word)) better(RsaKind::Word, word.size());
  }
  if (rest.starts_with("0x")) {
    if (const std::size_t digits = run_length(rest, 2, is_hex); digits > 0) better(RsaKind::Hex, digits + 2, 2);
  }
  if (rest.starts_with("0s")) {
    if (const std::size_t digits = run_length(rest, 2, is_base64); digits > 0) better(RsaKind::Base64, digits + 2, 2);
  }
  better(RsaKind::Number, run_length(rest, 0, is_digit));
  better(RsaKind::Address, rsa_address_length(rest));
  if (best.length == 0 && rest[0] == ':') return {RsaKind::Colon, 1};
  return best;
}

/// A run of bytes that begin no word.
void RsaLexer::ignore() {
  const Cursor::Mark mark = cursor_.mark();
  do {
    cursor_.step();
  } while (!cursor_.at_end() && !is_blank(cursor_.peek()) && cursor_.peek() != '#' && match().length == 0);
  sink_.warning("W2801", cursor_.range(mark), "racoon ignores this").with_hint("remove it");
}

RsaToken RsaLexer::next() {
  for (;;) {
    if (cursor_.at_end()) return {RsaKind::End, {}, cursor_.range(cursor_.mark())};
    const bool carriage_return = cursor_.peek() == '\r' && (cursor_.peek(1) == '\n' || cursor_.peek(1) == '\0');
    if (is_blank(cursor_.peek()) || carriage_return) {
      cursor_.step();
    } else if (cursor_.peek() == '#') {
      while (!cursor_.at_end() && cursor_.peek() != '\n') cursor_.step();
    } else {
      const Match found = match();
      if (found.length == 0) {
        ignore();
        continue;
      }
      const Cursor::Mark mark = cursor_.mark();
      const std::size_t from = cursor_.offset();
      for (std::size_t i = 0; i < found.length; ++i) cursor_.step();
      return {found.kind, cursor_.since(from).substr(found.skip), cursor_.range(mark)};
    }
  }
}

}  // namespace meshctl::racoon
