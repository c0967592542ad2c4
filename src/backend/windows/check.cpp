#include "backend/windows/check.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "backend/windows/machine.hpp"
#include "backend/windows/netsh_rule.hpp"
#include "backend/windows/powershell_file.hpp"
#include "backend/windows/static_file.hpp"

namespace meshctl::windows {
namespace {

/// A file whose lines may be shown only if no key can stand in them.
FileId add(std::string_view name, std::string_view content, std::string_view key_mark, Sources& sources) {
  const bool secret = lower(content).find(key_mark) != std::string::npos;
  return sources.add(std::string(name), secret ? std::string() : std::string(content));
}

}  // namespace

bool looks_like_static(std::string_view base_name, std::string_view content) {
  const std::string text = lower(content);
  if (text.find("advfirewall") != std::string::npos) return false;
  if (text.starts_with("ipsec static") || text.starts_with("pushd ipsec")) return true;
  return looks_like_netsh(base_name, content) && text.find("ipsec static") != std::string::npos;
}

bool looks_like_netsh(std::string_view base_name, std::string_view content) {
  const std::string end = lower(base_name.substr(base_name.size() - std::min<std::size_t>(base_name.size(), 4)));
  if (end == ".cmd" || end == ".bat") return true;
  const std::size_t start = std::min(content.find_first_not_of(" \t\r\n"), content.size());
  const std::string first = lower(content.substr(start, 12));
  return first.starts_with("netsh ") || first.starts_with("advfirewall ") || first.starts_with("@echo off");
}

void check_netsh(std::string_view name, std::string_view content, Sources& sources, DiagSink& sink) {
  const FileId file = add(name, content, "psk=", sources);
  MachineReader reader;
  reader.add(parse_netsh(file, content, script_kind(name, content), sink));
  tell_open_ports(reader.take(), sink);
}

void check_static(std::string_view name, std::string_view content, Sources& sources, DiagSink& sink) {
  std::vector<StaticFile> files;
  files.push_back(parse_static(add(name, content, "psk=", sources), content, script_kind(name, content), sink));
  MachineReader reader;
  reader.add(files);
  tell_open_ports(reader.take(), sink);
}

void check_powershell(std::string_view name, std::string_view content, Sources& sources, DiagSink& sink) {
  MachineReader reader;
  const auto no_keys = [](const std::string&, Range&) { return Secret(); };
  reader.add(parse_powershell(add(name, content, "-presharedkey '", sources), content, sink), no_keys);
  tell_open_ports(reader.take(), sink);
}

}  // namespace meshctl::windows
