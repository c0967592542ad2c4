#include "backend/racoon/conf_lexer.hpp"

#include <algorithm>

#include "backend/racoon/cursor.hpp"

namespace meshctl::racoon {
namespace {

using TokenKind = ConfToken::Kind;
constexpr std::size_t kNone = static_cast<std::size_t>(-1);

constexpr std::uint32_t bit_of(ConfState state) { return std::uint32_t{1} << static_cast<unsigned>(state); }
constexpr std::uint32_t kBlocks = bit_of(ConfState::Privsep) | bit_of(ConfState::Padding) | bit_of(ConfState::Listen) |
                                  bit_of(ConfState::Timer) | bit_of(ConfState::ModeCfg) | bit_of(ConfState::Ldap) |
                                  bit_of(ConfState::Radius);
constexpr std::uint32_t kOpens =
    kBlocks | bit_of(ConfState::Sainfo) | bit_of(ConfState::Remote) | bit_of(ConfState::Proposal);
constexpr std::uint32_t kCloses =
    kBlocks | bit_of(ConfState::SainfoBody) | bit_of(ConfState::RemoteBody) | bit_of(ConfState::Proposal);
constexpr std::uint32_t kCommaStates =
    bit_of(ConfState::ModeCfg) | bit_of(ConfState::SainfoBody) | bit_of(ConfState::RemoteBody);

bool is_hex_digit(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool in_address(char c) { return is_hex_digit(c) || c == ':' || c == '.'; }

/// Length of racoon's ADDRSTRING at the beginning of `text`, 0 = none.
std::size_t address_length(std::string_view text) {
  if (text.empty() || !(is_hex_digit(text[0]) || text[0] == ':')) return 0;
  std::size_t length = 1;
  while (length < text.size() && in_address(text[length])) ++length;
  if (length == text.size() || text[length] != '%') return length;
  ++length;
  while (length < text.size() && (is_letter(text[length]) || is_digit(text[length]))) ++length;
  return length;
}

std::size_t digits_length(std::string_view text, std::size_t most = kNone) {
  std::size_t length = 0;
  while (length < text.size() && length < most && is_digit(text[length])) ++length;
  return length;
}

std::size_t hex_length(std::string_view text) {
  if (!text.starts_with("0x")) return 0;
  std::size_t length = 2;
  while (length < text.size() && is_hex_digit(text[length])) ++length;
  return length > 2 ? length : 0;
}

bool word_like(TokenKind kind) {
  return kind == TokenKind::Word || kind == TokenKind::Number || kind == TokenKind::Addr || kind == TokenKind::Hex;
}

bool in_whole_word(char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '.' || c == ':'; }

}  // namespace

Range ConfLexer::range(std::size_t from, std::size_t to) const {
  const auto col = [this](std::size_t at) { return static_cast<std::uint32_t>(at - line_start_ + 1); };
  return {file_, line_, col(from), line_, col(to)};
}

/// Counts the line ends of a text that was passed over.
void ConfLexer::lines(std::size_t from, std::size_t to) {
  const std::string_view passed = text_.substr(0, to);  // the rest must not be searched again and again
  for (std::size_t at = passed.find('\n', from); at < to; at = passed.find('\n', at + 1)) {
    ++line_;
    line_start_ = at + 1;
  }
}

ConfLexer::Match ConfLexer::match_string() const {
  const std::size_t end = text_.find('"', pos_ + 1);
  if (end == std::string_view::npos) return {TokenKind::String, 0, {}};
  return {TokenKind::String, end + 1 - pos_, text_.substr(pos_ + 1, end - pos_ - 1)};
}

ConfLexer::Match ConfLexer::match_port() const {
  const std::string_view rest = text_.substr(pos_ + 1);
  const bool any = state_ == ConfState::Sainfo && rest.starts_with("any");
  const std::size_t inside = any ? 3 : digits_length(rest);
  if (inside == 0 || inside >= rest.size() || rest[inside] != ']') return {TokenKind::Port, 0, {}};
  return {TokenKind::Port, inside + 2, rest.substr(0, inside)};
}

/// The longest of keyword, number, hex number and address; of equal ones the first named.
ConfLexer::Match ConfLexer::match_word() const {
  const std::string_view rest = text_.substr(pos_);
  Match best{TokenKind::Number, digits_length(rest), {}};
  if (const std::size_t length = hex_length(rest); length > best.length) best = {TokenKind::Hex, length, {}};
  if (const std::size_t length = address_length(rest); length > best.length) best = {TokenKind::Addr, length, {}};
  best.text = rest.substr(0, best.length);
  const std::string_view keyword = longest_keyword(rest, std::max<std::size_t>(best.length, 1), state_);
  return keyword.empty() ? best : Match{TokenKind::Word, keyword.size(), keyword};
}

ConfLexer::Match ConfLexer::match() const {
  const auto single = [this](TokenKind kind, std::uint32_t states) {
    const bool known = (states & bit_of(state_)) != 0;
    return Match{kind, known ? 1U : 0U, text_.substr(pos_, 1)};
  };
  switch (text_[pos_]) {
    case ';': return single(TokenKind::Semicolon, ~std::uint32_t{0});
    case '{': return single(TokenKind::Open, kOpens);
    case '}': return single(TokenKind::Close, kCloses);
    case ',': return single(TokenKind::Comma, kCommaStates);
    case '"': return match_string();
    case '[': return match_port();
    case '/': {
      const std::size_t length = digits_length(text_.substr(pos_ + 1), 3);
      return {TokenKind::Prefix, length == 0 ? 0 : length + 1, text_.substr(pos_ + 1, length)};
    }
    case '-': {
      const std::size_t length = address_length(text_.substr(pos_ + 1));
      return {TokenKind::RangeEnd, length == 0 ? 0 : length + 1, text_.substr(pos_ + 1, length)};
    }
    default: return match_word();
  }
}

/// Changes of state, as the actions of racoon's lexer make them.
void ConfLexer::follow(const ConfToken& token) {
  using enum ConfState;
  struct Begin {
    std::string_view word;
    ConfState state;
  };
  static constexpr Begin begins[] = {{"remote", Remote},   {"sainfo", Sainfo},    {"path", Path},
                                     {"log", Log},         {"listen", Listen},    {"timer", Timer},
                                     {"padding", Padding}, {"privsep", Privsep},  {"mode_cfg", ModeCfg},
                                     {"ldapcfg", Ldap},    {"radiuscfg", Radius}, {"gss_id_enc", GssEnc}};
  switch (token.kind) {
    case TokenKind::Word:
      if (state_ == RemoteBody && token.text == "proposal") state_ = Proposal;
      if (state_ != Top) return;
      for (const Begin& one : begins) {
        if (one.word == token.text) state_ = one.state;
      }
      return;
    case TokenKind::Open:
      if (state_ == Sainfo) state_ = SainfoBody;
      if (state_ == Remote) state_ = RemoteBody;
      return;
    case TokenKind::Close: state_ = state_ == Proposal ? RemoteBody : Top; return;
    case TokenKind::Semicolon:
      if (state_ == Path || state_ == Log || state_ == Sainfo || state_ == Remote || state_ == GssEnc) state_ = Top;
      return;
    default: return;
  }
}

/// Blanks and comments. racoon forgets what is glued to one of them.
bool ConfLexer::skip_blank() {
  const char c = text_[pos_];
  if (c == '#') {
    pos_ = std::min(text_.find('\n', pos_), text_.size());
    return true;
  }
  if (!is_blank(c)) return false;
  ++pos_;
  if (c != '\n') return true;
  ++line_;
  line_start_ = pos_;
  return true;
}

/// The characters from `glue` up to here vanish. A carriage return before a line end is told once, not for each line.
void ConfLexer::drop(ConfToken& token, std::size_t& glue) {
  if (glue == kNone) return;
  const std::string_view gone = text_.substr(glue, pos_ - glue);
  if (gone == "\r" && pos_ < text_.size() && text_[pos_] == '\n') {
    if (!told_cr_) {
      sink_.info("N2504", range(glue, pos_), "lines end in carriage return and line feed").with_hint("use dos2unix");
    }
    told_cr_ = true;
  } else if (token.skipped.empty()) {
    token.skipped = gone;
    token.skipped_at = range(glue, pos_);
    token.first = glue;
  }
  glue = kNone;
}

ConfToken ConfLexer::next() {
  ConfToken token;
  std::size_t glue = kNone;
  bool blank = false;
  for (; pos_ < text_.size();) {
    if (is_blank(text_[pos_]) || text_[pos_] == '#') {
      drop(token, glue);
      skip_blank();
      blank = true;
      continue;
    }
    const Match found = match();
    if (found.length == 0) {
      if (glue == kNone) glue = pos_;
      ++pos_;
      continue;
    }
    if (found.kind == TokenKind::Comma && state_ == ConfState::RemoteBody) {
      drop(token, glue);
      ++pos_;
      blank = true;
      continue;
    }
    if (glue != kNone) {
      token.glued = text_.substr(glue, pos_ - glue);
      drop(token, glue);
    }
    token.kind = found.kind;
    token.text = found.text;
    token.begin = pos_;
    if (token.skipped.empty()) token.first = pos_;
    token.joined =
        !blank && token.skipped.empty() && pos_ > 0 && word_like(found.kind) && in_whole_word(text_[pos_ - 1]);
    token.where = range(pos_, pos_ + found.length);
    pos_ += found.length;
    if (found.kind == TokenKind::String) {
      lines(token.begin, pos_);
      const Range end = range(pos_, pos_);
      token.where.end_line = end.end_line;
      token.where.end_col = end.end_col;
    }
    follow(token);
    return token;
  }
  drop(token, glue);
  token.begin = pos_;
  if (token.skipped.empty()) token.first = pos_;
  token.where = range(pos_, pos_);
  return token;
}

std::string_view ConfLexer::whole_word(const ConfToken& token) const {
  constexpr std::size_t most = 64;  // no keyword is half as long
  std::size_t from = token.first;
  std::size_t to = token.first;
  while (from > 0 && token.first - from < most && in_whole_word(text_[from - 1])) --from;
  while (to < text_.size() && to - token.first < most && in_whole_word(text_[to])) ++to;
  return text_.substr(from, to - from);
}

bool ConfLexer::begins_statement(const ConfToken& token) const {
  if (token.kind == TokenKind::Word && token.first == token.begin) return false;
  const std::string_view word = whole_word(token);
  const auto from = static_cast<std::size_t>(word.data() - text_.data());
  if (word.empty() || longest_keyword(word, word.size(), ConfState::Top) != word) return false;
  std::size_t before = from;
  while (before > 0 && (text_[before - 1] == ' ' || text_[before - 1] == '\t')) --before;
  return before == 0 || text_[before - 1] == '\n';
}

bool ConfLexer::pass(const ConfToken& token, std::string_view known) {
  if (!token.skipped.empty() || token.joined || !text_.substr(token.begin).starts_with(known)) return false;
  const std::size_t end = token.begin + known.size();
  lines(pos_, end);
  pos_ = end;
  return true;
}

void ConfLexer::restart(const ConfToken& token) {
  const std::string_view word = whole_word(token);
  const Range where = token.skipped.empty() ? token.where : token.skipped_at;
  line_ = where.line;
  line_start_ = token.first + 1 - where.col;
  pos_ = static_cast<std::size_t>(word.data() - text_.data());
  state_ = ConfState::Top;
}

}  // namespace meshctl::racoon
