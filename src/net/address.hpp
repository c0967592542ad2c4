// IPv4 and IPv6 addresses as values in one canonical form (RFC 5952 text for IPv6).
#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace meshctl {

enum class Family : std::uint8_t { V4 = 4, V6 = 6 };

class Address {
 public:
  Address() = default;
  /// Accepts dotted quad or RFC 4291 text; no zone, no prefix, no host name, no IPv4-mapped IPv6
  /// (two spellings of one peer would give two policies). nullopt for all else.
  static std::optional<Address> parse(std::string_view text);
  static Address v4(std::uint32_t host_order);
  static Address v6(const std::array<std::uint8_t, 16>& bytes);

  [[nodiscard]] Family family() const { return family_; }
  /// 4 bytes are used for IPv4, 16 for IPv6; network order.
  [[nodiscard]] const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }
  [[nodiscard]] unsigned bits() const { return family_ == Family::V4 ? 32 : 128; }
  [[nodiscard]] std::string text() const;
  /// Appends text() without a temporary: the emitters' inner loop.
  void append_to(std::string& out) const;
  /// Unspecified, loopback, multicast, broadcast: no unicast IPsec peer can have it.
  [[nodiscard]] bool usable_as_peer() const;
  [[nodiscard]] bool link_local() const;
  /// 0.0.0.0 or ::
  [[nodiscard]] bool unspecified() const { return bytes_ == std::array<std::uint8_t, 16>{}; }

  friend auto operator<=>(const Address&, const Address&) = default;

 private:
  Family family_ = Family::V4;
  std::array<std::uint8_t, 16> bytes_{};
};

/// What is wrong with text of digits and dots that is not an IPv4 address: "311 is larger than 255".
std::string why_bad_ipv4(std::string_view text);

/// An address with a prefix length; host bits are always zero.
struct Prefix {
  Address address;
  std::uint8_t length = 0;

  /// "10.0.0.0/8", or a bare address as /32 or /128. nullopt when host bits are set or the length is too long.
  static std::optional<Prefix> parse(std::string_view text);
  /// The network of that length that the address is in.
  static Prefix around(const Address& address, unsigned length);
  /// The number behind the slash, without leading zeros; nullopt when it is larger than `most` or not a number.
  static std::optional<unsigned> parse_length(std::string_view text, unsigned most);
  static Prefix host(const Address& address) { return {address, static_cast<std::uint8_t>(address.bits())}; }
  /// 0.0.0.0/0 or ::/0
  static Prefix all(Family family);
  [[nodiscard]] Family family() const { return address.family(); }
  [[nodiscard]] bool is_host() const { return length == address.bits(); }
  [[nodiscard]] bool contains(const Address& other) const;
  /// True when all of `other` lies within.
  [[nodiscard]] bool covers(const Prefix& other) const { return length <= other.length && contains(other.address); }
  [[nodiscard]] bool overlaps(const Prefix& other) const { return covers(other) || other.covers(*this); }
  /// "10.0.0.0/8"; a host prefix prints without its length.
  [[nodiscard]] std::string text() const;
  void append_to(std::string& out) const;
  friend auto operator<=>(const Prefix&, const Prefix&) = default;
};

}  // namespace meshctl
