#include <charconv>

#include "net/address.hpp"

namespace meshctl {
namespace {

/// The bits of byte `index` that a prefix of `length` bits covers.
std::uint8_t mask_of(std::size_t index, unsigned length) {
  const unsigned start = static_cast<unsigned>(index) * 8;
  if (length >= start + 8) return 0xff;
  if (length <= start) return 0;
  return static_cast<std::uint8_t>(0xff << (8 - (length - start)));
}

}  // namespace

std::optional<Prefix> Prefix::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = Address::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  if (slash == std::string_view::npos) return host(*address);
  const auto length = parse_length(text.substr(slash + 1), address->bits());
  if (!length) return std::nullopt;
  for (std::size_t i = 0; i < address->bits() / 8; ++i) {
    if ((address->bytes()[i] & ~mask_of(i, *length)) != 0) return std::nullopt;
  }
  return Prefix{*address, static_cast<std::uint8_t>(*length)};
}

std::optional<unsigned> Prefix::parse_length(std::string_view text, unsigned most) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > most) return std::nullopt;
  if (text.size() > 1 && text[0] == '0') return std::nullopt;
  return value;
}

Prefix Prefix::around(const Address& address, unsigned length) {
  std::array<std::uint8_t, 16> bytes = address.bytes();
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] &= mask_of(i, length);
  const bool v4 = address.family() == Family::V4;
  const std::uint32_t quad = std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
                             std::uint32_t{bytes[2]} << 8 | std::uint32_t{bytes[3]};
  return {v4 ? Address::v4(quad) : Address::v6(bytes), static_cast<std::uint8_t>(length)};
}

Prefix Prefix::all(Family family) { return {family == Family::V4 ? Address::v4(0) : Address::v6({}), 0}; }

bool Prefix::contains(const Address& other) const {
  if (other.family() != family()) return false;
  for (std::size_t i = 0; i < address.bits() / 8; ++i) {
    if (((address.bytes()[i] ^ other.bytes()[i]) & mask_of(i, length)) != 0) return false;
  }
  return true;
}

void Prefix::append_to(std::string& out) const {
  address.append_to(out);
  if (is_host()) return;
  char digits[4];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), static_cast<unsigned>(length)).ptr;
  out += '/';
  out.append(std::begin(digits), end);
}

std::string Prefix::text() const {
  std::string out;
  append_to(out);
  return out;
}

}  // namespace meshctl
