#include "bundle/json_text.hpp"

#include <fmt/format.h>

#include <iterator>

#include "base/printable.hpp"

namespace meshctl {

void append_json(std::string_view text, std::string& out) {
  out += '"';
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
    } else if (static_cast<unsigned char>(c) < 0x80) {
      out += c;
    } else if (const std::size_t size = character_at(text, at).size; size > 0) {
      out += text.substr(at, size);
      at += size - 1;
    } else {
      out += "\\ufffd";
    }
  }
  out += '"';
}

void append_member(std::string_view name, std::string_view value, std::string& out) {
  append_json(name, out);
  out += ": ";
  append_json(value, out);
}

}  // namespace meshctl
