// What the tests of the Windows back end share.
#pragma once
#include <string>
#include <string_view>

#include "backend/windows/netsh_rule.hpp"
#include "base/sources.hpp"

namespace meshctl::windows_test {

/// Diagnostics of a script, in order: "E2007 1:42 [W07] …" lines.
inline std::string faults(std::string_view text, windows::ScriptKind kind = windows::ScriptKind::Batch) {
  Sources sources;
  DiagSink sink;
  const FileId file = sources.add("t", std::string(text));
  windows::parse_netsh(file, text, kind, sink);
  std::string out;
  for (const Diag& diag : sink.take()) {
    out += std::string(diag.code) + " " + std::to_string(diag.where.line) + ":" + std::to_string(diag.where.col) + " " +
           diag.text + "\n";
  }
  return out;
}

/// The same for one line of a `netsh -f` file, where no error check has to follow.
inline std::string line_faults(std::string_view line) { return faults(line, windows::ScriptKind::NetshFile); }

}  // namespace meshctl::windows_test
