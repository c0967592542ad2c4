// `netsh ipsec static`: the IP Security Policies of Windows 2000 to today, as values. 3DES and SHA-1 are their best.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "backend/windows/script.hpp"
#include "base/secret.hpp"

namespace meshctl::windows {

/// One command: "add rule" with its parameters. The key of a rule stands in `psk` and not among `values`.
struct StaticCommand {
  std::string verb;  // "add rule", "set policy", "delete all"
  std::map<std::string, std::string> values;
  Secret psk;
  Range where;
};

struct StaticFile {
  std::vector<StaticCommand> commands;
};

/// Errors: netsh refuses it. Warnings: accepted, but wrong. Codes are those of netsh scripts, and E2045 to E2047,
/// W2038.
StaticFile parse_static(FileId file, std::string_view text, ScriptKind kind, DiagSink& sink);

}  // namespace meshctl::windows
