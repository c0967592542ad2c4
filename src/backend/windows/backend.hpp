// The Windows back end: connection-security rules, as scripts to review and to run (docs/windows.md).
#pragma once
#include <memory>

#include "backend/backend.hpp"

namespace meshctl::windows {

/// Fails when a template names a slot that is not there.
Result<std::unique_ptr<Backend>> make_backend(const TemplateSet& templates, Sources& sources);

}  // namespace meshctl::windows
