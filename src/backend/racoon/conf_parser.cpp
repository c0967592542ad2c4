// racoon.conf -> values: the top level and what all blocks share.
#include "backend/racoon/conf_parser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "backend/racoon/setkey_policy.hpp"
#include "net/name.hpp"

namespace meshctl::racoon {

using Kind = ConfToken::Kind;

bool ConfParser::fail(std::string text, std::string hint) {
  if (is(Kind::Bad)) return false;  // the lexer has told why
  sink_.error("E2502", token_.where, std::move(text)).with_hint(std::move(hint));
  return false;
}

/// Behind the next `;`, or before the `}` of the block that we are in, or behind the block that begins here.
void ConfParser::skip_statement() {
  std::size_t depth = 0;
  for (;; advance()) {
    if (is(Kind::End) || (is(Kind::Close) && depth == 0)) return;
    if (is(Kind::Open)) ++depth;
    if (is(Kind::Close) && --depth == 0) break;
    if (is(Kind::Semicolon) && depth == 0) break;
  }
  advance();
}

bool ConfParser::end() {
  if (!is(Kind::Semicolon)) return fail("expected ';'");
  advance();
  if (is(Kind::Semicolon)) return fail("one ';' too many");
  return true;
}

bool ConfParser::word_of(std::span<const std::string_view> words, std::string_view what, std::string_view& out) {
  out = is(Kind::Word) ? one_of(token_.text, words) : std::string_view();
  if (!out.empty()) {
    advance();
    return true;
  }
  const std::string_view close = nearest(token_.text, words);
  return fail(fmt::format("wrong {}", what), close.empty() ? fmt::format("possible: {}", fmt::join(words, ", "))
                                                           : fmt::format("did you mean '{}'?", close));
}

bool ConfParser::number(std::uint32_t& out, std::uint64_t most) {
  const auto value = is(Kind::Word) ? decimal(token_.text, most) : std::nullopt;
  if (!value) return fail(fmt::format("expected a decimal number of at most {}", most));
  out = static_cast<std::uint32_t>(*value);
  advance();
  return true;
}

bool ConfParser::duration(std::uint32_t& seconds) {
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

bool ConfParser::lifetime(std::uint32_t& seconds) {
  if (is_word("byte")) return fail("racoon refuses lifetimes in bytes");
  if (!is_word("time")) return fail("expected 'time'", "write 'lifetime time 3600 sec'");
  advance();
  const Range where = token_.where;
  if (!duration(seconds)) return false;
  if (seconds == 0) sink_.warning("W2501", where, "a lifetime of 0");
  if (seconds > 86400) sink_.warning("W2501", where, "a lifetime of more than a day");
  return true;
}

bool ConfParser::group(std::uint8_t& out) {
  out = is(Kind::Word) ? group_number(token_.text) : std::uint8_t{0};
  if (out == 0) return fail("racoon has no such group", "use modp2048 or modp3072: it knows no elliptic curves");
  if (out <= 2) sink_.warning("W2502", token_.where, "this group can be broken").with_hint("use modp3072");
  if (out == 5) sink_.warning("W2502", token_.where, "this group is weak").with_hint("use modp3072");
  advance();
  return true;
}

bool ConfParser::string(std::string& out) {
  if (!is(Kind::String)) return fail("expected a string in double quotes");
  out = token_.text;
  advance();
  return true;
}

bool ConfParser::address(std::optional<Address>& out, std::string* zone) {
  const std::size_t percent = token_.text.find('%');
  out = is(Kind::Word) ? Address::parse(token_.text.substr(0, percent)) : std::nullopt;
  if (!out) return fail("expected a numeric address");
  if (zone != nullptr && percent != std::string_view::npos) *zone = token_.text.substr(percent + 1);
  advance();
  return true;
}

bool ConfParser::port(std::uint16_t& out) {
  if (!is(Kind::Port)) return true;
  const auto value = token_.text == "any" ? std::optional<std::uint64_t>(0) : decimal(token_.text, 0xffff);
  if (!value) return fail("wrong port");
  out = static_cast<std::uint16_t>(*value);
  advance();
  return true;
}

bool ConfParser::key_bits(const AlgorithmRule& rule, std::uint16_t& out) {
  out = 0;
  if (!is(Kind::Word) || !decimal(token_.text, 0xffff)) {
    if (rule.most != 0) sink_.info("N2501", token_.where, "without a key length racoon takes 128 bits");
    return true;
  }
  if (rule.most == 0) return fail(fmt::format("'{}' takes no key length", rule.name));
  const std::uint64_t bits = *decimal(token_.text, 0xffff);
  if (bits < rule.least || bits > rule.most || (bits - rule.least) % rule.step != 0) {
    return fail(fmt::format("'{}' has no keys of {} bits", rule.name, bits));
  }
  out = static_cast<std::uint16_t>(bits);
  advance();
  return true;
}

bool ConfParser::statement() {
  static constexpr std::string_view keywords[] = {"path",   "include", "pfkey_buffer", "complex_bundle", "gss_id_enc",
                                                  "log",    "privsep", "padding",      "listen",         "timer",
                                                  "remote", "sainfo",  "mode_cfg",     "ldapcfg",        "radiuscfg"};
  if (is(Kind::Close)) return fail("'}' closes nothing", "racoon takes a stray '}' as part of the next word");
  std::string_view keyword;
  if (!word_of(keywords, "statement", keyword)) return false;
  if (keyword == "path") return path();
  if (keyword == "log") return log();
  if (keyword == "listen") return listen();
  if (keyword == "remote") return remote();
  if (keyword == "sainfo") return sainfo();
  if (keyword == "include") return include();
  if (keyword == "privsep") return privsep();
  if (keyword == "padding") return padding();
  if (keyword == "timer") return timer();
  if (keyword == "mode_cfg") return mode_cfg();
  if (keyword == "ldapcfg" || keyword == "radiuscfg") return service(keyword);
  return simple(keyword);
}

ConfFile ConfParser::run() {
  advance();
  while (!is(Kind::End)) {
    if (statement()) continue;
    skip_statement();
    if (is(Kind::Close)) advance();
  }
  return std::move(out_);
}

ConfFile parse_racoon_conf(FileId file, std::string_view text, DiagSink& sink) {
  return ConfParser(file, text, sink).run();
}

}  // namespace meshctl::racoon
