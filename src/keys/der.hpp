// Writes DER (X.690): nested TLVs by value. Only what the vault's envelope needs.
//
//   std::string der = der::sequence({der::integer(0), der::octets(salt)});
#pragma once
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace meshctl::der {

/// Tag, definite length in the shortest form, content.
std::string tagged(std::uint8_t tag, std::string_view content);
std::string tagged(std::uint8_t tag, std::initializer_list<std::string_view> parts);

inline std::string sequence(std::initializer_list<std::string_view> parts) { return tagged(0x30, parts); }
inline std::string set(std::string_view content) { return tagged(0x31, content); }
inline std::string octets(std::string_view content) { return tagged(0x04, content); }
/// [number] of a constructed type; EXPLICIT around a whole TLV, IMPLICIT around a TLV's content.
inline std::string context(unsigned number, std::initializer_list<std::string_view> parts) {
  return tagged(static_cast<std::uint8_t>(0xA0U | number), parts);
}
/// [number] IMPLICIT of a primitive type.
inline std::string context_primitive(unsigned number, std::string_view content) {
  return tagged(static_cast<std::uint8_t>(0x80U | number), content);
}
inline std::string null() { return tagged(0x05, ""); }
std::string integer(std::uint32_t value);

/// Object identifiers, encoded whole.
namespace oid {
inline constexpr std::string_view data{"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x01", 11};  // 1.2.840.113549.1.7.1
inline constexpr std::string_view auth_enveloped{"\x06\x0B\x2A\x86\x48\x86\xF7\x0D\x01\x09\x10\x01\x17",
                                                 13};  // 1.2.840.113549.1.9.16.1.23 (RFC 5083)
inline constexpr std::string_view aes256_gcm{"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x2E",
                                             11};  // 2.16.840.1.101.3.4.1.46 (RFC 5084)
inline constexpr std::string_view aes256_cbc{"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x2A", 11};   // …1.42
inline constexpr std::string_view aes256_wrap{"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x2D", 11};  // …1.45 (RFC 3565)
inline constexpr std::string_view pwri_kek{"\x06\x0B\x2A\x86\x48\x86\xF7\x0D\x01\x09\x10\x03\x09",
                                           13};  // 1.2.840.113549.1.9.16.3.9 (RFC 3211)
inline constexpr std::string_view pbkdf2{"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x05\x0C",
                                         11};  // 1.2.840.113549.1.5.12 (RFC 8018)
inline constexpr std::string_view hmac_sha256{"\x06\x08\x2A\x86\x48\x86\xF7\x0D\x02\x09", 10};  // 1.2.840.113549.2.9
}  // namespace oid

}  // namespace meshctl::der
