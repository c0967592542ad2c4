#include "bundle/json_text.hpp"

#include <fmt/format.h>

#include <iterator>

namespace meshctl {

void append_json(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      out += c;
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
