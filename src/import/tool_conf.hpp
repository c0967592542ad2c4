// racoon-tool.conf of Debian -> what racoon-tool makes of it: racoon.conf as values, and the policies that it loads.
#pragma once
#include "backend/racoon/racoon_tool_file.hpp"
#include "backend/racoon/setkey_file.hpp"
#include "base/diag.hpp"

namespace meshctl::importer {

struct ToolMade {
  racoon::ConfFile conf;
  racoon::SetkeyFile policies;
};

/// Connections that are not enabled make nothing. W8001: templates of the file's own, and what they would add. W8008:
/// settings that have no counterpart.
ToolMade made_by_racoon_tool(racoon::ToolFile file, DiagSink& sink);

}  // namespace meshctl::importer
