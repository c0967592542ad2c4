#include "tmpl/slots.hpp"

#include <array>

namespace meshctl::tmpl {
namespace {

constexpr std::uint8_t bit(SlotType type) { return static_cast<std::uint8_t>(1u << static_cast<unsigned>(type)); }

constexpr std::array<std::uint8_t, 256> make_table() {
  std::array<std::uint8_t, 256> table{};
  const auto allow = [&table](SlotType type, std::string_view bytes) {
    for (const char c : bytes) {
      std::uint8_t& cell = table[static_cast<unsigned char>(c)];
      cell = static_cast<std::uint8_t>(cell | bit(type));
    }
  };
  constexpr std::string_view digits = "0123456789";
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  allow(SlotType::Number, digits);
  allow(SlotType::Address, digits);
  allow(SlotType::Address, "abcdef.:/");
  for (const SlotType type : {SlotType::Word, SlotType::Token, SlotType::Secret}) {
    allow(type, digits);
    allow(type, letters);
  }
  allow(SlotType::Word, "._-");
  allow(SlotType::Token, "._:,/[]+- ");
  allow(SlotType::Secret, "_=+/-");
  for (unsigned byte = 0x20; byte < 0x7f; ++byte) {
    if (byte == '"' || byte == '\\') continue;
    table[byte] = static_cast<std::uint8_t>(table[byte] | bit(SlotType::Quoted));
  }
  for (unsigned byte = 0; byte < 256; ++byte) {
    if ((byte < 0x20 && byte != '\t' && byte != '\n') || byte == 0x7f) continue;
    table[byte] = static_cast<std::uint8_t>(table[byte] | bit(SlotType::Lines));
  }
  return table;
}

constexpr std::array<std::uint8_t, 256> kAllowed = make_table();

}  // namespace

bool fits(SlotType type, std::string_view value) {
  std::uint8_t all = bit(type);
  for (const char c : value) all = static_cast<std::uint8_t>(all & kAllowed[static_cast<unsigned char>(c)]);
  return all != 0;
}

}  // namespace meshctl::tmpl
