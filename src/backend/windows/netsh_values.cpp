// Values of parameters: lists of addresses, ports, proposals, CA names.
#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "backend/windows/netsh_rule.hpp"

namespace meshctl::windows {
namespace {

constexpr std::string_view kEndpointWords[] = {"localsubnet", "dns", "dhcp", "wins", "defaultgateway"};

/// Calls `item` for each part; false as soon as it says so. An empty part is handed over as well.
template <class F>
bool split(std::string_view text, char separator, F item) {
  for (;;) {
    const std::size_t end = text.find(separator);
    if (!item(text.substr(0, end))) return false;
    if (end == std::string_view::npos) return true;
    text.remove_prefix(end + 1);
  }
}

template <class T>
bool number(std::string_view text, T& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return !text.empty() && error == std::errc() && end == text.data() + text.size();
}

/// A mask such as 255.255.255.0 -> 24.
std::optional<unsigned> mask_length(const Address& mask) {
  unsigned length = 0;
  while (length < 32 && (mask.bytes()[length / 8] & (0x80U >> (length % 8))) != 0) ++length;
  for (unsigned bit = length; bit < 32; ++bit) {
    if ((mask.bytes()[bit / 8] & (0x80U >> (bit % 8))) != 0) return std::nullopt;
  }
  return length;
}

Address last_of(const Prefix& prefix) {
  auto bytes = prefix.address.bytes();
  for (unsigned bit = prefix.length; bit < prefix.address.bits(); ++bit) {
    bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] | (0x80U >> (bit % 8)));
  }
  if (prefix.family() == Family::V6) return Address::v6(bytes);
  return Address::v4(std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 |
                     bytes[3]);
}

bool endpoint_item(std::string_view text, EndpointItem& out) {
  if (std::find(std::begin(kEndpointWords), std::end(kEndpointWords), text) != std::end(kEndpointWords)) {
    out.keyword = std::string(text);
    return true;
  }
  if (const std::size_t dash = text.find('-'); dash != std::string_view::npos) {
    const auto low = Address::parse(text.substr(0, dash));
    const auto high = Address::parse(text.substr(dash + 1));
    if (!low || !high || low->family() != high->family() || *high < *low) return false;
    out.low = *low;
    out.high = *high;
    return true;
  }
  std::string spelled(text);
  if (const std::size_t slash = text.find('/'); slash != std::string_view::npos) {
    const auto mask = Address::parse(text.substr(slash + 1));
    if (mask && mask->family() == Family::V4) {
      const auto length = mask_length(*mask);
      if (!length) return false;
      spelled = fmt::format("{}/{}", text.substr(0, slash), *length);
    }
  }
  const auto prefix = Prefix::parse(spelled);
  if (!prefix) return false;
  out.low = prefix->address;
  out.high = last_of(*prefix);
  return true;
}

template <class T>
bool take_word(std::string_view word, std::span<const NetshWord<T>> words, T& out) {
  const T* found = find_word(words, word);
  if (found) out = *found;
  return found != nullptr;
}

bool esp_pair(std::string_view body, std::pair<Integrity, Encryption>& out) {
  const std::size_t dash = body.find('-');
  return dash != std::string_view::npos && take_word(body.substr(0, dash), esp_integrity_words(), out.first) &&
         take_word(body.substr(dash + 1), esp_encryption_words(), out.second);
}

/// `ah:sha1+esp:sha1-aes128+60min+100000kb`: the parts in this order, each at most once.
bool quick_item(std::string_view text, QuickProposal& out) {
  int stage = 0;  // 0 nothing yet, 1 after ah, 2 after esp or authnoencap, 3 after min, 4 after kb
  return split(text, '+', [&](std::string_view part) {
    if (part.starts_with("ah:") && stage == 0) {
      stage = 1;
      return take_word(part.substr(3), ah_words(), out.ah.emplace());
    }
    if (part.starts_with("esp:") && stage <= 1) {
      stage = 2;
      return esp_pair(part.substr(4), out.esp.emplace());
    }
    if (part.starts_with("authnoencap:") && stage == 0) {
      stage = 2;
      return take_word(part.substr(12), esp_integrity_words(), out.no_encap.emplace());
    }
    if (part.ends_with("min") && stage >= 1 && stage <= 2) {
      stage = 3;
      return number(part.substr(0, part.size() - 3), out.minutes.emplace());
    }
    if (part.ends_with("kb") && stage >= 1 && stage <= 3) {
      stage = 4;
      return number(part.substr(0, part.size() - 2), out.kilobytes.emplace());
    }
    return false;
  });
}

bool yes_no(std::string_view text, std::optional<bool>& out) {
  if (text == "yes") out = true;
  if (text == "no") out = false;
  return out.has_value();
}

bool ca_item(std::string_view text, CaName& out, std::string& why) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  for (;;) {
    const std::size_t blank = text.rfind(' ');
    const std::string option = blank == std::string_view::npos ? std::string() : lower(text.substr(blank + 1));
    const std::size_t colon = option.find(':');
    const std::string_view key = std::string_view(option).substr(0, colon);
    const std::string_view value = colon == std::string::npos ? "" : std::string_view(option).substr(colon + 1);
    if (key == "certmapping" && value != "") {
      if (!yes_no(value, out.cert_mapping)) return why = "certmapping is yes or no", false;
    } else if (key == "excludecaname" && value != "") {
      if (!yes_no(value, out.exclude_ca_name)) return why = "excludecaname is yes or no", false;
    } else if (key == "catype" && value != "") {
      out.intermediate = value == "intermediate";
      if (value != "root" && value != "intermediate") return why = "catype is root or intermediate", false;
    } else {
      break;
    }
    text = text.substr(0, blank);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  }
  out.name = std::string(text);
  if (text.find("CN=") == std::string_view::npos) {
    why = fmt::format("'{}' is not an X.500 name with a CN= in it", text);
    return false;
  }
  return true;
}

}  // namespace

bool parse_endpoint(std::string_view text, Endpoint& out, std::string& why) {
  out.clear();
  if (text == "any") return true;
  return split(text, ',', [&](std::string_view item) {
    if (item == "any") return why = "'any' is only allowed alone", false;
    if (endpoint_item(item, out.emplace_back())) return true;
    why = fmt::format("'{}' is not an address, subnet or range", item);
    return false;
  });
}

bool parse_ports(std::string_view text, Ports& out, std::string& why) {
  out.clear();
  if (text == "any") return true;
  return split(text, ',', [&](std::string_view item) {
    PortSpan& span = out.emplace_back();
    const std::size_t dash = item.find('-');
    const bool good =
        number(item.substr(0, dash), span.low) &&
        (dash == std::string_view::npos ? number(item, span.high) : number(item.substr(dash + 1), span.high));
    if (good && span.low <= span.high) return true;
    why = fmt::format("'{}' is not a port or a range of ports", item);
    return false;
  });
}

bool parse_protocol(std::string_view text, std::optional<std::uint8_t>& out, std::string& why) {
  out.reset();
  if (text == "any") return true;
  if (text == "tcp") return out = std::uint8_t{6}, true;
  if (text == "udp") return out = std::uint8_t{17}, true;
  if (text == "icmpv4") return out = std::uint8_t{1}, true;
  if (text == "icmpv6") return out = std::uint8_t{58}, true;
  if (number(text, out.emplace())) return true;
  why = text.starts_with("icmpv") ? "ICMP types belong to 'advfirewall firewall', not to these rules"
                                  : fmt::format("'{}' is not 0 to 255, tcp, udp, icmpv4, icmpv6 or any", text);
  return false;
}

bool parse_ca_names(std::string_view text, std::vector<CaName>& out, std::string& why) {
  out.clear();
  return split(text, '|', [&](std::string_view item) { return ca_item(item, out.emplace_back(), why); });
}

bool parse_quick(std::string_view text, std::vector<QuickProposal>& out, std::string& why) {
  out.clear();
  if (text == "default") return true;
  return split(text, ',', [&](std::string_view item) {
    if (quick_item(item, out.emplace_back())) return true;
    why = fmt::format("'{}' is not a proposal such as esp:sha1-aes256+60min+100000kb", item);
    return false;
  });
}

bool parse_main(std::string_view text, std::vector<MainProposal>& out, std::string& why) {
  out.clear();
  if (text == "default") return true;
  return split(text, ',', [&](std::string_view item) {
    MainProposal& proposal = out.emplace_back();
    const std::size_t colon = item.find(':');
    const std::size_t dash = item.find('-');
    const bool parts = colon != std::string_view::npos && dash != std::string_view::npos && colon < dash;
    if (parts && take_word(item.substr(0, colon), key_exchange_words(), proposal.exchange) &&
        take_word(item.substr(colon + 1, dash - colon - 1), main_encryption_words(), proposal.encryption) &&
        take_word(item.substr(dash + 1), main_integrity_words(), proposal.integrity)) {
      return true;
    }
    why = fmt::format("'{}' is not a proposal such as dhgroup14:aes256-sha256", item);
    return false;
  });
}

bool parse_main_lifetime(std::string_view text, MainLifetime& out, std::string& why) {
  out = {};
  const bool good = split(text, ',', [&](std::string_view item) {
    if (item.ends_with("min") && !out.minutes && !out.sessions) {
      return number(item.substr(0, item.size() - 3), out.minutes.emplace());
    }
    if (item.ends_with("sess") && !out.sessions) {
      return number(item.substr(0, item.size() - 4), out.sessions.emplace());
    }
    return false;
  });
  if (!good) why = fmt::format("'{}' is not a lifetime such as 480min,0sess", text);
  return good;
}

}  // namespace meshctl::windows
