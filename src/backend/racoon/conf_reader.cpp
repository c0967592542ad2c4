#include "backend/racoon/conf_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "backend/racoon/setkey_policy.hpp"
#include "base/printable.hpp"
#include "net/name.hpp"

namespace meshctl::racoon {

using Kind = ConfToken::Kind;

namespace {

constexpr std::size_t kMostShown = 40;

/// strtoul(3) of what racoon took for a number: white space and '+' may stand before it, anything else makes it 0.
std::string_view number_text(const ConfToken& token) {
  return token.glued.find_first_not_of("\r\v\f+") == std::string_view::npos ? token.text : std::string_view("0");
}

}  // namespace

/// Told only once a word is taken: at an error the error says it better.
void ConfReader::tell_skipped() {
  if (!token_.skipped.empty()) {
    Diag& diag =
        sink_.warning("W2517", token_.skipped_at,
                      fmt::format("racoon ignores '{}' without a word", printable(token_.skipped, kMostShown)));
    diag.with_hint(token_.skipped.starts_with("\xef\xbb\xbf") ? "remove the byte order mark" : "remove it");
  } else if (token_.joined) {
    sink_.info("N2505", token_.where, "a blank is missing before this word");
  }
}

/// The current token's value is not what it looks like, because of what is glued to it.
void ConfReader::tell_spoiled(std::string_view what) {
  sink_
      .warning("W2518", token_.skipped_at,
               fmt::format("'{}' makes racoon read {}", printable(token_.glued, kMostShown), what))
      .with_hint("remove it");
  token_.skipped = {};
}

void ConfReader::advance() {
  tell_skipped();
  last_ = token_.where;
  token_ = lexer_.next();
}

bool ConfReader::pass(std::string_view known) {
  if (known.empty() || !lexer_.pass(token_, known)) return false;
  token_ = lexer_.next();
  return true;
}

bool ConfReader::take(std::string_view word) {
  if (!is_word(word)) return false;
  advance();
  return true;
}

bool ConfReader::fail(std::string text, std::string hint) {
  Range where = token_.where;
  if (!token_.skipped.empty()) {
    where.line = token_.skipped_at.line;
    where.col = token_.skipped_at.col;
  }
  sink_.error("E2502", where, std::move(text)).with_hint(std::move(hint));
  return false;
}

bool ConfReader::fail_word(std::string_view what, std::span<const std::string_view> words) {
  const std::string_view close = nearest(lexer_.whole_word(token_), words);
  return fail(fmt::format("wrong {}", what), close.empty() ? fmt::format("possible: {}", fmt::join(words, ", "))
                                                           : fmt::format("did you mean '{}'?", close));
}

/// Behind the next `;`, or before the `}` of the block that we are in, or behind the block that begins here.
void ConfReader::skip_statement() {
  std::size_t depth = 0;
  for (;; token_ = lexer_.next()) {
    if (is(Kind::End) || (is(Kind::Close) && depth == 0)) return;
    if (lexer_.begins_statement(token_)) return;
    if (is(Kind::Open)) ++depth;
    if (is(Kind::Close) && --depth == 0) break;
    if (is(Kind::Semicolon) && depth == 0) break;
  }
  token_ = lexer_.next();
}

bool ConfReader::restart() {
  lexer_.restart(token_);
  token_ = lexer_.next();
  outside_ = true;
  return true;
}

bool ConfReader::end() {
  if (is(Kind::Semicolon)) {
    advance();
    if (is(Kind::Semicolon)) return fail("one ';' too many");
    return true;
  }
  const bool next_line = last_.end_line < token_.where.line;
  fail("expected ';'", next_line ? fmt::format("line {} has no ';' at its end", last_.end_line) : "");
  return lexer_.begins_statement(token_) ? restart() : false;
}

bool ConfReader::word_of(std::span<const std::string_view> words, std::string_view what, std::string_view& out) {
  const std::string_view found = is(Kind::Word) ? one_of(token_.text, words) : std::string_view();
  if (found.empty()) return fail_word(what, words);
  out = found;
  advance();
  return true;
}

bool ConfReader::number(std::uint32_t& out) {
  constexpr std::uint64_t most = 0x7fffffff;
  if (!is(Kind::Number)) return fail("expected a decimal number");
  const std::string_view digits = number_text(token_);
  if (digits.data() != token_.text.data()) tell_spoiled("a 0");
  std::uint64_t value = 0;
  const auto [stop, wrong] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (wrong != std::errc{} || value > most) {
    sink_.warning("W2519", token_.where, "racoon cuts a number of this size").with_hint("write a smaller one");
    value = most;
  }
  out = static_cast<std::uint32_t>(value);
  advance();
  return true;
}

bool ConfReader::duration(std::uint32_t& seconds) {
  constexpr std::pair<std::string_view, std::uint32_t> units[] = {
      {"sec", 1U},   {"secs", 1U},    {"second", 1U},   {"seconds", 1U}, {"min", 60U},
      {"mins", 60U}, {"minute", 60U}, {"minutes", 60U}, {"hour", 3600U}, {"hours", 3600U}};
  std::uint32_t count = 0;
  if (!number(count)) return false;
  for (const auto& [word, factor] : units) {
    if (!is_word(word)) continue;
    seconds = static_cast<std::uint32_t>(std::min<std::uint64_t>(std::uint64_t{count} * factor, 0xffffffff));
    advance();
    return true;
  }
  return fail("expected a unit", "write sec, min or hour: there is no day");
}

bool ConfReader::lifetime(std::uint32_t& seconds) {
  if (is_word("byte")) return fail("racoon refuses lifetimes in bytes");
  if (!take("time")) return fail("expected 'time'", "write 'lifetime time 3600 sec'");
  const Range where = token_.where;
  if (!duration(seconds)) return false;
  if (seconds == 0) {
    sink_.warning("W2501", where, "a lifetime of 0").with_hint("racoon then takes 8 hours");
  } else if (seconds > 86400) {
    sink_.warning("W2501", where, "a lifetime of more than a day");
  }
  return true;
}

bool ConfReader::group(std::uint8_t& out) {
  out = 0;
  if (is(Kind::Word) || is(Kind::Number)) out = group_number(is(Kind::Word) ? token_.text : number_text(token_));
  if (out == 0) return fail("racoon has no such group", "use modp2048 or modp3072: it knows no elliptic curves");
  if (out == 3 || out == 4) {
    sink_.warning("W2520", token_.where, "racoon takes this group, but every negotiation with it fails")
        .with_hint("use modp3072");
  } else if (out <= 2) {
    sink_.warning("W2502", token_.where, "this group can be broken").with_hint("use modp3072");
  } else if (out == 5) {
    sink_.warning("W2502", token_.where, "this group is weak").with_hint("use modp3072");
  }
  advance();
  return true;
}

bool ConfReader::string(std::string& out) {
  if (!is(Kind::String)) {
    const bool open = lexer_.unclosed_string(token_);
    return fail(open ? "string without a closing quote" : "expected a string in double quotes");
  }
  if (!token_.glued.empty()) {
    // racoon copies from behind the first byte and ends at the quote.
    out = token_.glued.substr(1);
    tell_spoiled(out.empty() ? "an empty string" : "another string");
  } else {
    out = token_.text;
    if (token_.where.end_line != token_.where.line) {
      sink_.warning("W2521", token_.where, "the string spans lines: is the closing quote where it should be?");
    }
  }
  advance();
  return true;
}

bool ConfReader::address(std::optional<Address>& out, std::string* zone) {
  const std::size_t percent = token_.text.find('%');
  const bool fits = is(Kind::Addr) && token_.glued.empty();
  out = fits ? Address::parse(token_.text.substr(0, percent)) : std::nullopt;
  if (!out) return fail("expected a numeric address");
  if (zone != nullptr) {
    zone->clear();
    if (percent != std::string_view::npos) *zone = token_.text.substr(percent + 1);
  }
  advance();
  return true;
}

bool ConfReader::port(std::uint16_t& out) {
  if (!is(Kind::Port)) return true;
  std::optional<std::uint64_t> value = token_.text == "any" ? 0 : decimal(token_.text, 0xffff);
  if (!value) {
    sink_.warning("W2519", token_.where, "racoon cuts a port of this size").with_hint("ports end at 65535");
    value = 0;
  }
  if (!token_.glued.empty()) {
    tell_spoiled("port 0");
    value = 0;
  }
  out = static_cast<std::uint16_t>(*value);
  advance();
  return true;
}

bool ConfReader::prefix_length(unsigned bits, unsigned& out) {
  const auto length = decimal(token_.text, 999);
  if (!is(Kind::Prefix) || !length) return fail("expected a prefix length");
  out = static_cast<unsigned>(*length);
  if (!token_.glued.empty()) {
    tell_spoiled("/0, which is everybody");
    out = 0;
  } else if (out > bits) {
    sink_.warning("W2522", token_.where, fmt::format("racoon takes more than {} bits as a single address", bits));
    out = bits;
  }
  advance();
  return true;
}

bool ConfReader::key_bits(const AlgorithmRule& rule, std::uint16_t& out) {
  out = 0;
  if (!is(Kind::Number)) {
    if (rule.most != 0) sink_.info("N2501", token_.where, "without a key length racoon takes 128 bits");
    return true;
  }
  const auto bits = decimal(number_text(token_), 0xffff).value_or(0xffff);
  if (bits == 0) {
    tell_spoiled("no key length");
    advance();
    return true;
  }
  if (rule.most == 0) return fail(fmt::format("'{}' takes no key length", rule.name));
  if (bits < rule.least || bits > rule.most || (bits - rule.least) % rule.step != 0) {
    return fail(fmt::format("'{}' has no keys of {} bits", rule.name, bits));
  }
  out = static_cast<std::uint16_t>(bits);
  advance();
  return true;
}

}  // namespace meshctl::racoon
