#include "backend/check.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "backend/racoon/conf_file.hpp"
#include "backend/racoon/plainrsa_file.hpp"
#include "backend/racoon/psk_file.hpp"
#include "backend/racoon/racoon_tool_file.hpp"
#include "backend/racoon/setkey_file.hpp"
#include "backend/strongswan/model.hpp"
#include "backend/strongswan/xfrm.hpp"
#include "backend/windows/check.hpp"

namespace meshctl {
namespace {

constexpr Format kFormats[] = {Format::Racoon,  Format::Setkey, Format::Psk,   Format::PlainRsa,   Format::RacoonTool,
                               Format::Swanctl, Format::Xfrm,   Format::Netsh, Format::Powershell, Format::IpsecStatic};

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

/// [ADDRESS] ":" and then RSA or PUB.
bool is_plainrsa(std::string_view content) {
  std::string_view word = first_word(content);
  const auto next = [&content, &word] {
    const auto end = static_cast<std::size_t>(word.data() + word.size() - content.data());
    content.remove_prefix(end);
    word = first_word(content);
  };
  for (int addresses = 0; addresses < 2 && !word.empty() && !word.ends_with(':'); ++addresses) next();
  if (!word.ends_with(':') || word.size() > 50) return false;
  next();
  return word == "RSA" || word == "PUB";
}

/// Passwords of the services that racoon may ask.
bool holds_passwords(std::string_view conf) { return has(conf, "radiuscfg") || has(conf, "ldapcfg"); }

/// Manual SAs carry their keys in the file.
bool holds_keys(std::string_view setkey) { return has(setkey, "-E") || has(setkey, "-A"); }

void judge_named(const std::vector<NamedFile>& files, const HasFile& has_file, DiagSink& sink) {
  if (!has_file) return;
  for (const NamedFile& file : files) {
    if (!file.path.starts_with('/') || has_file(file.path)) continue;  // relative: to a folder that nobody names
    sink.warning("W4061", file.where,
                 file.include ? fmt::format("no file matches '{}', which is included", file.path)
                              : fmt::format("'{}' is not there", file.path))
        .with_hint("in a copy of a host's files, copy it as well, to its live path below the same folder");
  }
}

/// A copy that has lost its line ends is one comment, if a comment was its first line. setkey's parser sees its own.
void judge_one_comment(FileId file, std::string_view content, DiagSink& sink) {
  const std::size_t begin = content.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos || content[begin] != '#') return;
  const std::string_view line = content.substr(begin, content.find('\n', begin) - begin);
  const bool only = content.find_first_not_of(" \t\r\n", begin + line.size()) == std::string_view::npos;
  if (!only || line.find('{') == std::string_view::npos || line.find('}') == std::string_view::npos) return;
  sink.warning("W4062", {file, 1, 1, 0, 0}, "all that this file holds is one comment: nothing is loaded of it")
      .with_hint("a comment goes on to the end of its line: put the settings on lines of their own");
}

/// "/etc/swanctl/conf.d/" of "dump/etc/swanctl/conf.d/x.conf"
std::string_view live_folder(std::string_view name) {
  const auto root = folder_of_live_path(name);
  if (!root) return {};
  name.remove_prefix(root->size());
  return name.substr(0, name.rfind('/') + 1);
}

}  // namespace

std::optional<std::string_view> folder_of_live_path(std::string_view name) {
  for (const std::string_view live : {"/etc/racoon/", "/etc/swanctl/"}) {
    const std::size_t at = name.rfind(live);
    if (at != std::string_view::npos) return name.substr(0, at);
    if (name.starts_with(live.substr(1))) return name.substr(0, 0);
  }
  return std::nullopt;
}

std::span<const Format> formats() { return kFormats; }

std::string_view text(Format format) {
  switch (format) {
    case Format::Setkey: return "setkey";
    case Format::Racoon: return "racoon";
    case Format::Psk: return "psk";
    case Format::PlainRsa: return "plainrsa";
    case Format::RacoonTool: return "racoon-tool";
    case Format::Swanctl: return "swanctl";
    case Format::Xfrm: return "xfrm";
    case Format::Netsh: return "netsh";
    case Format::Powershell: return "powershell";
    case Format::IpsecStatic: return "ipsec-static";
  }
  return {};
}

std::optional<Format> parse_format(std::string_view wanted) {
  for (const Format format : kFormats) {
    if (text(format) == wanted) return format;
  }
  return std::nullopt;
}

std::optional<Format> guess_format(std::string_view name, std::string_view content) {
  const std::string_view base = name.substr(name.rfind('/') + 1);  // npos + 1 is 0
  if (base == "racoon.conf") return Format::Racoon;
  if (base == "racoon-tool.conf" || has(name, "/racoon-tool.conf.d/")) return Format::RacoonTool;
  if (base.starts_with("psk") && base.ends_with(".txt")) return Format::Psk;
  if (base == "setkey.conf" || base == "ipsec-tools.conf") return Format::Setkey;
  if (base == "swanctl.conf" || has(name, "/swanctl/")) return Format::Swanctl;
  if (base.ends_with(".xfrm")) return Format::Xfrm;
  if (base.ends_with(".ps1")) return Format::Powershell;
  if (windows::looks_like_static(base, content)) return Format::IpsecStatic;
  if (windows::looks_like_netsh(base, content)) return Format::Netsh;
  if (content.starts_with("#!") && has(content.substr(0, content.find('\n')), "setkey")) return Format::Setkey;
  if (is_plainrsa(content)) return Format::PlainRsa;
  const std::string_view word = first_word(content);
  for (const std::string_view section : {"global:", "GLOBAL:", "peer(", "PEER(", "connection(", "CONNECTION("}) {
    if (word.starts_with(section)) return Format::RacoonTool;
  }
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

Diags check_file(std::string_view name, std::string_view content, Format format, Sources& sources,
                 const HasFile& has_file) {
  DiagSink sink;
  const auto add = [&](bool show) {
    return sources.add(std::string(name), show ? std::string(content) : std::string());
  };
  switch (format) {
    case Format::Setkey: racoon::parse_setkey(add(!holds_keys(content)), content, sink); break;
    case Format::Racoon:
      judge_named(racoon::named_files(racoon::parse_racoon_conf(add(!holds_passwords(content)), content, sink)),
                  has_file, sink);
      break;
    case Format::Psk: racoon::parse_psk(add(false), content, sink); break;
    case Format::PlainRsa: racoon::parse_plainrsa(add(false), content, racoon::PlainRsaUse::Unknown, sink); break;
    case Format::RacoonTool: racoon::parse_racoon_tool(add(true), content, sink); break;
    case Format::Swanctl:
      judge_named(strongswan::named_files(strongswan::parse_swanctl(name, content, sources, sink), live_folder(name)),
                  has_file, sink);
      break;
    case Format::Xfrm: strongswan::parse_xfrm(name, content, sources, sink); break;
    case Format::Netsh: windows::check_netsh(name, content, sources, sink); break;
    case Format::Powershell: windows::check_powershell(name, content, sources, sink); break;
    case Format::IpsecStatic: windows::check_static(name, content, sources, sink); break;
  }
  if (format == Format::Racoon || format == Format::Swanctl) judge_one_comment(add(false), content, sink);
  return sink.take();
}

}  // namespace meshctl
