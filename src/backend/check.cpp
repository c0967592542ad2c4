#include "backend/check.hpp"

#include <string>
#include <utility>

#include "backend/racoon/conf_file.hpp"
#include "backend/racoon/psk_file.hpp"
#include "backend/racoon/setkey_file.hpp"
#include "backend/strongswan/model.hpp"
#include "backend/strongswan/xfrm.hpp"
#include "backend/windows/check.hpp"

namespace meshctl {
namespace {

constexpr std::pair<Format, std::string_view> kFormats[] = {{Format::Setkey, "setkey"}, {Format::Racoon, "racoon"},
                                                            {Format::Psk, "psk"},       {Format::Swanctl, "swanctl"},
                                                            {Format::Xfrm, "xfrm"},     {Format::Netsh, "netsh"}};

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// First word of the first line that says something.
std::string_view first_word(std::string_view content) {
  while (!content.empty()) {
    const std::size_t start = content.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos) return {};
    content.remove_prefix(start);
    if (content[0] != '#') return content.substr(0, content.find_first_of(" \t\r\n{;"));
    const std::size_t newline = content.find('\n');
    if (newline == std::string_view::npos) return {};
    content.remove_prefix(newline);
  }
  return {};
}

/// Manual SAs carry their keys in the file.
bool holds_keys(std::string_view setkey) { return has(setkey, "-E") || has(setkey, "-A"); }

}  // namespace

std::string_view text(Format format) {
  for (const auto& [value, word] : kFormats) {
    if (value == format) return word;
  }
  return {};
}

std::optional<Format> parse_format(std::string_view wanted) {
  for (const auto& [value, word] : kFormats) {
    if (word == wanted) return value;
  }
  return std::nullopt;
}

std::optional<Format> guess_format(std::string_view name, std::string_view content) {
  const std::string_view base = name.substr(name.rfind('/') + 1);  // npos + 1 is 0
  if (base == "racoon.conf") return Format::Racoon;
  if (base.starts_with("psk") && base.ends_with(".txt")) return Format::Psk;
  if (base == "setkey.conf" || base == "ipsec-tools.conf") return Format::Setkey;
  if (base == "swanctl.conf" || has(name, "/swanctl/")) return Format::Swanctl;
  if (base.ends_with(".xfrm")) return Format::Xfrm;
  if (windows::looks_like_netsh(base, content)) return Format::Netsh;
  if (content.starts_with("#!") && has(content.substr(0, content.find('\n')), "setkey")) return Format::Setkey;
  const std::string_view word = first_word(content);
  for (const std::string_view command : {"spdadd", "spdupdate", "spddelete", "spdflush", "flush", "add", "delete"}) {
    if (word == command) return Format::Setkey;
  }
  for (const std::string_view statement : {"path", "remote", "sainfo", "listen", "log", "padding", "timer"}) {
    if (word == statement) return Format::Racoon;
  }
  if (word == "connections" || word == "secrets" || word == "authorities" || word == "pools") return Format::Swanctl;
  if (word == "policy" || word == "xfrm") return Format::Xfrm;
  return std::nullopt;
}

Diags check_file(std::string_view name, std::string_view content, Format format, Sources& sources) {
  DiagSink sink;
  const auto add = [&](bool show) {
    return sources.add(std::string(name), show ? std::string(content) : std::string());
  };
  switch (format) {
    case Format::Setkey: racoon::parse_setkey(add(!holds_keys(content)), content, sink); break;
    case Format::Racoon: racoon::parse_racoon_conf(add(true), content, sink); break;
    case Format::Psk: racoon::parse_psk(add(false), content, sink); break;
    case Format::Swanctl: strongswan::parse_swanctl(name, content, sources, sink); break;
    case Format::Xfrm: strongswan::parse_xfrm(name, content, sources, sink); break;
    case Format::Netsh: windows::check_netsh(name, content, sources, sink); break;
  }
  return sink.take();
}

}  // namespace meshctl
