#include "yaml/marks.hpp"

#include <algorithm>

namespace meshctl::yaml {

Marks::Marks(FileId file, std::string_view text) : file_(file), text_(text), starts_{0} {
  for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    starts_.push_back(at + 1);
  }
}

std::size_t Marks::line_of(std::size_t offset) const {
  const auto after = std::upper_bound(starts_.begin(), starts_.end(), offset);
  return static_cast<std::size_t>(after - starts_.begin()) - 1;
}

std::size_t Marks::offset_of(std::uint32_t line, std::uint32_t col) const {
  return line == 0 || line > starts_.size() ? text_.size() : std::min(starts_[line - 1] + col - 1, text_.size());
}

Range Marks::between(std::size_t begin, std::size_t end) const {
  begin = std::min(begin, text_.size());
  end = std::max(end, begin);
  const std::size_t first = line_of(begin);
  const std::size_t last = line_of(std::min(end, text_.size()));
  return {file_, static_cast<std::uint32_t>(first + 1), static_cast<std::uint32_t>(begin - starts_[first] + 1),
          static_cast<std::uint32_t>(last + 1), static_cast<std::uint32_t>(end - starts_[last] + 1)};
}

std::size_t Marks::line_end(std::size_t offset) const {
  std::size_t end = std::min(text_.find('\n', offset), text_.size());
  if (end > offset && text_[end - 1] == '\r') --end;
  return end;
}

std::string_view Marks::line_at(std::size_t at) const {
  const std::size_t begin = starts_[line_of(std::min(at, text_.size()))];
  return text_.substr(begin, line_end(begin) - begin);
}

std::optional<Range> Marks::content_before(std::size_t at) const {
  for (std::size_t line = line_of(std::min(at, text_.size())); line-- > 0;) {
    const std::size_t end = line_end(starts_[line]);
    const std::size_t begin = text_.find_first_not_of(" \t", starts_[line]);
    if (begin < end && text_[begin] != '#') return between(begin, end);
  }
  return std::nullopt;
}

std::string_view Marks::text(const Range& where) const {
  const std::size_t begin = offset_of(where.line, where.col);
  return text_.substr(begin, offset_of(where.end_line, where.end_col) - begin);
}

Range Marks::word(std::size_t offset) const {
  if (offset >= text_.size()) return at(offset);
  return between(offset, std::min(text_.find_first_of(" \t\r\n,]}", offset + 1), text_.size()));
}

std::size_t Marks::quote_end(std::size_t offset) const {
  const char quote = byte(offset);
  for (std::size_t i = offset + 1; i < text_.size(); ++i) {
    if (quote == '"' && text_[i] == '\\') {
      ++i;
    } else if (text_[i] == quote) {
      if (quote == '"' || byte(i + 1) != quote) return i + 1;
      ++i;  // '' is one quote inside
    }
  }
  return std::string_view::npos;
}

Range Marks::scalar(std::size_t offset, std::string_view value) const {
  if (quoted(offset)) return between(offset, std::min(quote_end(offset), text_.size()));
  const std::string_view here = text_.substr(std::min(offset, text_.size()), value.size());
  return between(offset, here == value ? offset + value.size() : line_end(offset));
}

Range Marks::null_at(std::size_t offset) const {
  for (const std::string_view word : {"~", "null", "Null", "NULL"}) {
    const std::string_view rest = text_.substr(std::min(offset, text_.size()));
    const bool ends =
        rest.size() <= word.size() || std::string_view(" \t\r\n,]}:").find(rest[word.size()]) != std::string_view::npos;
    if (rest.starts_with(word) && ends) return between(offset, offset + word.size());
  }
  return {};
}

Range Marks::collection(std::size_t offset, Range start, Range last_child) const {
  const bool flow = byte(offset) == '[' || byte(offset) == '{';
  if (!flow) return {file_, start.line, start.col, last_child.end_line, last_child.end_col};
  const char closing = byte(offset) == '[' ? ']' : '}';
  std::size_t at = std::max(offset + 1, offset_of(last_child.end_line, last_child.end_col));
  while (at < text_.size() && text_[at] != closing) {
    at = text_[at] == '#' ? line_end(at) : at;
    ++at;
  }
  return between(offset, std::min(at + 1, text_.size()));
}

}  // namespace meshctl::yaml
