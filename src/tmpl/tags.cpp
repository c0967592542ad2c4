#include "tmpl/tags.hpp"

#include <utility>

namespace meshctl::tmpl {
namespace {

constexpr std::string_view kBlanks = " \t";

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

bool is_name(std::string_view text) {
  return !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

std::pair<Piece::Kind, std::string_view> classify(std::string_view inside) {
  using Kind = Piece::Kind;
  const std::string_view body = trim(inside);
  if (body == "/each") return {Kind::EndEach, body};
  if (body == "/if") return {Kind::EndIf, body};
  if (body == "else") return {Kind::Else, body};
  for (const auto& [word, kind] : {std::pair{std::string_view("#each "), Kind::Each}, {"#if ", Kind::If}}) {
    if (!body.starts_with(word)) continue;
    const std::string_view name = trim(body.substr(word.size()));
    return is_name(name) ? std::pair{kind, name} : std::pair{Kind::Malformed, body};
  }
  return is_name(body) ? std::pair{Kind::Slot, body} : std::pair{Kind::Malformed, body};
}

}  // namespace

void TagReader::move_to(std::size_t offset) {
  for (; seen_ < offset; ++seen_) {
    if (text_[seen_] != '\n') continue;
    ++line_;
    line_start_ = seen_ + 1;
  }
}

Range TagReader::range(std::size_t from, std::size_t to) {
  move_to(from);
  const auto col = static_cast<std::uint32_t>(from - line_start_ + 1);
  return {file_, line_, col, line_, col + static_cast<std::uint32_t>(to - from)};
}

bool TagReader::only_blanks_before(std::size_t offset) const {
  while (offset > 0 && (text_[offset - 1] == ' ' || text_[offset - 1] == '\t')) --offset;
  return offset == 0 || text_[offset - 1] == '\n';
}

Piece TagReader::next() {
  if (at_ >= text_.size()) return {Piece::Kind::End, {}, range(text_.size(), text_.size())};
  const std::size_t open = pending_tag_ ? at_ : text_.find("{{", at_);
  if (open == std::string_view::npos) {
    const std::size_t from = std::exchange(at_, text_.size());
    return {Piece::Kind::Literal, text_.substr(from), range(from, from)};
  }
  const std::size_t close = text_.find("}}", open + 2);
  const std::size_t newline = text_.find('\n', open);
  const bool unclosed = close == std::string_view::npos || newline < close;
  const auto [kind, name] = unclosed ? std::pair{Piece::Kind::Unclosed, std::string_view()}
                                     : classify(text_.substr(open + 2, close - open - 2));
  std::size_t end = unclosed ? text_.size() : close + 2;
  std::size_t literal_end = open;
  if (!unclosed && kind != Piece::Kind::Slot && kind != Piece::Kind::Malformed && only_blanks_before(open)) {
    const std::size_t rest = text_.find_first_not_of(kBlanks, end);
    if (rest == std::string_view::npos || text_[rest] == '\n') {
      end = rest == std::string_view::npos ? text_.size() : rest + 1;
      while (literal_end > at_ && text_[literal_end - 1] != '\n') --literal_end;
    }
  }
  if (!pending_tag_ && literal_end > at_) {
    const std::size_t from = std::exchange(at_, open);
    pending_tag_ = true;
    return {Piece::Kind::Literal, text_.substr(from, literal_end - from), range(from, from)};
  }
  pending_tag_ = false;
  at_ = end;
  return {kind, name, range(open, unclosed ? open + 2 : close + 2)};
}

}  // namespace meshctl::tmpl
