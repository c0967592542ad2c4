// What becomes of a racoon-tool.conf as a whole.
#pragma once
#include "backend/racoon/racoon_tool_file.hpp"

namespace meshctl::racoon {

/// Connections that racoon-tool will not activate; defaults of its own that are weak.
void judge_racoon_tool(const ToolFile& file, DiagSink& sink);

}  // namespace meshctl::racoon
