#include "backend/windows/check.hpp"

#include <algorithm>
#include <string>

#include "backend/windows/netsh_rule.hpp"

namespace meshctl::windows {

bool looks_like_netsh(std::string_view base_name, std::string_view content) {
  const std::string end = lower(base_name.substr(base_name.size() - std::min<std::size_t>(base_name.size(), 4)));
  if (end == ".cmd" || end == ".bat") return true;
  const std::size_t start = std::min(content.find_first_not_of(" \t\r\n"), content.size());
  const std::string first = lower(content.substr(start, 12));
  return first.starts_with("netsh ") || first.starts_with("advfirewall ") || first.starts_with("@echo off");
}

void check_netsh(std::string_view name, std::string_view content, Sources& sources, DiagSink& sink) {
  const bool secret = lower(content).find("psk=") != std::string::npos;
  const FileId file = sources.add(std::string(name), secret ? std::string() : std::string(content));
  parse_netsh(file, content, script_kind(name, content), sink);
}

}  // namespace meshctl::windows
