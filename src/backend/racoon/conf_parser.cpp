// racoon.conf -> values: the top level.
#include "backend/racoon/conf_parser.hpp"

#include <utility>

#include "backend/racoon/conf_judge.hpp"

namespace meshctl::racoon {

using Kind = ConfToken::Kind;

bool ConfParser::statement() {
  static constexpr std::string_view keywords[] = {"path",   "include", "pfkey_buffer", "complex_bundle", "gss_id_enc",
                                                  "log",    "privsep", "padding",      "listen",         "timer",
                                                  "remote", "sainfo",  "mode_cfg",     "ldapcfg",        "radiuscfg"};
  std::string_view keyword;
  keyword_ = token_.where;
  outside_ = false;
  if (!word_of(keywords, "statement", keyword)) return false;
  if (keyword == "remote") return remote();
  if (keyword == "sainfo") return sainfo();
  if (keyword == "path") return path();
  if (keyword == "log") return log();
  if (keyword == "listen") return listen();
  if (keyword == "include") return include();
  if (keyword == "privsep") return privsep();
  if (keyword == "padding") return padding();
  if (keyword == "timer") return timer();
  if (keyword == "mode_cfg") return mode_cfg();
  if (keyword == "ldapcfg" || keyword == "radiuscfg") return service(keyword);
  return simple(keyword);
}

namespace {

/// How many blocks the text seems to have: they are large, and moving them as a vector grows is what reading would
/// mostly do. Bounded, since a text may only seem so.
std::size_t blocks(std::string_view text, std::string_view begin) {
  constexpr std::size_t most = 4096;
  std::size_t count = 0;
  for (std::size_t at = text.find(begin); at != std::string_view::npos && count < most; at = text.find(begin, at + 1)) {
    ++count;
  }
  return count;
}

}  // namespace

ConfFile ConfParser::run() {
  advance();
  while (!is(Kind::End) && !hopeless()) {
    if (statement()) continue;
    if (!outside_) skip_statement();
    if (lexer_.begins_statement(token_)) restart();
    if (is(Kind::Close)) advance();
  }
  advance();  // tells what was ignored at the end
  return std::move(out_);
}

ConfFile parse_racoon_conf(FileId file, std::string_view text, DiagSink& sink) {
  const std::size_t before = sink.errors();
  ConfParser parser(file, text, sink);
  parser.expect(blocks(text, "\nremote "), blocks(text, "\nsainfo "));
  ConfFile out = parser.run();
  judge_conf(out, sink.errors() == before, sink);
  return out;
}

}  // namespace meshctl::racoon
