#include "net/address.hpp"

#include <algorithm>
#include <charconv>

namespace meshctl {
namespace {

constexpr std::size_t kGroups = 8;
constexpr std::size_t kMaxText = 39;  // eight groups of four digits and seven colons

/// One decimal octet without leading zeros: "010" is 8 to some tools and 10 to others. Consumes it from `text`.
std::optional<std::uint8_t> take_octet(std::string_view& text) {
  unsigned value = 0;
  std::size_t digits = 0;
  while (digits < text.size() && digits < 4 && text[digits] >= '0' && text[digits] <= '9') {
    value = value * 10 + static_cast<unsigned>(text[digits++] - '0');
  }
  if (digits == 0 || digits > 3 || value > 255 || (digits > 1 && text[0] == '0')) return std::nullopt;
  text.remove_prefix(digits);
  return static_cast<std::uint8_t>(value);
}

std::optional<std::uint32_t> parse_quad(std::string_view text) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    if (i > 0) {
      if (text.empty() || text.front() != '.') return std::nullopt;
      text.remove_prefix(1);
    }
    const auto octet = take_octet(text);
    if (!octet) return std::nullopt;
    value = value << 8 | *octet;
  }
  if (!text.empty()) return std::nullopt;
  return value;
}

std::optional<std::uint16_t> parse_group(std::string_view text) {
  if (text.empty() || text.size() > 4) return std::nullopt;
  std::uint16_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

struct Groups {
  std::array<std::uint16_t, kGroups> values{};
  std::size_t count = 0;
};

/// "a:b:c", possibly empty; a dotted quad counts as two groups and may stand last where `quad_allowed`.
bool take_groups(std::string_view text, bool quad_allowed, Groups& out) {
  while (!text.empty()) {
    const auto colon = text.find(':');
    const auto part = text.substr(0, colon);
    if (colon == std::string_view::npos && quad_allowed && part.find('.') != std::string_view::npos) {
      const auto quad = parse_quad(part);
      if (!quad || out.count + 2 > kGroups) return false;
      out.values[out.count++] = static_cast<std::uint16_t>(*quad >> 16);
      out.values[out.count++] = static_cast<std::uint16_t>(*quad & 0xffff);
      return true;
    }
    const auto group = parse_group(part);
    if (!group || out.count == kGroups) return false;
    out.values[out.count++] = *group;
    if (colon == std::string_view::npos) return true;
    text.remove_prefix(colon + 1);
    if (text.empty()) return false;  // a single colon at the end
  }
  return true;
}

std::optional<Address> parse_v6(std::string_view text) {
  const auto gap = text.find("::");
  Groups head;
  Groups tail;
  if (gap == std::string_view::npos) {
    if (!take_groups(text, true, head) || head.count != kGroups) return std::nullopt;
  } else {
    if (!take_groups(text.substr(0, gap), false, head)) return std::nullopt;
    if (!take_groups(text.substr(gap + 2), true, tail)) return std::nullopt;
    // "::" stands for one group at least, else the same address would have a second way to be cut.
    if (head.count + tail.count >= kGroups) return std::nullopt;
  }
  std::array<std::uint16_t, kGroups> groups{};
  std::copy_n(head.values.begin(), head.count, groups.begin());
  std::copy_n(tail.values.begin(), tail.count, groups.end() - static_cast<std::ptrdiff_t>(tail.count));

  const bool mapped =
      std::all_of(groups.begin(), groups.begin() + 5, [](auto g) { return g == 0; }) && groups[5] == 0xffff;
  if (mapped) return std::nullopt;

  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t i = 0; i < kGroups; ++i) {
    bytes[2 * i] = static_cast<std::uint8_t>(groups[i] >> 8);
    bytes[2 * i + 1] = static_cast<std::uint8_t>(groups[i] & 0xff);
  }
  return Address::v6(bytes);
}

char* write_octet(char* at, unsigned value) {
  if (value >= 100) *at++ = static_cast<char>('0' + value / 100);
  if (value >= 10) *at++ = static_cast<char>('0' + value / 10 % 10);
  *at++ = static_cast<char>('0' + value % 10);
  return at;
}

char* write_group(char* at, unsigned value) {
  constexpr char digits[] = "0123456789abcdef";
  if (value >= 0x1000) *at++ = digits[value >> 12];
  if (value >= 0x100) *at++ = digits[value >> 8 & 15];
  if (value >= 0x10) *at++ = digits[value >> 4 & 15];
  *at++ = digits[value & 15];
  return at;
}

/// The run that RFC 5952 4.2 writes as "::": the longest of two or more zero groups, the first of equals.
struct ZeroRun {
  std::size_t begin = kGroups;
  std::size_t length = 0;
};
ZeroRun longest_zero_run(const std::array<unsigned, kGroups>& groups) {
  ZeroRun best;
  for (std::size_t i = 0; i < kGroups;) {
    std::size_t end = i;
    while (end < kGroups && groups[end] == 0) ++end;
    if (end - i >= 2 && end - i > best.length) best = {i, end - i};
    i = end + 1;
  }
  return best;
}

char* write_v6(char* at, const std::array<std::uint8_t, 16>& bytes) {
  std::array<unsigned, kGroups> groups{};
  for (std::size_t i = 0; i < kGroups; ++i) groups[i] = static_cast<unsigned>(bytes[2 * i] << 8 | bytes[2 * i + 1]);
  const ZeroRun run = longest_zero_run(groups);
  for (std::size_t i = 0; i < kGroups;) {
    if (i == run.begin) {
      *at++ = ':';
      *at++ = ':';
      i += run.length;
      continue;
    }
    at = write_group(at, groups[i]);
    ++i;
    if (i < kGroups && i != run.begin) *at++ = ':';
  }
  return at;
}

}  // namespace

std::optional<Address> Address::parse(std::string_view text) {
  if (text.find(':') != std::string_view::npos) return parse_v6(text);
  const auto quad = parse_quad(text);
  if (!quad) return std::nullopt;
  return v4(*quad);
}

Address Address::v4(std::uint32_t host_order) {
  Address address;
  for (std::size_t i = 0; i < 4; ++i) address.bytes_[i] = static_cast<std::uint8_t>(host_order >> (24 - 8 * i));
  return address;
}

Address Address::v6(const std::array<std::uint8_t, 16>& bytes) {
  Address address;
  address.family_ = Family::V6;
  address.bytes_ = bytes;
  return address;
}

void Address::append_to(std::string& out) const {
  std::array<char, kMaxText + 1> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): written before it is read
  char* at = buffer.data();
  if (family_ == Family::V6) {
    at = write_v6(at, bytes_);
  } else {
    for (std::size_t i = 0; i < 4; ++i) {
      if (i > 0) *at++ = '.';
      at = write_octet(at, bytes_[i]);
    }
  }
  out.append(buffer.data(), static_cast<std::size_t>(at - buffer.data()));
}

std::string Address::text() const {
  std::string out;
  append_to(out);
  return out;
}

bool Address::usable_as_peer() const {
  if (family_ == Family::V4) {
    const bool broadcast = std::all_of(bytes_.begin(), bytes_.begin() + 4, [](auto b) { return b == 255; });
    return bytes_[0] != 0 && bytes_[0] != 127 && (bytes_[0] & 0xf0) != 0xe0 && !broadcast;
  }
  // ::/96 holds the unspecified address, loopback and the IPv4-compatible ones, which RFC 4291 2.5.5.1 has retired
  // (the kernel's tools print them in dotted form, so what is read back would not equal what was wanted).
  const bool low = std::all_of(bytes_.begin(), bytes_.begin() + 12, [](auto b) { return b == 0; });
  return !low && bytes_[0] != 0xff;
}

bool Address::link_local() const {
  if (family_ == Family::V4) return bytes_[0] == 169 && bytes_[1] == 254;
  return bytes_[0] == 0xfe && (bytes_[1] & 0xc0) == 0x80;
}

/// Numbers in the text are quoted up to this length: more would only be noise.
constexpr std::size_t kMaxQuoted = 12;

std::string why_bad_ipv4(std::string_view text) {
  std::size_t numbers = 0;
  for (std::string_view rest = text;; ++numbers) {
    const auto dot = rest.find('.');
    const std::string_view part = rest.substr(0, dot);
    const std::string quoted(part.substr(0, kMaxQuoted));
    if (part.empty()) return "there is no number between two of its dots, or at an end";
    if (part.size() > 1 && part.front() == '0') return "write " + quoted + " without leading zeros";
    if (part.size() > 3 || (part.size() == 3 && part > "255")) return quoted + " is larger than 255";
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  return "it has " + std::to_string(numbers + 1) + " of four numbers";
}

}  // namespace meshctl
