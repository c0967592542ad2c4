// Texts of identities and certificates.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <vector>

#include "inventory/safe_text.hpp"
#include "net/address.hpp"
#include "net/name.hpp"

namespace meshctl::inventory {
namespace {

constexpr std::string_view kNameCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

bool only(std::string_view text, std::string_view more) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return kNameCharacters.find(c) != std::string_view::npos || more.find(c) != std::string_view::npos;
  });
}

/// The attributes that OpenSSL, racoon and strongSwan all know by these names.
constexpr std::array<std::string_view, 10> kAttributes{"C",   "ST",           "L",           "O", "OU", "CN", "DC",
                                                       "UID", "emailAddress", "serialNumber"};

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

std::vector<std::string_view> parts_of(std::string_view name) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto comma = name.find(',');
    parts.push_back(trimmed(name.substr(0, comma)));
    if (comma == std::string_view::npos) return parts;
    name.remove_prefix(comma + 1);
  }
}

}  // namespace

std::optional<std::string> why_bad_mail(std::string_view text) {
  const auto at = text.find('@');
  if (at == std::string_view::npos || at == 0 || at > 64 || !only(text.substr(0, at), "_.+-"))
    return "it is not of the form name@example.com";
  if (!is_dns_name(text.substr(at + 1))) return "after '@' comes no DNS name";
  return std::nullopt;
}

std::optional<std::string> why_bad_keyid(std::string_view text) {
  if (text.empty() || text.size() > 255) return "it has 1 to 255 characters";
  if (!only(text, "_.:/@+=-")) return "only letters, digits and any of _ . : / @ + = -";
  return std::nullopt;
}

std::optional<std::string> why_bad_dn(std::string_view text) {
  if (text.empty() || text.size() > 512) return "it has 1 to 512 characters";
  for (const std::string_view part : parts_of(text)) {
    const auto equals = part.find('=');
    if (equals == std::string_view::npos) return "each part between commas is of the form KEY=value";
    const auto key = part.substr(0, equals);
    if (std::find(kAttributes.begin(), kAttributes.end(), key) == kAttributes.end())
      return "its keys are C, ST, L, O, OU, CN, DC, UID, emailAddress and serialNumber, in these spellings";
    const auto value = part.substr(equals + 1);
    if (value.empty() || value.size() > 64 || value != trimmed(value)) return "a value has 1 to 64 characters";
    if (!only(value, " _.@:'()+-")) return "a value has only letters, digits, blanks and any of _ . @ : ' ( ) + -";
    if (key == "C" && value.size() != 2) return "C is a country of two letters";
  }
  return std::nullopt;
}

std::string normal_dn(std::string_view text) {
  std::string out;
  for (const std::string_view part : parts_of(text)) {
    if (!out.empty()) out += ", ";
    out += part;
  }
  return out;
}

std::optional<std::string> why_bad_san(std::string_view text) {
  if (Address::parse(text) || is_dns_name(text) || !why_bad_mail(text)) return std::nullopt;
  return "it is not an address, DNS name or mail address";
}

std::optional<std::string> why_bad_interface(std::string_view text) {
  if (text.empty() || text.size() > 15) return "a network interface has 1 to 15 characters";
  if (!only(text, "_.-") || text.front() == '-' || text.front() == '.')
    return "a network interface has only letters, digits, '_', '.' and '-'";
  return std::nullopt;
}

std::optional<std::string> why_bad_version(std::string_view text) {
  int dots = 0;
  bool digit = false;
  for (const char c : text) {
    if (c == '.' && digit) {
      ++dots;
      digit = false;
    } else if (c >= '0' && c <= '9') {
      digit = true;
    } else {
      return "it is not of the form 0.8.2";
    }
  }
  if (!digit || dots > 3 || text.size() > 16) return "it is not of the form 0.8.2";
  return std::nullopt;
}

std::optional<std::string> why_bad_raw(std::string_view text) {
  if (text.empty() || text.size() > 65536) return "it has 1 to 65536 characters";
  const bool good =
      std::all_of(text.begin(), text.end(), [](char c) { return (c >= ' ' && c <= '~') || c == '\n' || c == '\t'; });
  if (!good) return "it has characters that are not printable ASCII";
  return std::nullopt;
}

}  // namespace meshctl::inventory
