#include "backend/racoon/masked.hpp"

#include <array>

namespace meshctl::racoon {

Prefix masked(const Address& address, unsigned length) {
  std::array<std::uint8_t, 16> bytes = address.bytes();
  for (unsigned i = 0; i < address.bits() / 8; ++i) {
    const unsigned kept = length <= i * 8 ? 0 : length - i * 8;
    if (kept < 8) bytes[i] = static_cast<std::uint8_t>(bytes[i] & (0xff00U >> kept));
  }
  if (address.family() == Family::V6) return {Address::v6(bytes), static_cast<std::uint8_t>(length)};
  const std::uint32_t host_order = static_cast<std::uint32_t>(bytes[0]) << 24 |
                                   static_cast<std::uint32_t>(bytes[1]) << 16 |
                                   static_cast<std::uint32_t>(bytes[2]) << 8 | bytes[3];
  return {Address::v4(host_order), static_cast<std::uint8_t>(length)};
}

}  // namespace meshctl::racoon
