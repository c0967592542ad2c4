#include "keys/der.hpp"

namespace meshctl::der {

std::string tagged(std::uint8_t tag, std::initializer_list<std::string_view> parts) {
  std::size_t size = 0;
  for (const std::string_view part : parts) size += part.size();
  std::string out;
  out.reserve(size + 6);
  out += static_cast<char>(tag);
  if (size < 0x80) {
    out += static_cast<char>(size);
  } else {
    unsigned count = 1;
    while ((size >> (8 * count)) != 0) ++count;
    out += static_cast<char>(0x80U | count);
    for (unsigned i = count; i-- > 0;) out += static_cast<char>((size >> (8 * i)) & 0xFFU);
  }
  for (const std::string_view part : parts) out += part;
  return out;
}

std::string tagged(std::uint8_t tag, std::string_view content) { return tagged(tag, {content}); }

std::string integer(std::uint32_t value) {
  std::string content;
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    const auto byte = static_cast<char>((value >> shift) & 0xFFU);
    const bool leading = content.empty() && byte == 0 && shift != 0;
    if (leading) continue;
    // A first bit of one would make the number negative.
    if (content.empty() && (static_cast<unsigned char>(byte) & 0x80U) != 0) content += '\0';
    content += byte;
  }
  return tagged(0x02, content);
}

}  // namespace meshctl::der
