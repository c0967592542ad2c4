#include "backend/racoon/racoon_tool_values.hpp"

#include <algorithm>
#include <utility>

#include "backend/racoon/conf_words.hpp"
#include "backend/racoon/cursor.hpp"
#include "backend/racoon/masked.hpp"
#include "backend/racoon/setkey_policy.hpp"
#include "net/registered_names.hpp"

namespace meshctl::racoon::tool {
namespace {

bool only_of(std::string_view text, std::string_view more) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_letter(c) || is_digit(c) || more.find(c) != std::string_view::npos;
  });
}

std::string_view unquoted(std::string_view text) {
  if (text.starts_with('"')) text.remove_prefix(1);
  if (text.ends_with('"')) text.remove_suffix(1);
  return text;
}

/// `words` without its first part, which was `first`.
std::string_view behind(std::string_view text, std::string_view first) {
  text.remove_prefix(first.size());
  const std::size_t start = text.find_first_not_of(" \t");
  return start == std::string_view::npos ? std::string_view() : text.substr(start);
}

}  // namespace

std::vector<std::string_view> parts_of(std::string_view text) {
  std::vector<std::string_view> out;
  for (std::size_t at = text.find_first_not_of(" \t"); at != std::string_view::npos;
       at = text.find_first_not_of(" \t", at)) {
    const std::size_t end = std::min(text.find_first_of(" \t", at), text.size());
    out.push_back(text.substr(at, end - at));
    at = end;
  }
  return out;
}

bool read_word(std::string_view text, std::string_view words, std::string_view& out) {
  const std::string wanted = lower(text);
  for (const std::string_view word : parts_of(words)) {
    if (word != wanted) continue;
    out = word;
    return true;
  }
  return false;
}

bool read_words(std::string_view text, std::string_view words, std::vector<std::string_view>& out) {
  out.clear();
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(", "), text.size());
    std::string_view word;
    if (!read_word(text.substr(0, end), words, word)) return false;
    out.push_back(word);
    text.remove_prefix(end);
    if (text.starts_with(',')) text.remove_prefix(1);
    if (text.starts_with(' ')) text.remove_prefix(1);
  }
  return !out.empty();
}

bool read_bool(std::string_view text, std::optional<bool>& out) {
  std::string_view word;
  if (read_word(text, "enabled true up on yes 1", word)) {
    out = true;
  } else if (read_word(text, "disabled false down off no 0", word)) {
    out = false;
  } else {
    return false;
  }
  return true;
}

bool read_switch(std::string_view text, std::optional<bool>& out) {
  std::string_view word;
  if (!read_word(text, "on off", word)) return false;
  out = word == "on";
  return true;
}

bool read_address(std::string_view text, Address& out) {
  const auto address = Address::parse(lower(text));
  if (!address || text.starts_with(':')) return false;
  out = *address;
  return true;
}

bool read_range(std::string_view text, ToolRange& out, bool& host_bits) {
  host_bits = false;
  out.port = 0;
  if (text.ends_with(']')) {
    const std::size_t open = text.find('[');
    bool named = false;
    if (open == std::string_view::npos || !read_port(text.substr(open), out.port, named) || named) return false;
    text = text.substr(0, open);
  }
  const std::size_t slash = text.find('/');
  Address address;
  const bool whole = text.substr(0, slash) == "::";
  if (whole) address = *Address::parse("::");
  if (!whole && !read_address(text.substr(0, slash), address)) return false;
  std::uint32_t length = address.bits();
  if (slash != std::string_view::npos && !read_number(text.substr(slash + 1), 0, address.bits(), length)) return false;
  out.net = masked(address, length);
  host_bits = out.net.address != address;
  return true;
}

bool read_port(std::string_view text, std::uint16_t& out, bool& named) {
  named = false;
  if (text.starts_with('[')) text.remove_prefix(1);
  if (text.ends_with(']')) text.remove_suffix(1);
  out = 0;
  if (lower(text) == "any") return true;
  if (const auto number = decimal(text, 0xffff)) {
    out = static_cast<std::uint16_t>(*number);
    return true;
  }
  const auto service = registered_service(text);
  named = service.has_value();
  if (named) out = service->port;
  return named;
}

bool read_listen(std::string_view text, Listen& out) {
  const auto parts = parts_of(text);
  Address address;
  if (parts.empty() || parts.size() > 2 || !read_address(parts[0], address)) return false;
  out.address = address;
  if (parts.size() == 1) return true;
  bool named = false;
  return parts[1].starts_with('[') && parts[1].ends_with(']') && read_port(parts[1], out.port, named) && !named &&
         lower(parts[1]) != "[any]";
}

bool read_lifetime(std::string_view text, std::uint32_t& seconds) {
  constexpr std::pair<std::string_view, std::uint32_t> units[] = {{"hour", 3600U}, {"hours", 3600U}, {"min", 60U},
                                                                  {"mins", 60U},   {"minutes", 60U}, {"sec", 1U},
                                                                  {"secs", 1U},    {"seconds", 1U}};
  const auto parts = parts_of(text);
  if (parts.size() != 3 || lower(parts[0]) != "time") return false;
  const auto count = decimal(parts[1], 0x7fffffff);
  if (!count) return false;
  for (const auto& [word, factor] : units) {
    if (lower(parts[2]) != word) continue;
    seconds = static_cast<std::uint32_t>(std::min<std::uint64_t>(*count * factor, 0xffffffff));
    return true;
  }
  return false;
}

bool read_group(std::string_view text, std::uint8_t& out) {
  out = group_number(lower(text));
  return out != 0 && out != 3 && out != 4;
}

bool read_number(std::string_view text, std::uint32_t least, std::uint32_t most, std::uint32_t& out) {
  const auto number = decimal(text, most);
  if (!number || *number < least) return false;
  out = static_cast<std::uint32_t>(*number);
  return true;
}

bool read_template_name(std::string_view text, std::string& out) {
  if (lower(text) != "%default" && !only_of(text, "-_")) return false;
  out = text;
  return true;
}

bool read_upperspec(std::string_view text, std::string& out, bool& named) {
  named = false;
  out = lower(text);
  if (out == "any" || out == "icmp6" || protocol_by_name(out).known || protocol_by_name(out).reserved) return true;
  if (const auto number = decimal(out, 65535)) return *number > 0;
  const auto parts = parts_of(out);
  if (parts.size() == 1) return named = registered_protocol(out).has_value();
  if (parts.size() != 2 || parts[0] != "icmp6") return false;
  const std::size_t comma = parts[1].find(',');
  return decimal(parts[1].substr(0, comma), 255) &&
         (comma == std::string_view::npos || decimal(parts[1].substr(comma + 1), 255));
}

bool read_identifier(std::string_view text, std::optional<Identifier>& out) {
  Identifier id;
  const auto parts = parts_of(text);
  if (parts.empty() || !read_word(parts[0], "address fqdn user_fqdn asn1dn keyid", id.type)) return false;
  const std::string_view value = unquoted(behind(text, parts[0]));
  if (id.type == "address" && !value.empty()) {
    Address address;
    if (!read_address(value, address)) return false;
    id.address = address;
  } else {
    const bool fits = id.type == "fqdn"        ? only_of(value, "-._")
                      : id.type == "user_fqdn" ? only_of(value, "-._@")
                      : id.type == "keyid"     ? value.starts_with('/') && value.find_first_of("\" \t") == value.npos
                      : id.type == "asn1dn"    ? value.empty() || only_of(value, "-.@_ \t\\/='[]")
                                               : value.empty();
    if (!fits) return false;
    id.value = value;
  }
  out = std::move(id);
  return true;
}

bool read_path(std::string_view text, std::string& out) {
  text = unquoted(text);
  if (text.empty() || text.find_first_of("\" \t") != std::string_view::npos) return false;
  out = text;
  return true;
}

bool read_certificate(std::string_view text, OwnCertificate& out) {
  const auto parts = parts_of(text);
  if (parts.size() != 3 || lower(parts[0]) != "x509") return false;
  out.kind = OwnCertificate::Kind::X509;
  return read_path(parts[1], out.certificate) && read_path(parts[2], out.key);
}

bool read_peers_certfile(std::string_view text, PeerCertificate& out) {
  const auto parts = parts_of(text);
  if (parts.empty() || parts.size() > 2) return false;
  out.file.clear();
  const std::string kind = lower(parts[0]);
  if (kind == "x509" && parts.size() == 2) {
    out.kind = PeerCertificate::Kind::X509;
    return read_path(parts[1], out.file);
  }
  // racoon-tool has no place for the name of a plain RSA file.
  if (parts.size() != 1 || (kind != "dnssec" && kind != "plain_rsa")) return false;
  out.kind = kind == "dnssec" ? PeerCertificate::Kind::Dnssec : PeerCertificate::Kind::PlainRsa;
  return true;
}

}  // namespace meshctl::racoon::tool
