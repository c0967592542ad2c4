#include "backend/windows/line_lexer.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace meshctl::windows {
namespace {

constexpr std::size_t kLongestLine = 8191;  // of cmd.exe
constexpr std::string_view kOperators = "&|<>()";

bool blank(char c) { return c == ' ' || c == '\t'; }

}  // namespace

Range LineLexer::range(std::size_t from, std::size_t to) const {
  const auto column = [&](std::size_t at) { return static_cast<std::uint32_t>(at - line_start_ + 1); };
  return {file_, number_, column(from), number_, column(to)};
}

Range LineLexer::place(std::string_view part) const {
  const auto from = static_cast<std::size_t>(part.data() - text_.data());
  return range(from, from + part.size());
}

bool LineLexer::fail(std::size_t at, std::string_view code, std::string text, std::string hint) {
  broken_ = true;
  sink_.error(code, range(at, std::max(at + 1, line_end())), std::move(text)).with_hint(std::move(hint));
  return false;
}

bool LineLexer::ca_quote(std::size_t at) {
  return fail(at, "E2021", "[W21] a quote inside of a CA name", "write \\' for each quote inside of the name");
}

bool LineLexer::next_line() {
  if (next_ >= text_.size()) return false;
  line_start_ = at_ = next_;
  ++number_;
  broken_ = false;
  const std::size_t newline = text_.find('\n', next_);
  std::size_t end = std::min(newline, text_.size());
  next_ = newline == std::string_view::npos ? text_.size() : newline + 1;
  const bool crlf = end > line_start_ && text_[end - 1] == '\r';
  if (crlf) --end;
  line_ = text_.substr(line_start_, end - line_start_);
  if (!crlf && newline != std::string_view::npos && kind_ == ScriptKind::Batch &&
      !std::exchange(told_line_end_, true)) {
    sink_.warning("W2030", line_range(), "this line ends without a carriage return: cmd may miss labels")
        .with_hint("end each line with CR LF");
  }
  if (line_.size() > kLongestLine) {
    return fail(line_start_, "E2039",
                fmt::format("cmd takes {} characters a line, this has {}", kLongestLine, line_.size()), "shorten it"),
           true;
  }
  for (const char& c : line_) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte == '\t' || (byte >= 0x20 && byte < 0x7f)) continue;
    const auto at = static_cast<std::size_t>(&c - text_.data());
    if (number_ == 1 && byte == 0xef) {
      fail(at, "E2030", "the file begins with a byte order mark: cmd takes it as part of the first command",
           "save it as plain ASCII");
    } else {
      fail(at, "E2030", fmt::format("byte 0x{:02x} is read differently by each code page", byte), "use ASCII only");
    }
    break;
  }
  if (broken_) line_ = line_.substr(0, 0);
  return true;
}

bool LineLexer::skip_blanks() {
  for (;;) {
    while (at_ < line_end() && blank(text_[at_])) ++at_;
    const bool joined = kind_ == ScriptKind::Batch && at_ + 1 == line_end() && text_[at_] == '^';
    if (!joined) return at_ < line_end();
    sink_.info("N2030", range(at_, at_ + 1), "a command that goes on in the next line")
        .with_hint("meshctl writes one command a line");
    if (!next_line()) return false;
  }
}

/// At a `%` of a batch file. %% is one, %NAME% and %1, %~1 are variables; anything else cmd silently removes.
bool LineLexer::percent(std::string& unescaped, std::size_t& copied, bool& changed, bool& variable) {
  const std::string_view rest = text_.substr(at_, line_end() - at_);
  if (rest.starts_with("%%")) {
    unescaped.append(text_.substr(copied, at_ + 1 - copied));
    at_ += 2;
    copied = at_;
    changed = true;
    return true;
  }
  std::size_t length = 0;
  if (rest.size() > 1 && rest[1] >= '0' && rest[1] <= '9') length = 2;
  if (rest.size() > 1 && rest[1] == '~') {
    const std::size_t digit = rest.find_first_of("0123456789");
    if (digit != std::string_view::npos) length = digit + 1;
  }
  if (length == 0) {
    const std::size_t close = rest.find('%', 1);
    if (close == std::string_view::npos) {
      return fail(at_, "E2031", "a single '%': cmd removes it", "write %% for one percent sign");
    }
    length = close + 1;
  }
  variable = true;
  at_ += length;
  return true;
}

bool LineLexer::quoted(std::string_view& out, bool& variable) {
  const std::size_t open = at_++;
  std::string unescaped;
  std::size_t copied = at_;
  bool changed = false;
  while (at_ < line_end() && text_[at_] != '"') {
    if (text_[at_] == '%' && kind_ == ScriptKind::Batch) {
      if (!percent(unescaped, copied, changed, variable)) return false;
    } else {
      ++at_;
    }
  }
  if (at_ == line_end()) return fail(open, "E2031", "this quote is not closed", "add a '\"'");
  if (text_[at_ - 1] == '\\' && !variable) {
    if (ca_name_) return ca_quote(at_ - 1);
    return fail(at_ - 1, "E2031", "a backslash before the closing quote: programs read \\\" as a quote in the value",
                "let no value end in a backslash");
  }
  out = text_.substr(open + 1, at_ - open - 1);
  if (changed) {
    unescaped.append(text_.substr(copied, at_ - copied));
    out = script_.unescaped.emplace_back(std::move(unescaped));
  }
  ++at_;
  return true;
}

bool LineLexer::bare(std::string_view& out, bool& variable) {
  const std::size_t from = at_;
  std::string unescaped;
  std::size_t copied = at_;
  bool changed = false;
  while (at_ < line_end() && !blank(text_[at_]) && text_[at_] != '"' && text_[at_] != '=') {
    const char c = text_[at_];
    if (kind_ == ScriptKind::Batch && kOperators.find(c) != std::string_view::npos) break;
    if (kind_ == ScriptKind::Batch && c == '^') {
      return fail(at_, "E2031", "'^' outside of quotes: cmd removes it", "put the value into quotes");
    }
    if (c == '%' && kind_ == ScriptKind::Batch) {
      if (!percent(unescaped, copied, changed, variable)) return false;
    } else {
      ++at_;
    }
  }
  out = text_.substr(from, at_ - from);
  if (changed) {
    unescaped.append(text_.substr(copied, at_ - copied));
    out = script_.unescaped.emplace_back(std::move(unescaped));
  }
  return true;
}

bool LineLexer::next_word(ScriptWord& out) {
  if (broken_ || !skip_blanks()) return false;
  const char first = text_[at_];
  const bool digit_redirect = (first == '1' || first == '2') && at_ + 1 < line_end() && text_[at_ + 1] == '>';
  if (kind_ == ScriptKind::Batch && (kOperators.find(first) != std::string_view::npos || digit_redirect)) return false;
  out = {};
  ca_name_ = false;
  const std::size_t from = at_;
  if (first == '=') return fail(at_, "E2043", "a blank before '='", "write key=value without blanks");
  if (first == '"') {
    if (!quoted(out.value, out.variable)) return false;
    out.quoted = true;
    out.value_where = range(from, at_);
  } else {
    if (!bare(out.value, out.variable)) return false;
    out.value_where = range(from, at_);
    if (at_ < line_end() && text_[at_] == '=') {
      ++at_;
      out.key = std::exchange(out.value, {});
      out.assigned = true;
      const std::string key = lower(out.key);
      ca_name_ = key.starts_with("auth") && key.ends_with("ca");
      const std::size_t value_from = at_;
      if (at_ == line_end() || blank(text_[at_])) {
        return fail(from, "E2043", fmt::format("'{}=' has no value", out.key), "write key=value without blanks");
      }
      out.quoted = text_[at_] == '"';
      if (out.quoted) {
        if (!quoted(out.value, out.variable)) return false;
      } else {
        // The first '=' splits; a later one belongs to the value, as in a base64 key.
        for (;;) {
          std::string_view part;
          if (!bare(part, out.variable)) return false;
          if (at_ == line_end() || text_[at_] != '=') break;
          ++at_;
        }
        out.value = text_.substr(value_from, at_ - value_from);
      }
      out.value_where = range(value_from, at_);
    }
  }
  if (at_ < line_end() && !blank(text_[at_]) && kOperators.find(text_[at_]) == std::string_view::npos) {
    if (ca_name_) return ca_quote(at_ - 1);
    return fail(at_, "E2031", "a value is either in quotes as a whole or not at all",
                "put the quotes around all of the value");
  }
  out.where = range(from, at_);
  return true;
}

bool LineLexer::redirections(bool& unheard) {
  bool out_to_nul = false;
  bool errors_follow = false;
  while (!broken_ && skip_blanks()) {
    const std::string_view rest = text_.substr(at_, line_end() - at_);
    if (rest.starts_with("2>&1")) {
      errors_follow = true;
      at_ += 4;
      continue;
    }
    const std::size_t arrow = rest.starts_with("1>") || rest.starts_with("2>") ? 1 : 0;
    if (rest[arrow] != '>') {
      sink_.warning("W2034", range(at_, line_end()), fmt::format("'{}' after a netsh command", rest.substr(0, 2)))
          .with_hint("write one command a line, and test errorlevel in the next");
      return false;
    }
    at_ += arrow + (rest.substr(arrow).starts_with(">>") ? 2 : 1);
    const std::size_t target = at_;
    while (at_ < line_end() && !blank(text_[at_])) ++at_;
    const std::string name = lower(text_.substr(target, at_ - target));
    if (name.empty()) return fail(target, "E2040", "a redirection to nowhere", "write >nul or >\"file\"");
    if (arrow == 0 && name == "nul") out_to_nul = true;
    if (arrow == 1 && name == "nul") errors_follow = true;
  }
  unheard = out_to_nul && errors_follow;
  return !broken_;
}

}  // namespace meshctl::windows
