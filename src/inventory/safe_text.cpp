#include "inventory/safe_text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.hpp"
#include "net/address.hpp"
#include "net/name.hpp"

namespace meshctl::inventory {
namespace {

constexpr std::string_view kAlnum = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Where the first character stands that is neither alphanumeric nor in `more`.
std::optional<std::size_t> unexpected(std::string_view text, std::string_view more) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (kAlnum.find(text[at]) == std::string_view::npos && more.find(text[at]) == std::string_view::npos) return at;
  }
  return std::nullopt;
}

/// "192.0.2.11/24" is what `ip address` shows of a host; "10.1.0.0/16" is a network.
std::string why_bad_slash(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = Address::parse(text.substr(0, slash));
  const auto length = address ? Prefix::parse_length(text.substr(slash + 1), address->bits()) : std::nullopt;
  if (!length) return "an address has no prefix length";
  const Prefix network = Prefix::around(*address, *length);
  if (network.address == *address && !network.is_host())
    return fmt::format("{} is a network, not a host's address", network.text());
  return fmt::format("{}/{} is an interface address: write {}", address->text(), *length, address->text());
}

bool digits_and_dots(std::string_view text) { return text.find_first_not_of("0123456789.") == std::string_view::npos; }

bool is_port(std::string_view text) {
  unsigned port = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  return error == std::errc() && stop == end && port >= 1 && port <= 65535 && text.front() != '0';
}

constexpr std::array<std::string_view, 7> kKeyTypes{"ssh-ed25519",
                                                    "ssh-rsa",
                                                    "ecdsa-sha2-nistp256",
                                                    "ecdsa-sha2-nistp384",
                                                    "ecdsa-sha2-nistp521",
                                                    "sk-ssh-ed25519@openssh.com",
                                                    "sk-ecdsa-sha2-nistp256@openssh.com"};

}  // namespace

std::optional<std::string> why_bad_user(std::string_view text) {
  if (text.empty() || text.size() > 32) return "a user name has 1 to 32 characters";
  if (const auto at = unexpected(text, "_.-"))
    return fmt::format("a user name has only letters, digits, '_', '.' and '-', not {}", describe_character(text, *at));
  if (text.front() == '-' || text.front() == '.')
    return fmt::format("a user name does not start with {}", describe_character(text, 0));
  return std::nullopt;
}

std::optional<std::string> why_bad_path(std::string_view text) {
  if (text.empty() || text.size() > 1024) return "a path has 1 to 1024 characters";
  // `~/` is the home folder; elsewhere a tilde would be one more thing that some reader expands.
  const std::string_view rest = text.starts_with("~/") ? text.substr(2) : text;
  if (const auto at = unexpected(rest, "_./@+,:=-")) {
    return fmt::format("a path here has only letters, digits and any of _ . / @ + , : = -, not {}",
                       describe_character(rest, *at));
  }
  if (rest.empty() || rest.ends_with('/')) return "a path here names a file, not a folder";
  if (rest.starts_with('-')) return "a path does not start with '-' (write ./-…)";
  return std::nullopt;
}

std::optional<std::string> why_bad_suite(std::string_view text) {
  if (text.empty() || text.size() > 64) return "it has 1 to 64 characters";
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    if (!good) return fmt::format("it has only small letters, digits and '-', not {}", describe_character(text, at));
  }
  if (text.front() == '-' || text.back() == '-') return "it neither starts nor ends with '-'";
  return std::nullopt;
}

std::optional<std::string> why_bad_host_key(std::string_view text) {
  constexpr std::size_t kSha256Base64 = 43;
  constexpr std::string_view kBase64 = "+/";
  if (text.starts_with("SHA256:")) {
    const std::string_view digest = text.substr(7);
    if (digest.size() != kSha256Base64 || unexpected(digest, kBase64))
      return "after SHA256: come 43 characters of base64";
    return std::nullopt;
  }
  const std::size_t blank = text.find(' ');
  const std::string_view type = text.substr(0, blank);
  if (std::find(kKeyTypes.begin(), kKeyTypes.end(), type) == kKeyTypes.end())
    return "it does not start with a known key type";
  std::string_view key = blank == std::string_view::npos ? std::string_view() : text.substr(blank + 1);
  for (int i = 0; i < 2 && key.ends_with('='); ++i) key.remove_suffix(1);
  constexpr std::size_t kShortest = 40;
  constexpr std::size_t kLongest = 2800;  // RSA of 16,384 bits
  if (key.size() < kShortest || key.size() > kLongest || unexpected(key, kBase64))
    return "after the type comes one word of base64 and nothing else";
  return std::nullopt;
}

std::optional<std::string> why_bad_address(std::string_view text) {
  if (Address::parse(text)) return std::nullopt;
  if (text.empty()) return "an address must not be empty";
  if (text.find('/') != std::string_view::npos) return why_bad_slash(text);
  if (text.find('%') != std::string_view::npos) return "an address has no zone";
  if (text.starts_with('[')) return "write an address without brackets";
  if (text.find(':') != std::string_view::npos) {
    return text.find('.') != std::string_view::npos ? "it is not an IPv6 address (write an IPv4-mapped one as IPv4)"
                                                    : "it is not an IPv6 address";
  }
  if (digits_and_dots(text)) return "it is not an IPv4 address: " + why_bad_ipv4(text);
  if (is_dns_name(text)) return std::nullopt;
  return "it is neither an IP address nor a DNS name";
}

std::optional<std::string> why_bad_peer_address(std::string_view text) {
  const auto address = Address::parse(text);
  if (!address || address->usable_as_peer()) return std::nullopt;
  return "no peer can have a loopback, multicast, broadcast or unspecified address";
}

std::optional<std::string> why_bad_jump(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos) return why_bad_name(text);
  if (auto why = why_bad_user(text.substr(0, at))) return why;
  std::string_view rest = text.substr(at + 1);
  if (rest.starts_with('[')) {
    const std::size_t close = rest.find(']');
    if (close == std::string_view::npos) return "']' is missing";
    const auto address = Address::parse(rest.substr(1, close - 1));
    if (!address || address->family() != Family::V6) return "only an IPv6 address is written in brackets";
    rest.remove_prefix(close + 1);
    if (rest.empty() || (rest.starts_with(':') && is_port(rest.substr(1)))) return std::nullopt;
    return "after ']' comes ':' and a port 1 to 65535, or nothing";
  }
  const std::size_t colon = rest.find(':');
  if (colon == std::string_view::npos) return why_bad_address(rest);
  if (rest.find(':', colon + 1) != std::string_view::npos) return "write an IPv6 address behind a user in brackets";
  if (!is_port(rest.substr(colon + 1))) return "after ':' comes a port 1 to 65535";
  return why_bad_address(rest.substr(0, colon));
}

}  // namespace meshctl::inventory
